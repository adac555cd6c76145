"""Where, in the steps above a failed one, a column was lost that it asks for."""

from __future__ import annotations

from collections.abc import Mapping

from cursus_rt_notebook.engine.plan import Planner
from cursus_rt_notebook.engine.state import StepState
from cursus_rt_notebook.engine.upstream.files import Files
from cursus_rt_notebook.pipeline.model import FromStep, Step
from cursus_rt_notebook.workspace.store import Workspace


def where_lost(column: str, name: str, states: Mapping[str, StepState], planner: Planner, files: Files) -> str:
    """Which step above `name` did not pass a column on, in a sentence; nothing where that is not known.

    Known are the columns of tables that have been counted; of others the first lines of their files are read.
    """
    pipeline = planner.pipeline
    above = pipeline.ancestors(name)
    # The nearest step that still had it, and of those that read it there, the first that leads to the failed one.
    for holder in reversed(above):
        port = _port_with(column, states[holder], planner.workspace, files)
        if port is None:
            continue
        if _reads(pipeline.steps[name], holder, port):
            return ""  # it is there, whatever the script missed
        losers = [n for n in above if _reads(pipeline.steps[n], holder, port) and states[n].outputs]
        if not losers:
            return f"{holder} wrote {column!r} to {port}, which {name} does not read."
        return f"Look at {losers[0]}: it read {column!r} from {holder}.{port} and did not pass it on."
    return ""


def _port_with(column: str, state: StepState, workspace: Workspace, files: Files) -> str | None:
    for port, digest in state.outputs.items():
        known = [workspace.journal.table_columns(f"{digest}/{t.channel or ''}") for t in state.tables if t.port == port]
        if any(names is not None and column in names for names in known):
            return port
        if not known and state.artifact is not None:
            tables = files.tables(workspace.artifact_dir(state.artifact, port))
            if any(files.has_name(table, column) for table in tables if table.suffix != ".json"):
                return port
    return None


def _reads(step: Step, holder: str, port: str) -> bool:
    return any(isinstance(s, FromStep) and (s.step, s.port) == (holder, port) for s in step.inputs.values())
