"""The names of a file, and what is constant in it."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

_DEEPEST = 40


class NotConstant(Exception):
    """An expression's value cannot be told from the text."""


@dataclass(frozen=True)
class Module:
    """What a file binds at its outermost level, without what runs only where it is started.

    `constants` are the names that get a value once, `functions` those that are defined once; `block` is what runs where the
    file is started.
    """

    names: frozenset[str] = frozenset()
    constants: dict[str, ast.expr] = field(default_factory=dict[str, ast.expr])
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict[str, ast.FunctionDef])
    block: tuple[ast.stmt, ...] = ()
    line: int = 0


def module_of(tree: ast.Module) -> Module:
    """The names of a file."""
    body: list[ast.stmt] = []
    block: list[ast.stmt] = []
    line = 0
    for statement in tree.body:
        if isinstance(statement, ast.If) and _is_started(statement.test):
            line = line or statement.lineno
            block += statement.body
        else:
            body.append(statement)
    bound: dict[str, list[ast.AST]] = {}
    for statement in body:
        for name, node in _bindings(statement):
            bound.setdefault(name, []).append(node)
    once = {name: nodes[0] for name, nodes in bound.items() if len(nodes) == 1}
    return Module(
        frozenset(bound),
        {name: node for name, node in once.items() if isinstance(node, ast.expr)},
        {name: node for name, node in once.items() if isinstance(node, ast.FunctionDef)},
        tuple(block),
        line,
    )


def _is_started(test: ast.expr) -> bool:
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
        case ast.Compare(left=ast.Constant(value="__main__"), ops=[ast.Eq()], comparators=[ast.Name(id="__name__")]):
            return True
        case ast.BoolOp(op=ast.And(), values=values):
            return any(map(_is_started, values))
        case _:
            return False


def _bindings(statement: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    """Each name that a statement binds, with its value where that is plain, else with the statement."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, statement
        case ast.Import() | ast.ImportFrom():
            yield from ((alias.asname or alias.name.partition(".")[0], statement) for alias in statement.names)
        case _:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id, statement
                elif isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)):
                    yield from ((name, statement) for name, _ in _bindings(node))


def fold(node: ast.expr, module: Module, *, defaults: bool = False, depth: int = 0) -> Any:
    """The value of an expression; a path is its text.

    Args:
        defaults: Whether a variable of the environment counts as what stands in for it.

    Raises:
        NotConstant: the text does not tell it.
    """
    if depth > _DEEPEST:
        raise NotConstant

    def inner(each: ast.expr) -> Any:
        return fold(each, module, defaults=defaults, depth=depth + 1)

    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in module.constants:
            return inner(module.constants[name])
        case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
            return [inner(each) for each in elts]
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {_hashable(inner(k)): inner(v) for k, v in zip(keys, values, strict=True) if k is not None}
        case ast.Subscript(value=owner, slice=key):
            return _item(owner, key, inner, module)
        case _:
            return _made(node, inner, defaults=defaults)


def folded(node: ast.expr | None, module: Module, *, defaults: bool = False) -> Any:
    """The value of an expression; None where the text does not tell it."""
    try:
        return None if node is None else fold(node, module, defaults=defaults)
    except NotConstant:
        return None


def _made(node: ast.expr, inner: Callable[[ast.expr], Any], *, defaults: bool) -> Any:
    """What an expression makes of others."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _sum(inner(left), inner(right))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return posixpath.join(_text(inner(left)), _text(inner(right)))
        case ast.JoinedStr(values=values):
            return "".join(_text(inner(v.value if isinstance(v, ast.FormattedValue) else v)) for v in values)
        case ast.Call():
            return _call(node, inner, defaults=defaults)
        case _:
            raise NotConstant


def _item(owner: ast.expr, key: ast.expr, inner: Callable[[ast.expr], Any], module: Module) -> Any:
    """One entry, without asking what the others are."""
    wanted = inner(key)
    if isinstance(owner, ast.Name):
        owner = module.constants.get(owner.id, owner)
    if isinstance(owner, ast.Dict):
        for each, value in zip(owner.keys, owner.values, strict=True):
            if each is not None and inner(each) == wanted:
                return inner(value)
    held = inner(owner)
    try:
        return held[wanted]
    except (TypeError, LookupError):
        raise NotConstant from None


def _call(node: ast.Call, inner: Callable[[ast.expr], Any], *, defaults: bool) -> Any:
    name = ast.unparse(node.func)
    match name.rpartition(".")[2], node.args:
        case "join", [_, *_] if name.endswith("path.join"):
            return posixpath.join(*(_text(inner(each)) for each in node.args))
        case "Path" | "PurePosixPath" | "PosixPath", [_, *_]:
            return posixpath.join(*(_text(inner(each)) for each in node.args))
        case "str" | "fspath" | "abspath" | "normpath", [only]:
            return str(inner(only))
        case "get" | "getenv", [_, default] if defaults and name in READERS:
            return inner(default)
        case _:
            raise NotConstant


# How a script asks for a variable of the environment.
READERS = frozenset({"os.environ.get", "os.getenv", "environ.get", "getenv"})


def _hashable(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        raise NotConstant
    return value


def _sum(left: Any, right: Any) -> Any:
    if isinstance(left, (str, list, int, float)) and type(left) is type(right):
        return left + right
    raise NotConstant


def _text(value: Any) -> str:
    if isinstance(value, (str, int)):
        return str(value)
    raise NotConstant
