"""How a block ends: its exit codes, and what each stands for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from cursus_rt_notebook.pipeline.scripts.block.failing import EXITS
from cursus_rt_notebook.pipeline.scripts.block.found import Ending
from cursus_rt_notebook.pipeline.scripts.block.module import Module, folded


@dataclass(frozen=True)
class _Place:
    """Where in a block we are: in which handler, under which condition on what `main` returned."""

    kinds: tuple[str, ...] = ()
    raised: bool = False
    when: str = ""
    result: str = ""


def endings(module: Module) -> tuple[Ending, ...]:
    """The exits of a block, in its order."""
    return tuple(_of_body(module.block, _Place(result=_result_of(module.block)), module))


def _result_of(block: Iterable[ast.stmt]) -> str:
    """The name that holds what `main` returned."""
    for node in (each for statement in block for each in ast.walk(statement)):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="main"))):
                return name
            case _:
                pass
    return ""


def _of_body(body: Iterable[ast.stmt], place: _Place, module: Module) -> Iterator[Ending]:
    for statement in body:
        yield from _of_statement(statement, place, module)


def _of_statement(node: ast.stmt, place: _Place, module: Module) -> Iterator[Ending]:
    match node:
        case ast.Try() | ast.TryStar():
            yield from _of_body(node.body, place, module)
            for handler in node.handlers:
                inside = replace(place, kinds=_kinds(handler.type), raised=True)
                yield from _of_body(handler.body, inside, module)
            yield from _of_body((*node.orelse, *node.finalbody), place, module)
        case ast.If():
            test = _of_result(node.test, place.result)
            yes = replace(place, when=test) if test else place
            no = replace(place, when=f"not ({test})") if test else place
            yield from _of_body(node.body, yes, module)
            yield from _of_body(node.orelse, no, module)
        case ast.With() | ast.AsyncWith() | ast.For() | ast.AsyncFor() | ast.While():
            yield from _of_body(node.body, place, module)
        case ast.Expr(value=ast.Call(func=func, args=args)) if ast.unparse(func) in EXITS:
            yield _ending(node, args[0] if args else ast.Constant(0), place, module)
        case ast.Raise(exc=ast.Call(func=ast.Name(id="SystemExit"), args=args)):
            yield _ending(node, args[0] if args else ast.Constant(0), place, module)
        case _:
            pass


def _ending(node: ast.stmt, code: ast.expr, place: _Place, module: Module) -> Ending:
    value: Any = folded(code, module)
    if isinstance(code, ast.Constant) and code.value is None:
        value = 0
    number = int(value) if isinstance(value, int) else 1 if isinstance(value, str) else None
    return Ending(node.lineno, number, "raised" if place.raised else "returned", place.kinds, place.when)


def _kinds(node: ast.expr | None) -> tuple[str, ...]:
    if node is None:
        return ("BaseException",)
    return tuple(ast.unparse(each) for each in (node.elts if isinstance(node, ast.Tuple) else [node]))


class _Renamed(ast.NodeTransformer):
    def __init__(self, name: str) -> None:
        self._name = name

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name("result", node.ctx) if node.id == self._name else node


def _of_result(test: ast.expr, name: str) -> str:
    """A condition on what `main` returned, which is then called `result`; empty for another condition."""
    if not name or not any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(test)):
        return ""
    return ast.unparse(_Renamed(name).visit(ast.parse(ast.unparse(test), mode="eval").body))
