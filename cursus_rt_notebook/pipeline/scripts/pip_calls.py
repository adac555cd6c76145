"""What a script asks pip for, as far as its text tells: such calls are skipped, so somebody should know."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterable, Iterator

from cursus_rt_notebook.pipeline.scripts.block.module import Module, folded
from cursus_rt_notebook.pipeline.scripts.use import PipUse

_IN_TEXT = re.compile(r"\bpip3?\b")
_PIP = re.compile(r"pip3?(?:\.\d+)?$")
# Options whose value is the next word.
_WITH_VALUE = frozenset(
    {"-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target", "--trusted-host", "--prefix"}
    | {"--root", "--timeout", "--retries", "--cache-dir", "--proxy", "-r", "--requirement", "-c", "--constraint", "-e"}
)
_SHELLS = frozenset({"system", "run", "call", "check_call", "check_output", "Popen", "getoutput", "popen"})


def pip_calls(tree: ast.Module, module: Module, text: str) -> tuple[PipUse, ...]:
    """The requirements that a script names in its own text, with their lines, each once.

    Followed are lists of words that start pip, shell commands, and the file's own functions that pass what they are given
    on to one of these.
    """
    if not _IN_TEXT.search(text):
        return ()
    lines = text.splitlines()
    installers = _installers(module, lines)
    found: dict[str, PipUse] = {}
    words = ("pip", *installers)
    for statement in tree.body:
        if _speaks_of(words, statement, lines):
            for call in (node for node in ast.walk(statement) if isinstance(node, ast.Call)):
                for requirement in _asked(call, installers, module):
                    found.setdefault(requirement, PipUse(requirement, call.lineno))
    return tuple(found.values())


def _speaks_of(words: Iterable[str], node: ast.stmt, lines: list[str]) -> bool:
    """Whether the lines of a statement hold one of these words: a quick first look."""
    own = "\n".join(lines[node.lineno - 1 : node.end_lineno])
    return any(re.search(rf"\b{word}\b", own) for word in words if word in own)


def _installers(module: Module, lines: list[str]) -> dict[str, int]:
    """The functions that install what they are given: the place of that parameter among the others, by name."""
    found: dict[str, int] = {}
    new = ("pip",)
    while new:
        more = {
            name: place
            for name, function in module.functions.items()
            if name not in found
            and _speaks_of(new, function, lines)
            and (place := _passes_on(function, found)) is not None
        }
        found |= more
        new = tuple(more)
    return found


def _passes_on(function: ast.FunctionDef, installers: dict[str, int]) -> int | None:
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    if not names:
        return None
    for call in (each for each in ast.walk(function) if isinstance(each, ast.Call)):
        given = [_argument(call, installers)] if _name(call) in installers else _after_install(call)
        for each in given:
            for inner in ast.walk(each) if each is not None else ():
                if isinstance(inner, ast.Name) and inner.id in names:
                    return names.index(inner.id)
    return None


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _argument(call: ast.Call, installers: dict[str, int]) -> ast.expr | None:
    """What a call gives to the parameter that is installed; by keyword only what there is one of."""
    place = installers[_name(call)]
    if len(call.args) > place:
        return call.args[place]
    return call.keywords[0].value if len(call.keywords) == 1 and not call.args else None


def _after_install(call: ast.Call) -> list[ast.expr]:
    """The words after `pip install` in a call that is given a list of words."""
    for words in (each.elts for each in call.args if isinstance(each, (ast.List, ast.Tuple))):
        texts = [each.value if isinstance(each, ast.Constant) else None for each in words]
        if "install" in texts and any(isinstance(text, str) and _PIP.match(text) for text in texts):
            return _without_values(words[texts.index("install") + 1 :])
    return []


def _without_values(words: list[ast.expr]) -> list[ast.expr]:
    """Words without the options that have a value, and these."""
    texts = [each.value if isinstance(each, ast.Constant) else None for each in words]
    pairs = zip(words, [None, *texts], texts, strict=False)
    return [each for each, before, text in pairs if before not in _WITH_VALUE and text not in _WITH_VALUE]


def _asked(call: ast.Call, installers: dict[str, int], module: Module) -> Iterator[str]:
    if _name(call) in installers:
        given = folded(_argument(call, installers), module)
        words = given if isinstance(given, list) else [given]
    elif after := _after_install(call):
        words = [word for each in after for word in _words(each, module)]
    else:
        words = _of_command(call, module)
    yield from _requirements(words)


def _words(node: ast.expr, module: Module) -> list[object]:
    if isinstance(node, ast.Starred):
        held = folded(node.value, module)
        return list(held) if isinstance(held, list) else []
    return [folded(node, module)]


def _of_command(call: ast.Call, module: Module) -> list[object]:
    """The words after `pip install` in a shell command."""
    named = getattr(call.func, "attr", getattr(call.func, "id", ""))
    command = folded(call.args[0], module) if call.args and named in _SHELLS else None
    if not isinstance(command, str) or "pip" not in command:
        return []
    try:
        words = shlex.split(command.split("&&")[0].split(";")[0])
    except ValueError:
        return []
    if "install" not in words or not any(_PIP.match(word) for word in words[: words.index("install")]):
        return []
    return [*words[words.index("install") + 1 :]]


def _requirements(words: Iterable[object]) -> Iterator[str]:
    rest = iter(words)
    for word in rest:
        if word in _WITH_VALUE:
            next(rest, None)
        elif isinstance(word, str) and word and not word.startswith("-"):
            yield word
