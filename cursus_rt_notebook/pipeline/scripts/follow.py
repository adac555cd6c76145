"""Calls of functions of the same file, followed with what they are given."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from cursus_rt_notebook.pipeline.scripts.escape import escape, parameters
from cursus_rt_notebook.pipeline.scripts.flow import Flow, Reading
from cursus_rt_notebook.pipeline.scripts.values import NONE, UNKNOWN, Function, Value, joined, one

_DEEPEST = 25


def follow(
    reading: Reading,
    function: Function,
    args: Sequence[Value],
    named: Mapping[str, Value],
    flow: Flow,
    *,
    more: bool = False,
) -> Value:
    """What a function gives for these arguments; `more` is whether there are others, of which nothing is known."""
    if reading.may_skip(function, (*args, *named.values())):
        return UNKNOWN
    given = _bound(reading, function, args, named, flow, more=more)
    key = (function, frozenset(given.items()), flow.known, flow.surely, flow.caught)
    if key in reading.calls:
        return reading.calls[key] or UNKNOWN  # a call that is still being followed calls itself
    if reading.depth >= _DEEPEST:
        for value in given.values():
            escape(reading, value, flow)
        return UNKNOWN
    reading.calls[key] = None
    reading.depth += 1
    try:
        found = _body(reading, function, given, flow)
    finally:
        reading.depth -= 1
    reading.calls[key] = found
    return found


def _body(reading: Reading, function: Function, given: Mapping[str, Value], flow: Flow) -> Value:
    way = Flow(reading.scope(given, function.scope), flow.known, certain=flow.surely, caught=flow.caught)
    node = function.node
    if isinstance(node, ast.Lambda):
        return reading.value(node.body, way)
    reading.run(node.body, way)
    returned = way.returns if way.end in {"return", "raise"} else [*way.returns, one(NONE)]
    return joined(returned) if returned else UNKNOWN


def _bound(
    reading: Reading,
    function: Function,
    args: Sequence[Value],
    named: Mapping[str, Value],
    flow: Flow,
    *,
    more: bool,
) -> dict[str, Value]:
    """The parameters with their values; what has no place goes where it cannot be followed."""
    arguments = function.node.args
    positional = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    given = dict.fromkeys(parameters(function.node), UNKNOWN)
    if not more:
        given.update(_defaults(reading, function, flow))
    given.update(zip(positional, args, strict=False))
    for name, value in named.items():
        if name in given:
            given[name] = value
        else:
            escape(reading, value, flow)
    for value in args[len(positional) :]:
        escape(reading, value, flow)
    return given


def _defaults(reading: Reading, function: Function, flow: Flow) -> dict[str, Value]:
    arguments = function.node.args
    outside = Flow(function.scope, certain=False, caught=flow.caught)
    positional = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    last = positional[len(positional) - len(arguments.defaults) :]
    pairs = [*zip(last, arguments.defaults, strict=True)]
    pairs += [
        (each.arg, default)
        for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is not None
    ]
    return {name: reading.value(default, outside) for name, default in pairs}
