"""What a source file imports, where, and whether it goes on without it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from cursus_rt_notebook.pipeline.scripts.use import ImportUse

_CATCH = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


def find_imports(tree: ast.Module) -> tuple[ImportUse, ...]:
    """All imports, in the order of their lines."""
    return tuple(sorted(_in(tree.body, optional=False, surely=True), key=lambda use: use.line))


def _in(body: Iterable[ast.stmt], *, optional: bool, surely: bool) -> Iterator[ImportUse]:
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom():
                yield from _uses(node, optional=optional, surely=surely)
            case ast.Try() | ast.TryStar():
                soft = any(_goes_on(handler) for handler in node.handlers)
                yield from _in(node.body, optional=optional or soft, surely=surely and not soft)
                yield from _in([*node.orelse], optional=optional, surely=False)
                for handler in node.handlers:
                    yield from _in(handler.body, optional=True, surely=False)
                yield from _in(node.finalbody, optional=optional, surely=surely)
            case ast.ClassDef() | ast.With() | ast.AsyncWith():
                soft = optional or _suppresses(node)
                yield from _in(node.body, optional=soft, surely=surely)
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
                yield from _in(node.orelse, optional=optional, surely=surely)
            case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
                yield from _in([*node.body, *node.orelse], optional=optional, surely=False)
            case ast.Match():
                yield from _in([s for case in node.cases for s in case.body], optional=optional, surely=False)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _in(node.body, optional=optional, surely=False)
            case _:
                pass


def _goes_on(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    caught = any(kind is None or getattr(kind, "attr", getattr(kind, "id", "")) in _CATCH for kind in kinds)
    return caught and not isinstance(handler.body[-1], ast.Raise)


def _suppresses(node: ast.stmt) -> bool:
    items = node.items if isinstance(node, (ast.With, ast.AsyncWith)) else []
    calls = [item.context_expr.func for item in items if isinstance(item.context_expr, ast.Call)]
    return any(getattr(call, "attr", getattr(call, "id", "")) == "suppress" for call in calls)


def _uses(node: ast.Import | ast.ImportFrom, *, optional: bool, surely: bool) -> Iterator[ImportUse]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield ImportUse(alias.name, node.lineno, optional=optional, surely=surely)
    else:
        names = tuple(alias.name for alias in node.names)
        yield ImportUse(node.module or "", node.lineno, names, node.level, optional=optional, surely=surely)
