"""Names and places that get a value."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from cursus_rt_notebook.pipeline.scripts.escape import escape
from cursus_rt_notebook.pipeline.scripts.flow import Flow, Reading
from cursus_rt_notebook.pipeline.scripts.values import (
    UNKNOWN,
    Entries,
    Given,
    Library,
    Many,
    Method,
    Row,
    Scope,
    Table,
    Value,
    each_of,
    joined,
    one,
    only,
    text_of,
    texts_of,
)


def assign(reading: Reading, target: ast.expr, value: Value, flow: Flow) -> None:
    """Give a target its value."""
    match target:
        case ast.Name(id=name):
            _name(reading, name, value, flow)
        case ast.Tuple(elts=elts) | ast.List(elts=elts):
            _unpack(reading, elts, value, flow)
        case ast.Starred(value=inner):
            assign(reading, inner, UNKNOWN, flow)
        case ast.Subscript(value=owner, slice=key):
            held = reading.value(owner, flow)
            if not mutate(owner, held, value, flow):
                escape(reading, value, flow)
            _item(reading, held, reading.value(key, flow), flow)
        case ast.Attribute(value=owner, attr=attr):
            escape(reading, value, flow)
            _attribute(reading, reading.value(owner, flow), attr)
        case _:
            escape(reading, value, flow)


def mutate(owner: ast.expr, held: Value, more: Value, flow: Flow) -> bool:
    """Forget the order and the keys of a list or dict that a name holds, since it is changed; whether it is one."""
    if not any(isinstance(atom, (Row, Entries, Many)) for atom in held):
        return False
    if isinstance(owner, ast.Name):
        values = [item for atom in held if isinstance(atom, Entries) for _, item in atom.items]
        values += [
            each_of(one(atom)) for atom in held if isinstance(atom, Many) or (isinstance(atom, Row) and atom.items)
        ]
        scope: Scope | None = flow.scope
        while scope is not None and owner.id not in scope.names:
            scope = scope.around
        (scope or flow.scope).names[owner.id] = one(Many(joined([*values, more])))
        return True
    return False


def _name(reading: Reading, name: str, value: Value, flow: Flow) -> None:
    if name not in flow.scope.elsewhere:
        flow.scope.names[name] = value
        return
    # Who else reads it, and when, is not known.
    escape(reading, value, flow)
    scope = flow.scope.around
    while scope is not None and name not in scope.names and scope.around is not None:
        scope = scope.around
    if scope is not None:
        scope.names[name] = joined([scope.names.get(name, UNKNOWN), value])


def _unpack(reading: Reading, targets: list[ast.expr], value: Value, flow: Flow) -> None:
    row = only(value)
    starred = any(isinstance(target, ast.Starred) for target in targets)
    if isinstance(row, Row) and len(row.items) == len(targets) and not starred:
        for target, item in zip(targets, row.items, strict=True):
            assign(reading, target, item, flow)
        return
    if starred or not isinstance(row, Row):
        escape(reading, value, flow, changes=False)
    for target in targets:
        assign(reading, target, each_of(value), flow)


def _item(reading: Reading, owner: Value, key: Value, flow: Flow) -> None:
    name = text_of(key)
    for atom in owner:
        match atom:
            case Given(kind) if name is not None:
                reading.record.set_by_script(kind, name)
                flow.known = flow.known.union({(kind, name)})
            case Given(kind):
                reading.record.lose(kind, changed=True)
            case Table() as table:
                _columns_made(reading, table, key)
            case Method(Table() as table, "loc" | "iloc" | "at"):
                row = only(key)
                _columns_made(reading, table, row.items[-1] if isinstance(row, Row) and row.items else UNKNOWN)
            case _:
                pass


def _columns_made(reading: Reading, table: Table, key: Value) -> None:
    names = texts_of(key)
    if names:
        reading.record.make(table, names)
    else:
        reading.record.tainted.add(table.made_at)


def _attribute(reading: Reading, owner: Value, attr: str) -> None:
    for atom in owner:
        if atom == Given("args"):
            reading.record.set_by_script("args", attr)
        elif isinstance(atom, Table):
            reading.record.tainted.add(atom.made_at)


def delete(reading: Reading, target: ast.expr, flow: Flow) -> None:
    """Take a name or an item away."""
    match target:
        case ast.Name(id=name):
            flow.scope.names.pop(name, None)
        case ast.Subscript(value=owner, slice=key):
            name = text_of(reading.value(key, flow))
            for atom in reading.value(owner, flow):
                if isinstance(atom, Given) and name is not None:
                    reading.use(atom.kind, name, target, flow, demanded=True)
                elif isinstance(atom, Given):
                    reading.record.lose(atom.kind, changed=True)
        case _:
            pass


def bind_import(node: ast.Import | ast.ImportFrom, flow: Flow) -> None:
    """Give the names of an import their libraries."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            name = alias.asname or alias.name.partition(".")[0]
            flow.scope.names[name] = one(Library(alias.name if alias.asname else name))
        elif alias.name != "*":
            full = f"{node.module}.{alias.name}" if node.module and not node.level else alias.name
            found = one(Given("os")) if full == "os.environ" else one(Library(full if not node.level else f".{full}"))
            flow.scope.names[alias.asname or alias.name] = found


def forget_names(patterns: Iterable[ast.pattern], flow: Flow) -> None:
    """Make unknown what these patterns may give a value."""
    for pattern in patterns:
        for inner in ast.walk(pattern):
            if isinstance(inner, (ast.MatchAs, ast.MatchStar)) and inner.name:
                flow.scope.names[inner.name] = UNKNOWN
            elif isinstance(inner, ast.MatchMapping) and inner.rest:
                flow.scope.names[inner.rest] = UNKNOWN
