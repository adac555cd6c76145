"""Calls: of the mappings' methods, of functions of the same file, and of libraries whose meaning is known."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cursus_rt_notebook.pipeline.scripts import tables
from cursus_rt_notebook.pipeline.scripts.assign import mutate
from cursus_rt_notebook.pipeline.scripts.escape import escape
from cursus_rt_notebook.pipeline.scripts.flow import Flow, Reading
from cursus_rt_notebook.pipeline.scripts.follow import follow
from cursus_rt_notebook.pipeline.scripts.items import taken
from cursus_rt_notebook.pipeline.scripts.libraries import call_library, call_path
from cursus_rt_notebook.pipeline.scripts.values import (
    NONE,
    UNKNOWN,
    Class,
    Const,
    Entries,
    Function,
    Given,
    Library,
    Many,
    Method,
    Row,
    Table,
    Taken,
    Value,
    joined,
    one,
    text_of,
)

_LOGS = {"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print"}
_MUTATE = {"append", "add", "extend", "insert", "update", "setdefault", "remove", "pop", "clear", "discard", "popitem"}


@dataclass(frozen=True)
class Call:
    """A call with its arguments read; `open` is whether there are more that are not known (`*args`, `**more`)."""

    node: ast.Call
    args: tuple[Value, ...]
    named: Mapping[str, Value]
    open: bool

    @property
    def everything(self) -> tuple[Value, ...]:
        """All arguments."""
        return (*self.args, *self.named.values())


def call(reading: Reading, node: ast.Call, flow: Flow) -> Value:
    """What a call may give, noting what it does with what it gets."""
    functions = reading.value(node.func, flow)
    made = _arguments(reading, node, flow)
    owners = frozenset(atom.owner for atom in functions if isinstance(atom, Method))
    if any(isinstance(owner, Table) for owner in owners) and not tables.of_one_port(owners):
        functions = UNKNOWN
    return joined([_called(reading, atom, made, flow) for atom in functions]) or UNKNOWN


def _arguments(reading: Reading, node: ast.Call, flow: Flow) -> Call:
    args: list[Value] = []
    named: dict[str, Value] = {}
    more = False
    for part in node.args:
        held = reading.value(part, flow)
        if isinstance(part, ast.Starred):
            escape(reading, held, flow, changes=False)
            more = True
        else:
            args.append(held)
    for keyword in node.keywords:
        held = reading.value(keyword.value, flow)
        if keyword.arg is None:
            escape(reading, held, flow, changes=False)
            more = True
        else:
            named[keyword.arg] = held
    return Call(node, tuple(args), named, more)


def _called(reading: Reading, function: Any, made: Call, flow: Flow) -> Value:
    match function:
        case Function():
            return follow(reading, function, made.args, made.named, flow, more=made.open)
        case Class():
            escape(reading, one(function), flow)
        case Method(Given(kind), name):
            return _of_mapping(reading, kind, name, made, flow)
        case Method(Taken("inputs" | "outputs") as path, name):
            return call_path(reading, path, name, made.node, made.args, flow)
        case Method(Table() as table, name):
            return tables.method(reading, made.node, table, name, made.args, made.named, flow)
        case Method(Row() | Entries() | Many() as held, name):
            return _of_collection(reading, held, name, made, flow)
        case Method(_, name) if name in _LOGS:
            return UNKNOWN
        case Library(name):
            return call_library(reading, name, made.node, made.args, made.named, flow)
        case _:
            pass
    for value in made.everything:
        escape(reading, value, flow)
    return UNKNOWN


def _of_mapping(reading: Reading, kind: str, name: str, made: Call, flow: Flow) -> Value:
    key = made.args[0] if made.args else made.named.get("key", UNKNOWN)
    default = made.args[1] if len(made.args) > 1 else made.named.get("default")
    if name == "get":
        _note_stand_in(reading, kind, key, made.node)
        return taken(reading, kind, key, made.node, flow, default=default or one(NONE))
    if name == "__getitem__":
        return taken(reading, kind, key, made.node, flow)
    if name == "pop":
        return taken(reading, kind, key, made.node, flow, default=default)
    if name == "setdefault":
        found = taken(reading, kind, key, made.node, flow, default=default or one(NONE))
        own = text_of(key)
        if own is not None:
            reading.record.set_by_script(kind, own)
        return found
    if name == "copy":
        return one(Given(kind))
    reading.record.lose(kind, changed=name not in {"keys", "values", "items"})
    for value in made.everything:
        escape(reading, value, flow)
    return UNKNOWN


def _note_stand_in(reading: Reading, kind: str, key: Value, node: ast.Call) -> None:
    """`paths.get("a", paths.get("b"))`: what is asked for second stands in for the first."""
    match node.args:
        case [_, ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(other)), *_])]:
            reading.record.instead[kind, other] = text_of(key) or ""
        case _:
            pass


def _of_collection(reading: Reading, held: Any, name: str, made: Call, flow: Flow) -> Value:
    if name in _MUTATE and isinstance(made.node.func, ast.Attribute):
        more = joined(made.everything) if made.everything else UNKNOWN
        if not mutate(made.node.func.value, one(held), more, flow):
            for value in made.everything:
                escape(reading, value, flow)
        return UNKNOWN
    if isinstance(held, Entries):
        return _of_entries(held, name, made)
    return one(held) if name == "copy" else UNKNOWN


def _of_entries(held: Entries, name: str, made: Call) -> Value:
    if name == "get" and made.args:
        key = text_of(made.args[0])
        found = [value for known, value in held.items if key in {known, None}]
        return joined(found) if found else UNKNOWN
    if name == "items":
        return one(Row(tuple(one(Row((one(Const(key)), value))) for key, value in held.items)))
    if name == "values":
        return one(Row(tuple(value for _, value in held.items)))
    if name == "keys":
        return one(Row(tuple(one(Const(key)) for key, _ in held.items)))
    return one(held) if name == "copy" else UNKNOWN
