"""Statements, in the order in which they run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from cursus_rt_notebook.pipeline.scripts import blocks
from cursus_rt_notebook.pipeline.scripts.assign import assign, bind_import, delete
from cursus_rt_notebook.pipeline.scripts.escape import escape
from cursus_rt_notebook.pipeline.scripts.flow import FUNCTION, LOOP, Flow, Reading
from cursus_rt_notebook.pipeline.scripts.values import (
    UNKNOWN,
    Class,
    Const,
    Function,
    Library,
    one,
    only,
)


def run(reading: Reading, body: Iterable[ast.stmt], flow: Flow) -> None:
    """Follow these statements until one of them leaves."""
    for statement in body:
        if flow.end:
            return
        reading.step()
        follow = _FOLLOW.get(type(statement))
        if follow is not None:
            follow(reading, statement, flow)


def _expression(reading: Reading, node: ast.Expr, flow: Flow) -> None:
    value = node.value
    if isinstance(value, ast.Constant) or (isinstance(value, ast.Call) and reading.may_pass_over(node, flow)):
        return
    reading.value(value, flow)
    if isinstance(value, ast.Call) and getattr(value.func, "attr", getattr(value.func, "id", "")) in _EXITS:
        _leave(reading, value, flow)


_EXITS = {"exit", "_exit", "quit"}


def _leave(reading: Reading, call: ast.Call, flow: Flow) -> None:
    name = only(reading.value(call.func, flow))
    if not (isinstance(name, Library) and name.name in {"sys.exit", "builtins.exit", "builtins.quit", "os._exit"}):
        return
    code = only(reading.value(call.args[0], flow)) if call.args else Const(0)
    failed = isinstance(code, Const) and bool(code.value)
    flow.end = "raise" if failed else "return"
    reading.exited |= not failed


def _assignment(reading: Reading, node: ast.Assign, flow: Flow) -> None:
    idle = isinstance(node.value, ast.Call) and reading.may_pass_over(node, flow)
    value = UNKNOWN if idle else reading.value(node.value, flow)
    for target in node.targets:
        assign(reading, target, value, flow)


def _annotated(reading: Reading, node: ast.AnnAssign, flow: Flow) -> None:
    if node.value is not None:
        assign(reading, node.target, reading.value(node.value, flow), flow)


def _augmented(reading: Reading, node: ast.AugAssign, flow: Flow) -> None:
    escape(reading, reading.value(node.value, flow), flow)
    if isinstance(node.target, ast.Name):
        load = ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target)
        whole = ast.copy_location(ast.BinOp(load, node.op, node.value), node)
        assign(reading, node.target, reading.value(whole, flow), flow)
    else:
        load = ast.copy_location(_loaded(node.target), node.target)
        reading.value(load, flow)
        assign(reading, node.target, UNKNOWN, flow)


def _loaded(target: ast.Subscript | ast.Attribute) -> ast.expr:
    if isinstance(target, ast.Subscript):
        return ast.Subscript(target.value, target.slice, ast.Load())
    return ast.Attribute(target.value, target.attr, ast.Load())


def _delete(reading: Reading, node: ast.Delete, flow: Flow) -> None:
    for target in node.targets:
        delete(reading, target, flow)


def _return(reading: Reading, node: ast.Return, flow: Flow) -> None:
    flow.returns.append(reading.value(node.value, flow) if node.value is not None else one(Const(None)))
    flow.left |= FUNCTION
    flow.end = "return"


def _loop_control(_reading: Reading, _node: ast.stmt, flow: Flow) -> None:
    flow.left |= LOOP
    flow.end = "loop"


def _raise(reading: Reading, node: ast.Raise, flow: Flow) -> None:
    if node.exc is not None:
        reading.value(node.exc, flow)
    flow.end = "raise"


def _function(reading: Reading, node: ast.FunctionDef | ast.AsyncFunctionDef, flow: Flow) -> None:
    for part in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
        reading.value(part, flow)
    flow.scope.names[node.name] = one(Function(node, flow.scope))


def _class(reading: Reading, node: ast.ClassDef, flow: Flow) -> None:
    for part in (*node.decorator_list, *node.bases):
        reading.value(part, flow)
    flow.scope.names[node.name] = one(Class(node, flow.scope))


def _import(reading: Reading, node: ast.Import | ast.ImportFrom, flow: Flow) -> None:
    del reading
    bind_import(node, flow)


def _elsewhere(reading: Reading, node: ast.Global | ast.Nonlocal, flow: Flow) -> None:
    del reading
    flow.scope.elsewhere.update(node.names)


_FOLLOW: dict[type[ast.stmt], Callable[[Reading, Any, Flow], None]] = {
    ast.Expr: _expression,
    ast.Assign: _assignment,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: _delete,
    ast.Return: _return,
    ast.Break: _loop_control,
    ast.Continue: _loop_control,
    ast.Raise: _raise,
    ast.Assert: blocks.follow_assert,
    ast.If: blocks.follow_if,
    ast.For: blocks.follow_for,
    ast.AsyncFor: blocks.follow_for,
    ast.While: blocks.follow_while,
    ast.With: blocks.follow_with,
    ast.AsyncWith: blocks.follow_with,
    ast.Try: blocks.follow_try,
    ast.TryStar: blocks.follow_try,
    ast.Match: blocks.follow_match,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.Global: _elsewhere,
    ast.Nonlocal: _elsewhere,
}
