"""What a block makes of the variables of the environment, and of the paths of the ports."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any

from cursus_rt_notebook.pipeline.scripts.block.found import Converted, Kind, PortGiven
from cursus_rt_notebook.pipeline.scripts.block.module import READERS, Module, folded
from cursus_rt_notebook.pipeline.scripts.block.pure import is_pure
from cursus_rt_notebook.pipeline.scripts.block.state import UNTOLD, Entry

_MAKES: dict[str, Kind] = {"int": "int", "float": "float", "bool": "bool", "str": "text"}
_OF_TEXT = frozenset({"lower", "upper", "strip", "lstrip", "rstrip", "replace", "join", "format", "title", "dumps"})


def port_given(entry: Entry, module: Module) -> PortGiven:
    """A port as the block passes it."""
    paths = list(dict.fromkeys(_paths(entry.value, module))) if entry.value is not None else []
    return PortGiven(
        line=entry.line,
        path=paths[0] if paths else None,
        always=entry.when is None,
        when=condition(entry),
        others=tuple(paths[1:]),
    )


def _paths(value: ast.expr, module: Module) -> Iterator[str]:
    if isinstance(value, ast.IfExp):
        yield from (*_paths(value.body, module), *_paths(value.orelse, module))
        return
    path = folded(value, module, defaults=True)
    if isinstance(path, str):
        yield path


def condition(entry: Entry) -> str:
    """The text of the condition under which an entry is there; empty where it cannot be told."""
    return "" if entry.when is None or _has_untold(entry.when) else ast.unparse(entry.when)


def _has_untold(node: ast.expr) -> bool:
    return any(isinstance(each, ast.Constant) and each.value is UNTOLD.value for each in ast.walk(node))


def converted(name: str, entry: Entry, module: Module) -> Converted:
    """A variable as the block passes it."""
    value = entry.value
    alone = value is not None and is_pure(value, module)
    return Converted(
        line=entry.line,
        expression=ast.unparse(value) if alone and value is not None else "",
        default=_default(name, value, module) if value is not None else None,
        kind=_kind(value, module) if value is not None else "other",
        reads=tuple(dict.fromkeys(read for read, _ in _reads(value, module))) if value is not None else (),
        always=entry.when is None,
        when=condition(entry),
    )


def _reads(value: ast.expr, module: Module) -> Iterator[tuple[str, ast.expr | None]]:
    """The variables that an expression reads, each with what stands in for it; those that a helper is given by name, too."""
    for node in ast.walk(value):
        match node:
            case ast.Call(func=func, args=[first, *rest]):
                named = ast.unparse(func)
                helper = isinstance(func, ast.Name) and func.id in module.functions
                name = folded(first, module) if named in READERS or helper else None
                if isinstance(name, str) and (named in READERS or name.isupper()):
                    keyword = next((each.value for each in node.keywords if each.arg == "default"), None)
                    yield name, rest[0] if rest else keyword
            case ast.Subscript(value=owner, slice=key) if ast.unparse(owner) in {"os.environ", "environ"}:
                name = folded(key, module)
                if isinstance(name, str):
                    yield name, None
            case _:
                pass


def _default(name: str, value: ast.expr, module: Module) -> str | None:
    for read, default in _reads(value, module):
        if read == name and default is not None:
            return _as_text(default, module)
    return None


def _as_text(node: ast.expr, module: Module) -> str | None:
    """What stands in for a variable, as the text that the variable would hold."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="json"), attr="dumps"), args=[inner]):
            held = folded(inner, module)
            return json.dumps(held) if held is not None else None
        case ast.Call(func=ast.Name(id="str"), args=[inner]):
            held = folded(inner, module)
            return str(held) if held is not None else None
        case _:
            held: Any = folded(node, module)
            return str(held) if isinstance(held, (str, int, float)) else None


def _kind(value: ast.expr, module: Module) -> Kind:
    match value:
        case ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return "bool"
        case ast.JoinedStr():
            return "text"
        case ast.Subscript(value=owner) if ast.unparse(owner) in {"os.environ", "environ"}:
            return "text"
        case ast.IfExp(body=a, orelse=b):
            return _alike([_kind(each, module) for each in (a, b) if not _is_none(each)])
        case ast.BoolOp(values=values):
            return _alike([_kind(each, module) for each in values if not _is_none(each)])
        case ast.Call():
            return _kind_of_call(value, module)
        case _:
            held = folded(value, module)
            return "bool" if isinstance(held, bool) else _MAKES.get(type(held).__name__, "other")


def _kind_of_call(value: ast.Call, module: Module) -> Kind:
    name = ast.unparse(value.func)
    if name in _MAKES:
        return _MAKES[name]
    if name in READERS:
        # A default that is no text is what `main` gets where the variable is not set.
        default = folded(value.args[1], module) if len(value.args) > 1 else None
        return "text" if default is None or isinstance(default, str) else "other"
    if isinstance(value.func, ast.Attribute) and value.func.attr in _OF_TEXT:
        return "text"
    helper = module.functions.get(name)
    returns = ast.unparse(helper.returns) if helper is not None and helper.returns is not None else ""
    return _MAKES.get(returns, "other")


def _alike(kinds: list[Kind]) -> Kind:
    return kinds[0] if kinds and len(set(kinds)) == 1 else "other"


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
