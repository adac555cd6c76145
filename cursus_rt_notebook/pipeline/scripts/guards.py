"""What a test tells: the keys that are surely there where it holds, and where it does not."""

from __future__ import annotations

import ast

from cursus_rt_notebook.pipeline.scripts.flow import Flow, Key, Reading, fork
from cursus_rt_notebook.pipeline.scripts.values import Absent, Given, Method, Table, Taken, Value, only, text_of

Keys = frozenset[Key]
_NOTHING: tuple[Keys, Keys] = (frozenset(), frozenset())


def told_by(test: ast.expr, reading: Reading, flow: Flow) -> tuple[Keys, Keys]:
    """The keys that are there if the test is true, and those that are there if it is false."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            true, false = told_by(operand, reading, flow)
            return false, true
        case ast.BoolOp(op=op, values=values):
            return _several(values, 0 if isinstance(op, ast.And) else 1, reading, flow)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(left, op, right, reading, flow)
        case ast.Call(func=ast.Name(id="hasattr"), args=[owner, name]):
            return _holds(reading.value(owner, flow), text_of(reading.value(name, flow)))
        case ast.Name() | ast.NamedExpr() | ast.Call(func=ast.Attribute(attr="get" | "getenv") | ast.Name(id="getenv")):
            return _absent_of(reading.value(test, flow)), frozenset()
        case _:
            return _NOTHING


def _several(values: list[ast.expr], side: int, reading: Reading, flow: Flow) -> tuple[Keys, Keys]:
    """What `a and b` tells where it is true (side 0), or `a or b` where it is false (side 1)."""
    found: Keys = frozenset()
    for value in values:
        found |= told_by(value, reading, fork(flow, known=found, certain=not found and value is values[0]))[side]
    return (found, frozenset()) if side == 0 else (frozenset(), found)


def _compared(left: ast.expr, op: ast.cmpop, right: ast.expr, reading: Reading, flow: Flow) -> tuple[Keys, Keys]:
    if isinstance(op, (ast.In, ast.NotIn)):
        true, false = _holds(reading.value(right, flow), text_of(reading.value(left, flow)))
        return (true, false) if isinstance(op, ast.In) else (false, true)
    if isinstance(right, ast.Constant) and right.value is None:
        there = _absent_of(reading.value(left, flow))
        if isinstance(op, (ast.Is, ast.Eq)):
            return frozenset(), there
        if isinstance(op, (ast.IsNot, ast.NotEq)):
            return there, frozenset()
    return _NOTHING


def _holds(container: Value, key: str | None) -> tuple[Keys, Keys]:
    if key is None:
        return _NOTHING
    match only(container):
        case Given(kind) | Method(Given(kind), "keys"):
            return frozenset({(kind, key)}), frozenset()
        case Table() as table:
            return frozenset({(table, key)}), frozenset()
        case Method(Table() as table, "columns"):
            return frozenset({(table, key)}), frozenset()
        case _:
            return _NOTHING


def _absent_of(value: Value) -> Keys:
    """The keys for whose lack a value is None."""
    absent = [a for a in value if isinstance(a, Absent)]
    if len(absent) == 1 and all(a == Taken(absent[0].kind, absent[0].key) or a is absent[0] for a in value):
        return frozenset({(absent[0].kind, absent[0].key)})
    return frozenset()
