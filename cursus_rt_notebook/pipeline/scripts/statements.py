"""Statements, in the order in which they run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from cursus_rt_notebook.pipeline.scripts.assign import assign, bind_import, delete, forget_names
from cursus_rt_notebook.pipeline.scripts.escape import escape
from cursus_rt_notebook.pipeline.scripts.flow import FUNCTION, LOOP, Flow, Key, Reading, fork, several
from cursus_rt_notebook.pipeline.scripts.guards import told_by
from cursus_rt_notebook.pipeline.scripts.values import (
    UNKNOWN,
    Class,
    Const,
    Function,
    Given,
    Library,
    Row,
    Table,
    Value,
    each_of,
    is_followed,
    joined,
    one,
    only,
    text_of,
)

_UNROLLED = 16
# Exceptions that the lack of a key or an attribute raises.
_CATCH = {"KeyError", "LookupError", "AttributeError", "Exception", "BaseException"}


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
    value = reading.value(node.value, flow)
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


def _assert(reading: Reading, node: ast.Assert, flow: Flow) -> None:
    reading.value(node.test, flow)
    true, _ = told_by(node.test, reading, flow)
    _demand(reading, true, node.test, flow)


def _if(reading: Reading, node: ast.If, flow: Flow) -> None:
    reading.value(node.test, flow)
    fixed = _decided(node.test, reading, flow)
    if fixed is not None:
        reading.run(node.body if fixed else node.orelse, flow)
        return
    true, false = told_by(node.test, reading, flow)
    yes, no = fork(flow, known=true), fork(flow, known=false)
    then, other = several(flow, [(yes, partial(reading.run, node.body)), (no, partial(reading.run, node.orelse))])
    # What fails where a key is not there demands the key.
    if then.end == "raise" and other.end != "raise":
        _demand(reading, false, node.test, flow)
    if other.end == "raise" and then.end != "raise":
        _demand(reading, true, node.test, flow)


def _decided(test: ast.expr, reading: Reading, flow: Flow) -> bool | None:
    """What a test surely gives: whether this file is the one that was started is known."""
    if isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__":
        same = text_of(reading.value(test.comparators[0], flow)) == "__main__"
        return reading.as_script == (isinstance(test.ops[0], ast.Eq)) if same else None
    atom = only(reading.value(test, flow)) if isinstance(test, (ast.Constant, ast.Name)) else None
    if isinstance(atom, Given) and atom.kind in {"args", "os"}:
        return True
    return bool(atom.value) if isinstance(test, ast.Constant) and isinstance(atom, Const) else None


def _demand(reading: Reading, keys: Iterable[Key], node: ast.expr, flow: Flow) -> None:
    for of, key in keys:
        surely = flow.surely and not reading.exited
        if isinstance(of, Table):
            reading.record.column(of, key, node.lineno, surely=surely)
        else:
            reading.record.use(of, key, node.lineno, demanded=not flow.caught, surely=surely)
    flow.known = flow.known.union(keys)


def _for(reading: Reading, node: ast.For | ast.AsyncFor, flow: Flow) -> None:
    over = reading.value(node.iter, flow)
    row = only(over)
    before = flow.left & LOOP
    if isinstance(row, Row) and 0 < len(row.items) <= _UNROLLED:
        for item in row.items:
            if not flow.end:
                assign(reading, node.target, item, flow)
                _pass_of(reading, node.body, flow)
    else:
        escape(reading, over, flow, changes=False)
        _any_times(flow, lambda way: _enter(reading, node, over, way))
    flow.left = (flow.left & ~LOOP) | before
    reading.run(node.orelse, flow)


def _pass_of(reading: Reading, body: list[ast.stmt], flow: Flow) -> None:
    """One time round a loop; break and continue end it, not the function."""
    way = fork(flow, certain=True)
    several(flow, [(way, lambda inner: _unless_left(reading, body, inner))])


def _unless_left(reading: Reading, body: list[ast.stmt], way: Flow) -> None:
    reading.run(body, way)
    if way.end == "loop":
        way.end = ""


def _enter(reading: Reading, node: ast.For | ast.AsyncFor, over: Value, way: Flow) -> None:
    assign(reading, node.target, each_of(over), way)
    _unless_left(reading, node.body, way)


def _while(reading: Reading, node: ast.While, flow: Flow) -> None:
    before = flow.left & LOOP
    reading.value(node.test, flow)
    true, _ = told_by(node.test, reading, flow)

    def once(way: Flow) -> None:
        way.known = way.known.union(true)
        _unless_left(reading, node.body, way)

    _any_times(flow, once)
    flow.left = (flow.left & ~LOOP) | before
    reading.run(node.orelse, flow)


def _any_times(flow: Flow, once: Callable[[Flow], None]) -> None:
    """A loop that may turn any number of times; a second turn shows what a later one finds of an earlier one."""
    before = flow.scope.names
    for _ in range(2):
        several(flow, [(fork(flow), once), (fork(flow), lambda _way: None)])
        flow.end = ""
        after = flow.scope.names
        if not any(after.get(name) != held and is_followed(after.get(name, held)) for name, held in before.items()):
            return


def _with(reading: Reading, node: ast.With | ast.AsyncWith, flow: Flow) -> None:
    swallows = False
    for item in node.items:
        value = reading.value(item.context_expr, flow)
        if isinstance(item.context_expr, ast.Call):
            func = only(reading.value(item.context_expr.func, flow))
            swallows |= isinstance(func, Library) and func.name.rpartition(".")[2] in {"suppress", "raises"}
        if item.optional_vars is not None:
            assign(reading, item.optional_vars, value, flow)
    if not swallows:
        reading.run(node.body, flow)
        return
    way = fork(flow, caught=True)
    several(flow, [(way, lambda inner: reading.run(node.body, inner)), (fork(flow), lambda _way: None)])
    flow.end = ""


def _try(reading: Reading, node: ast.Try | ast.TryStar, flow: Flow) -> None:
    soft = [handler for handler in node.handlers if not _always_raises(handler.body)]
    caught = any(_catches(handler) for handler in soft)
    body = fork(flow, certain=not soft, caught=caught)
    before = flow.scope.names
    after: dict[str, Value] = {}

    def go_on(way: Flow) -> None:
        reading.run(node.body, way)
        after.update(way.scope.names)
        reading.run(node.orelse, way)

    def handle(handler: ast.ExceptHandler) -> Callable[[Flow], None]:
        def go(way: Flow) -> None:
            # Any part of the body may have run.
            changed = {name: held for name, held in after.items() if before.get(name) is not held}
            way.scope.names.update({n: joined([before.get(n, UNKNOWN), held]) for n, held in changed.items()})
            if handler.name:
                way.scope.names[handler.name] = UNKNOWN
            reading.run(handler.body, way)

        return go

    several(flow, [(body, go_on), *((fork(flow), handle(h)) for h in node.handlers)])
    end, flow.end = flow.end, ""
    reading.run(node.finalbody, flow)
    flow.end = flow.end or end


def _catches(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or getattr(kind, "attr", getattr(kind, "id", "")) in _CATCH for kind in kinds)


def _always_raises(body: list[ast.stmt]) -> bool:
    """Whether a handler surely fails: told from its last statement."""
    match body[-1]:
        case ast.Raise():
            return True
        case ast.Expr(ast.Call(func=ast.Attribute(attr="exit") | ast.Name(id="exit"), args=args)):
            return bool(args) and not (isinstance(args[0], ast.Constant) and not args[0].value)
        case ast.If(body=then, orelse=other):
            return bool(other) and _always_raises(then) and _always_raises(other)
        case _:
            return False


def _match(reading: Reading, node: ast.Match, flow: Flow) -> None:
    escape(reading, reading.value(node.subject, flow), flow, changes=False)

    def case(one_case: ast.match_case) -> Callable[[Flow], None]:
        def go(way: Flow) -> None:
            forget_names([one_case.pattern], way)
            reading.run(one_case.body, way)

        return go

    several(flow, [*((fork(flow), case(c)) for c in node.cases), (fork(flow), lambda _way: None)])


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
    ast.Assert: _assert,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Match: _match,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.Global: _elsewhere,
    ast.Nonlocal: _elsewhere,
}
