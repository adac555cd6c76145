"""Expressions, and what they may be."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any

from cursus_rt_notebook.pipeline.scripts.assign import assign
from cursus_rt_notebook.pipeline.scripts.calls import call
from cursus_rt_notebook.pipeline.scripts.escape import escape
from cursus_rt_notebook.pipeline.scripts.flow import Flow, Reading, fork, without_absent
from cursus_rt_notebook.pipeline.scripts.guards import told_by
from cursus_rt_notebook.pipeline.scripts.items import attribute, item
from cursus_rt_notebook.pipeline.scripts.paths import below, written_out
from cursus_rt_notebook.pipeline.scripts.values import (
    NONE,
    UNKNOWN,
    Absent,
    Const,
    Entries,
    Function,
    Given,
    Library,
    Many,
    Row,
    Taken,
    Value,
    constant,
    each_of,
    joined,
    one,
    only,
    text_of,
)

_BUILTINS = frozenset(dir(builtins))
_UNROLLED = 16


def value(reading: Reading, node: ast.expr, flow: Flow) -> Value:
    """What an expression may be, noting what it takes from the contract."""
    read = _READ.get(type(node))
    return read(reading, node, flow) if read is not None else _parts(reading, node, flow)


def _parts(reading: Reading, node: ast.expr, flow: Flow) -> Value:
    """An expression that is not followed: its parts may go anywhere."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.expr):
            escape(reading, reading.value(part, flow), flow, changes=False)
    return UNKNOWN


def _constant(_reading: Reading, node: ast.Constant, _flow: Flow) -> Value:
    held = node.value
    return constant(type(held), held) if isinstance(held, (str, int, type(None))) else UNKNOWN


def _name(_reading: Reading, node: ast.Name, flow: Flow) -> Value:
    found = flow.scope.find(node.id)
    if found is not None:
        return without_absent(found, flow)
    return one(Library(f"builtins.{node.id}")) if node.id in _BUILTINS else UNKNOWN


def _attribute(reading: Reading, node: ast.Attribute, flow: Flow) -> Value:
    return attribute(reading, node, reading.value(node.value, flow), flow)


def _subscript(reading: Reading, node: ast.Subscript, flow: Flow) -> Value:
    owner = reading.value(node.value, flow)
    return item(reading, node, owner, reading.value(node.slice, flow), flow)


def _slice(reading: Reading, node: ast.Slice, flow: Flow) -> Value:
    for part in filter(None, (node.lower, node.upper, node.step)):
        reading.value(part, flow)
    return UNKNOWN


def _row(reading: Reading, node: ast.Tuple | ast.List | ast.Set, flow: Flow) -> Value:
    items: list[Value] = []
    known = True
    for part in node.elts:
        if not isinstance(part, ast.Starred):
            items.append(reading.value(part, flow))
            continue
        spread = reading.value(part.value, flow)
        inner = only(spread)
        if isinstance(inner, Row):
            items += inner.items
        else:
            escape(reading, spread, flow, changes=False)
            known = False
            items.append(each_of(spread))
    # With something unknown among it the order is not known; what is in it is.
    return one(Row(tuple(items))) if known else one(Row((*items, UNKNOWN)))


def _dict(reading: Reading, node: ast.Dict, flow: Flow) -> Value:
    entries: list[tuple[str, Value]] = []
    loose: list[Value] = []
    for key, part in zip(node.keys, node.values, strict=True):
        held = reading.value(part, flow)
        if key is None:
            escape(reading, held, flow, changes=False)
            loose.append(UNKNOWN)
            continue
        name = text_of(reading.value(key, flow))
        if name is None:
            loose.append(held)
        else:
            entries.append((name, held))
    if loose:
        return one(Many(joined([*loose, *(held for _, held in entries)])))
    return one(Entries(tuple(entries)))


def _joined(reading: Reading, node: ast.JoinedStr, flow: Flow) -> Value:
    pieces = [reading.value(part.value if isinstance(part, ast.FormattedValue) else part, flow) for part in node.values]
    return written_out(pieces)


def _binary(reading: Reading, node: ast.BinOp, flow: Flow) -> Value:
    left, right = reading.value(node.left, flow), reading.value(node.right, flow)
    a, b = only(left), only(right)
    if isinstance(node.op, ast.Div) and any(isinstance(atom, Taken) for atom in left):
        return below(left, [right])
    if isinstance(node.op, ast.Add):
        if isinstance(a, Row) and isinstance(b, Row):
            return one(Row((*a.items, *b.items)))
        if isinstance(a, (Taken, Const)) and not (isinstance(a, Const) and not isinstance(a.value, str)):
            return written_out([left, right])
    if isinstance(node.op, ast.BitOr):  # of two mappings, a new one
        escape(reading, left | right, flow, changes=False)
    return UNKNOWN


def _boolean(reading: Reading, node: ast.BoolOp, flow: Flow) -> Value:
    found: list[Value] = []
    way = flow
    for part in node.values:
        last = part is node.values[-1]
        held = reading.value(part, way)
        if isinstance(node.op, ast.Or) and not last:
            held = frozenset(a for a in held if not isinstance(a, Absent) and a != NONE)
        found.append(held)
        if not last:
            side = told_by(part, reading, way)[0 if isinstance(node.op, ast.And) else 1]
            # What is given is never empty, so that nothing is decided by asking whether it is there.
            sure = isinstance(node.op, ast.And) and only(held) in {Given("args"), Given("os")}
            way = fork(way, known=side, certain=sure)
    return joined(found) or UNKNOWN


def _choice(reading: Reading, node: ast.IfExp, flow: Flow) -> Value:
    reading.value(node.test, flow)
    true, false = told_by(node.test, reading, flow)
    yes = reading.value(node.body, fork(flow, known=true))
    no = reading.value(node.orelse, fork(flow, known=false))
    return joined([yes, no])


def _compare(reading: Reading, node: ast.Compare, flow: Flow) -> Value:
    left = reading.value(node.left, flow)
    for op, part in zip(node.ops, node.comparators, strict=True):
        right = reading.value(part, flow)
        if isinstance(op, (ast.In, ast.NotIn)):
            _asked(reading, node, left, right, flow)
        left = right
    return UNKNOWN


def _asked(reading: Reading, node: ast.Compare, key: Value, container: Value, flow: Flow) -> None:
    for atom in container:
        if isinstance(atom, Given):
            for name in key:
                if isinstance(name, Const) and isinstance(name.value, str):
                    reading.use(atom.kind, name.value, node, flow, demanded=False)
                else:
                    reading.record.lose(atom.kind, changed=False)


def _not(reading: Reading, node: ast.UnaryOp, flow: Flow) -> Value:
    reading.value(node.operand, flow)
    return UNKNOWN


def _walrus(reading: Reading, node: ast.NamedExpr, flow: Flow) -> Value:
    held = reading.value(node.value, flow)
    assign(reading, node.target, held, flow)
    return held


def _lambda(_reading: Reading, node: ast.Lambda, flow: Flow) -> Value:
    return one(Function(node, flow.scope))


def _list_of(reading: Reading, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, flow: Flow) -> Value:
    found: list[Value] = []
    whole = _turn(reading, node.generators, flow, lambda way: found.append(reading.value(node.elt, way)))
    return one(Row(tuple(found))) if whole else one(Many(joined(found) or UNKNOWN))


def _dict_of(reading: Reading, node: ast.DictComp, flow: Flow) -> Value:
    found: list[tuple[str | None, Value]] = []

    def entry(way: Flow) -> None:
        found.append((text_of(reading.value(node.key, way)), reading.value(node.value, way)))

    whole = _turn(reading, node.generators, flow, entry)
    named = [(name, held) for name, held in found if name is not None]
    if whole and len(named) == len(found):
        return one(Entries(tuple(named)))
    return one(Many(joined([held for _, held in found]) or UNKNOWN))


def _turn(reading: Reading, generators: list[ast.comprehension], flow: Flow, each: Callable[[Flow], None]) -> bool:
    """Go through the loops of a comprehension; whether all its turns were gone through one by one."""
    way = fork(flow, certain=True)
    way.scope = reading.scope({}, flow.scope)
    whole = _turns(reading, generators, way, each)
    flow.left |= way.left
    return whole


def _turns(reading: Reading, generators: list[ast.comprehension], flow: Flow, each: Callable[[Flow], None]) -> bool:
    if not generators:
        each(flow)
        return True
    first, *rest = generators
    over = reading.value(first.iter, flow)
    row = only(over)
    whole = isinstance(row, Row) and 0 < len(row.items) <= _UNROLLED
    if not whole:
        escape(reading, over, flow, changes=False)
    for held in row.items if whole else [each_of(over)]:
        assign(reading, first.target, held, flow)
        way = flow if whole and not first.ifs else fork(flow)
        for test in first.ifs:
            reading.value(test, way)
            way = fork(way, known=told_by(test, reading, way)[0])
        whole = _turns(reading, rest, way, each) and whole
    return whole and not first.ifs


def _passed_on(reading: Reading, node: ast.Await | ast.Yield | ast.YieldFrom, flow: Flow) -> Value:
    if node.value is None:
        return UNKNOWN
    held = reading.value(node.value, flow)
    if isinstance(node, ast.Await):
        return held
    flow.returns.append(one(Many(held)))
    return UNKNOWN


def _starred(reading: Reading, node: ast.Starred, flow: Flow) -> Value:
    return reading.value(node.value, flow)


_READ: dict[type[ast.expr], Callable[[Reading, Any, Flow], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Call: call,
    ast.Tuple: _row,
    ast.List: _row,
    ast.Set: _row,
    ast.Dict: _dict,
    ast.JoinedStr: _joined,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.IfExp: _choice,
    ast.Compare: _compare,
    ast.UnaryOp: _not,
    ast.NamedExpr: _walrus,
    ast.Lambda: _lambda,
    ast.ListComp: _list_of,
    ast.SetComp: _list_of,
    ast.GeneratorExp: _list_of,
    ast.DictComp: _dict_of,
    ast.Await: _passed_on,
    ast.Yield: _passed_on,
    ast.YieldFrom: _passed_on,
    ast.Starred: _starred,
}
