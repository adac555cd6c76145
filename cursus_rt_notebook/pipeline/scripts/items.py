"""What is taken from a thing: `thing[key]` and `thing.name`."""

from __future__ import annotations

import ast
from typing import Any

from cursus_rt_notebook.pipeline.scripts import tables
from cursus_rt_notebook.pipeline.scripts.escape import escape
from cursus_rt_notebook.pipeline.scripts.flow import Flow, Reading
from cursus_rt_notebook.pipeline.scripts.values import (
    UNKNOWN,
    Absent,
    Const,
    Entries,
    Given,
    Groups,
    Library,
    Many,
    Method,
    Row,
    Table,
    Taken,
    Value,
    joined,
    of_anything,
    one,
    only,
)


def attribute(reading: Reading, node: ast.Attribute, owner: Value, flow: Flow) -> Value:
    """What `owner.name` may be."""
    if owner is UNKNOWN:
        return of_anything(node.attr)
    return joined([_attribute(reading, node, atom, flow) for atom in owner]) or UNKNOWN


def _attribute(reading: Reading, node: ast.Attribute, owner: Any, flow: Flow) -> Value:
    match owner:
        case Given("args"):
            return _argument(reading, node, flow)
        case Library("os") if node.attr == "environ":
            return one(Given("os"))
        case Library(name):
            return one(Library(f"{name}.{node.attr}"))
        case Taken("inputs" | "outputs") if node.attr in {"parent", "parents"}:
            return UNKNOWN
        case Absent() | Const(None):
            return frozenset()
        case _:
            return one(Method(owner, node.attr))


def _argument(reading: Reading, node: ast.Attribute, flow: Flow) -> Value:
    if node.attr.startswith("_"):
        reading.record.lose("args", changed=True)
        return UNKNOWN
    reading.use("args", node.attr, node, flow, demanded=True)
    return one(Taken("args", node.attr))


def item(reading: Reading, node: ast.Subscript, owner: Value, key: Value, flow: Flow) -> Value:
    """What `owner[key]` may be."""
    if any(isinstance(atom, Table) for atom in owner) and not tables.of_one_port(owner):
        return UNKNOWN
    return joined([_item(reading, node, atom, key, flow) for atom in owner]) or UNKNOWN


def _item(reading: Reading, node: ast.Subscript, owner: Any, key: Value, flow: Flow) -> Value:
    match owner:
        case Given(kind):
            return taken(reading, kind, key, node, flow)
        case Row(items):
            return _nth(items, key)
        case Many(each):
            return each if not isinstance(node.slice, ast.Slice) else one(owner)
        case Entries(items):
            return _entry(items, key)
        case Table():
            return tables.item(reading, node, owner, key, flow)
        case Groups(table):
            tables.read(reading, table, key, node, flow)
            return one(owner)
        case Method(Table() as table, "loc" | "at"):
            return tables.located(reading, node, table, key, flow)
        case _:
            escape(reading, key, flow, changes=False)
            return UNKNOWN


def taken(
    reading: Reading, kind: str, key: Value, node: ast.expr, flow: Flow, *, default: Value | None = None
) -> Value:
    """What a mapping holds under a key, noting that it is taken; with a default it is not demanded."""
    found: list[Value] = []
    single = len(key) == 1
    for atom in key:
        if not (isinstance(atom, Const) and isinstance(atom.value, str)):
            reading.record.lose(kind, changed=False)
            found.append(UNKNOWN)
            continue
        name = atom.value
        reading.use(kind, name, node, flow, demanded=default is None and single)
        instead = only(default) if default is not None else None
        if isinstance(instead, Const) and instead.value is not None:
            reading.record.defaults.setdefault((kind, name), str(instead.value))
        if (kind, name) in reading.record.own:
            found.append(UNKNOWN)
            continue
        found.append(one(Taken(kind, name)))
        if default is not None and (kind, name) not in flow.known:
            found.append(_otherwise(default, kind, name))
    return joined(found)


def _otherwise(default: Value, kind: str, name: str) -> Value:
    return frozenset(Absent(kind, name) if atom == Const(None) else atom for atom in default)


def _nth(items: tuple[Value, ...], key: Value) -> Value:
    match only(key):
        case Const(int(at)) if -len(items) <= at < len(items):
            return items[at]
        case _:
            return joined(items) if items else UNKNOWN


def _entry(items: tuple[tuple[str, Value], ...], key: Value) -> Value:
    match only(key):
        case Const(str(name)):
            return next((held for known, held in items if known == name), UNKNOWN)
        case _:
            return joined(held for _, held in items) if items else UNKNOWN
