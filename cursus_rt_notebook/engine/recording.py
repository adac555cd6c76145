"""Recording a good run as the baseline of its pipeline, and finding what was recorded of a step."""

from __future__ import annotations

import json
from dataclasses import replace

from cursus_rt_notebook.data.checks import examining
from cursus_rt_notebook.data.checks.baseline import Baseline, BaselineTable
from cursus_rt_notebook.data.reader import get_reader
from cursus_rt_notebook.engine.edges import Table, tables_of
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.state import SETTLED, RunState
from cursus_rt_notebook.engine.verdicts import remembered
from cursus_rt_notebook.errors import CommandRefused, DataError
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.workspace.journal import Journal
from cursus_rt_notebook.workspace.store import Workspace

_KIND = "baseline"


def record(state: RunState, pipeline: Pipeline, workspace: Workspace) -> Baseline:
    """Measure the tables of every settled step and keep them, in place of the baseline there was.

    Raises:
        CommandRefused: no step has settled.
    """
    settled = [name for name in pipeline.order if state.steps[name].status in SETTLED]
    if not settled:
        raise CommandRefused("no step of this run has settled, so there is nothing to record", fix="run it first")
    tables: dict[str, list[BaselineTable]] = {name: [] for name in settled}
    left_out = [(name, f"is {state.steps[name].status}") for name in pipeline.order if name not in tables]
    for name in settled:
        view = StepView(name, state, pipeline, workspace)
        for table in (table for port in view.outputs for table in tables_of(view, port)):
            try:
                found = _measured(table, name, workspace)
            except DataError as error:
                if not getattr(error, "no_table", False):  # a model is no table, and nobody expects it to be
                    left_out.append((f"{name}.{table.name}", error.message))
            else:
                tables[name].append(replace(found, run_id=state.run_id))
    rows = {
        _name(pipeline.name, name): [state.run_id, [one.as_plain() for one in each]] for name, each in tables.items()
    }
    workspace.journal.remember(_KIND, {**rows, _name(pipeline.name): state.run_id})
    together = tuple(table for each in tables.values() for table in each)
    return Baseline(pipeline.name, state.run_id, together, tuple(left_out))


def baseline_of(view: StepView) -> tuple[BaselineTable, ...]:
    """What was recorded of a step's tables; nothing where it was not part of the run that was recorded last."""
    journal, pipeline = view.workspace.journal, view.pipeline.name
    run_id = recorded_run(journal, pipeline)
    found = journal.recall(_KIND, _name(pipeline, view.name)) if run_id else None
    # A row of an earlier one remains where the step was not part of the last.
    return tuple(map(BaselineTable.from_plain, found[1])) if found and found[0] == run_id else ()


def recorded_run(journal: Journal, pipeline: str) -> str | None:
    """The run that is the baseline of a pipeline, if one was recorded."""
    return journal.recall(_KIND, _name(pipeline))


def nothing_recorded(pipeline: Pipeline, workspace: Workspace) -> tuple[Finding, ...]:
    """Say it where tables are to be compared with a baseline that there is not."""
    wanted = any(
        pipeline.checks_of(step.name, port).drifts for step in pipeline.steps.values() for port in step.outputs
    )
    if not wanted or recorded_run(workspace.journal, pipeline.name):
        return ()
    message = f"no good run of {pipeline.name} is recorded, so nothing is compared with one"
    return (Finding("info", message, "after a good run: session.record_baseline()"),)


def _measured(table: Table, step: str, workspace: Workspace) -> BaselineTable:
    def find() -> list[BaselineTable]:
        figures = examining.measure(get_reader(), table.path)
        return [replace(BaselineTable.measured(figures, step, table.port, table.channel), digest=table.key)]

    kept = remembered(workspace.journal, table.key, ("measure", step, table.port), find)
    return BaselineTable.from_plain(kept[0])


def _name(*parts: str) -> str:
    return json.dumps(parts)
