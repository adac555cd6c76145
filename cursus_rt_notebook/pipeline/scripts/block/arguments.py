"""The arguments that a block's parser takes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cursus_rt_notebook.pipeline.scripts.block.found import ArgUse
from cursus_rt_notebook.pipeline.scripts.block.module import Module, folded

_METHODS = frozenset({"add_argument", "parse_args", "parse_known_args"})
_SWITCHES = {"store_true": False, "store_false": True, "BooleanOptionalAction": None}


def parsed_arguments(module: Module) -> tuple[dict[str, ArgUse], bool, bool]:
    """The arguments by the name of their attribute, whether these are all, and whether any other is an error."""
    found: dict[str, ArgUse] = {}
    whole, strict = True, False
    for call, method in _calls(module):
        if method != "add_argument":
            strict = method == "parse_args"
            continue
        use = _argument(call, module)
        if use is None:
            whole = False
        else:
            name, argument = use
            found.setdefault(name, argument)
    return found, whole, strict


def _calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Each call of a parser's method in the block, and in the functions that it calls by name."""
    todo: list[ast.AST] = [*module.block]
    seen: set[str] = set()
    while todo:
        for node in ast.walk(todo.pop(0)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
                yield node, node.func.attr
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                function = module.functions.get(node.func.id)
                if function is not None and node.func.id not in seen and node.func.id != "main":
                    seen.add(node.func.id)
                    todo.append(function)


def _argument(call: ast.Call, module: Module) -> tuple[str, ArgUse] | None:
    flags = [folded(each, module) for each in call.args]
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    if not flags or not all(isinstance(flag, str) for flag in flags) or None in options:
        return None
    flag = next((each for each in flags if each.startswith("--")), flags[0])
    action = str(folded(options.get("action"), module) or ast.unparse(options.get("action", ast.Name(""))))
    action = action.rpartition(".")[2]
    default = folded(options.get("default"), module)
    if action in _SWITCHES and "default" not in options:
        default = _SWITCHES[action]
    choices = folded(options.get("choices"), module)
    named = folded(options.get("dest"), module)
    name = named if isinstance(named, str) else flag.lstrip("-").replace("-", "_")
    positional = not flag.startswith("-")
    use = ArgUse(
        flag=flag,
        type="bool" if action in _SWITCHES else ast.unparse(options["type"]) if "type" in options else "str",
        default=default,
        choices=tuple(choices) if isinstance(choices, list) else None,
        required=bool(folded(options.get("required"), module)) or (positional and "nargs" not in options),
        line=call.lineno,
    )
    return name, use
