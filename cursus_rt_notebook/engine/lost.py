"""Where, in the steps above a failed one, a column was lost that it asks for."""

from __future__ import annotations

from collections.abc import Mapping

from cursus_rt_notebook.engine.plan import Planner
from cursus_rt_notebook.engine.state import StepState
from cursus_rt_notebook.pipeline.model import FromStep, Step
from cursus_rt_notebook.workspace.journal import Journal


def where_lost(column: str, name: str, states: Mapping[str, StepState], planner: Planner) -> str:
    """Which step above `name` did not pass a column on, in a sentence; nothing where that is not known.

    Known are the columns of tables that have been counted: nothing is read for it.
    """
    pipeline, journal = planner.pipeline, planner.workspace.journal
    above = pipeline.ancestors(name)
    # The nearest step that still had it, and of those that read it there, the first that leads to the failed one.
    for holder in reversed(above):
        port = _port_with(column, states[holder], journal)
        if port is None:
            continue
        losers = [n for n in above if _reads(pipeline.steps[n], holder, port) and states[n].outputs]
        if not losers:
            return f"{holder} wrote {column!r} to {port}, which {name} does not read."
        return f"Look at {losers[0]}: it read {column!r} from {holder}.{port} and did not pass it on."
    return ""


def _port_with(column: str, state: StepState, journal: Journal) -> str | None:
    for table in state.tables:
        names = journal.table_columns(f"{state.outputs.get(table.port)}/{table.channel or ''}")
        if names is not None and column in names:
            return table.port
    return None


def _reads(step: Step, holder: str, port: str) -> bool:
    return any(isinstance(s, FromStep) and (s.step, s.port) == (holder, port) for s in step.inputs.values())
