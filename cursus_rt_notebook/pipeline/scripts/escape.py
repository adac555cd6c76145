"""What happens to a mapping, a table or a function that goes where the reading does not follow."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from cursus_rt_notebook.pipeline.scripts.flow import Flow, Reading
from cursus_rt_notebook.pipeline.scripts.values import (
    UNKNOWN,
    Class,
    Entries,
    Function,
    Given,
    Groups,
    Many,
    Method,
    Row,
    Table,
    Value,
)


def escape(reading: Reading, value: Value, flow: Flow, *, changes: bool = True) -> None:
    """Note that a value goes where nothing is known of it; `changes` is whether it may be changed there."""
    for atom in value:
        match atom:
            case Given(kind):
                reading.record.lose(kind, changed=changes)
            case Method(Given(kind), "__getitem__" | "get" | "items" | "values"):
                reading.record.lose(kind, changed=False)
            case Table(made_at=made_at) | Groups(Table(made_at=made_at)):
                if changes:
                    reading.record.tainted.add(made_at)
            case Function() | Class():
                _scan(reading, atom, flow)
            case _:
                for inner in _held(atom):
                    escape(reading, inner, flow, changes=changes)


def _held(atom: Any) -> Iterable[Value]:
    match atom:
        case Row(items):
            return items
        case Many(each):
            return (each,)
        case Entries(items):
            return (held for _, held in items)
        case _:
            return ()


def _scan(reading: Reading, found: Function | Class, flow: Flow) -> None:
    """Follow what somebody else may call, with arguments that are not known."""
    if found.node in reading.scanned or reading.may_skip(found, ()):
        return
    reading.scanned.add(found.node)
    functions = [found.node] if isinstance(found, Function) else _methods(found.node)
    for node in functions:
        names = dict.fromkeys(parameters(node), UNKNOWN)
        way = Flow(reading.scope(names, found.scope), flow.known, certain=False, caught=flow.caught)
        if isinstance(node, ast.Lambda):
            reading.value(node.body, way)
        else:
            reading.run(node.body, way)


def _methods(node: ast.ClassDef) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [part for part in node.body if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef))]


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[str]:
    """The names of all parameters."""
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [each.arg for each in (*plain, *filter(None, (arguments.vararg, arguments.kwarg)))]
