"""Statements that hold others: what is certain inside them, and after them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import partial

from cursus_rt_notebook.pipeline.scripts.assign import assign, forget_names
from cursus_rt_notebook.pipeline.scripts.escape import escape
from cursus_rt_notebook.pipeline.scripts.flow import LOOP, Flow, Key, Reading, fork, several
from cursus_rt_notebook.pipeline.scripts.guards import told_by
from cursus_rt_notebook.pipeline.scripts.values import (
    UNKNOWN,
    Const,
    Given,
    Library,
    Row,
    Table,
    Value,
    each_of,
    is_followed,
    joined,
    only,
    text_of,
)

_UNROLLED = 16
# Exceptions that the lack of a key or an attribute raises.
_CATCH = {"KeyError", "LookupError", "AttributeError", "Exception", "BaseException"}


def follow_assert(reading: Reading, node: ast.Assert, flow: Flow) -> None:
    """`assert`: what is asserted is demanded."""
    reading.value(node.test, flow)
    true, _ = told_by(node.test, reading, flow)
    _demand(reading, true, node.test, flow)


def follow_if(reading: Reading, node: ast.If, flow: Flow) -> None:
    """`if`: both ways, then where they meet."""
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


def follow_for(reading: Reading, node: ast.For | ast.AsyncFor, flow: Flow) -> None:
    """`for`: a list as written one by one, anything else as often as may be."""
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


def follow_while(reading: Reading, node: ast.While, flow: Flow) -> None:
    """`while`."""
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


def follow_with(reading: Reading, node: ast.With | ast.AsyncWith, flow: Flow) -> None:
    """`with`; contextlib's suppress forgives what is missing."""
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


def follow_try(reading: Reading, node: ast.Try | ast.TryStar, flow: Flow) -> None:
    """`try`: what a handler catches without failing is forgiven."""
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


def follow_match(reading: Reading, node: ast.Match, flow: Flow) -> None:
    """`match`: any of its cases, or none."""
    escape(reading, reading.value(node.subject, flow), flow, changes=False)

    def case(one_case: ast.match_case) -> Callable[[Flow], None]:
        def go(way: Flow) -> None:
            forget_names([one_case.pattern], way)
            reading.run(one_case.body, way)

        return go

    several(flow, [*((fork(flow), case(c)) for c in node.cases), (fork(flow), lambda _way: None)])
