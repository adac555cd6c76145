"""A script's tree read from its first statement to the end of its `main`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import partial

from cursus_rt_notebook.pipeline.scripts import expressions, statements
from cursus_rt_notebook.pipeline.scripts.escape import escape
from cursus_rt_notebook.pipeline.scripts.flow import Flow, Reading, TooLong
from cursus_rt_notebook.pipeline.scripts.follow import follow
from cursus_rt_notebook.pipeline.scripts.record import Record
from cursus_rt_notebook.pipeline.scripts.use import MainFound
from cursus_rt_notebook.pipeline.scripts.values import Const, Function, Given, Value, one, only
from cursus_rt_notebook.pipeline.scripts.words import words_of
from cursus_rt_notebook.settings import PREFLIGHT_STATEMENTS

KINDS = ("inputs", "outputs", "env", "args")


def read_uses(text: str, tree: ast.Module, main: MainFound | None, *, as_script: bool) -> Record:
    """What the script does with its contract.

    Args:
        main: How the script's `main` names what it is given; None if it has none that can be known.
        as_script: Whether the file is started, so that its `__main__` block runs, rather than its `main` called.
    """
    record = Record()
    reading = Reading(record, PREFLIGHT_STATEMENTS, words_of(text, tree), as_script=as_script)
    reading.value = partial(expressions.value, reading)
    reading.run = partial(statements.run, reading)
    flow = Flow(reading.scope({"__name__": one(Const("__main__" if as_script else "script"))}))
    try:
        reading.run(tree.body, flow)
        if as_script or not _call_main(reading, main, flow):
            record.dynamic.update(KINDS)
    except (TooLong, RecursionError):
        for kind in KINDS:
            record.lose(kind, changed=True)
        _forget_certainty(record)
    finally:
        reading.forget()
    return record


def _call_main(reading: Reading, main: MainFound | None, flow: Flow) -> bool:
    """Follow `main`; whether it is a function of this file whose parameters are known."""
    value = flow.scope.names.get("main")
    function = only(value) if value is not None else None
    if not isinstance(function, Function) or main is None or not main.names:
        escape(reading, value or frozenset(), flow)
        return False
    given: Mapping[str, Value] = {name: one(Given(kind)) for kind, name in main.names.items()}
    flow.certain, flow.left, flow.end = True, 0, ""
    follow(reading, function, (), given, flow)
    reading.record.dynamic.update(kind for kind in KINDS if kind not in main.names and main.signature.find("*") >= 0)
    return True


def _forget_certainty(record: Record) -> None:
    for seen in record.seen.values():
        seen.demanded = seen.surely = False
    record.columns.clear()
