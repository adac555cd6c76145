"""What the workspace remembers of a run: its beginning and end, every attempt, the size of every table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.engine import hollow, losses
from cursus_rt_notebook.engine.earlier import good_runs
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.plan import Planner, StepPlan
from cursus_rt_notebook.engine.state import RunState, StepState, StepStatus, Table
from cursus_rt_notebook.errors import DataError
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.redact import is_secret_name, mask_mapping
from cursus_rt_notebook.settings import COLUMNS_SHOWN
from cursus_rt_notebook.workspace.atomic import write_text
from cursus_rt_notebook.workspace.store import Workspace


def start(planner: Planner, state: RunState) -> None:
    """Note that the run began."""
    facts = {
        "origin": planner.pipeline.origin,
        "env": mask_mapping(planner.env),
        "document": document(planner.pipeline),
    }
    planner.workspace.journal.start_run(state.run_id, planner.pipeline.name, facts)


def document(pipeline: Pipeline) -> dict[str, Any]:
    """The pipeline as plain data, without its secrets: a variable that held one must be given anew."""
    plain = pipeline.model_dump(mode="json")
    for step in plain["steps"].values():
        step["env"] = {name: None if is_secret_name(name) else value for name, value in step["env"].items()}
        step["args"] = mask_mapping(step["args"])
    return plain


def end(planner: Planner, state: RunState) -> None:
    """Note how the run ended, with where each step stood."""
    planner.workspace.journal.end_run(state.run_id, str(state.status))


def attempt(planner: Planner, run_id: str, state: StepState, plan: StepPlan | None) -> None:
    """Note how one attempt ended, of what it was made, and why it failed if it did."""
    workspace = planner.workspace
    if plan is not None:
        _keep_sources(workspace, plan)
    if state.failure is not None and state.attempt:
        folder = workspace.attempt_dir(run_id, state.name, state.attempt)
        write_text(folder / "failure.json", json.dumps(asdict(state.failure), default=str))
    workspace.journal.record_attempt(
        run_id,
        planner.pipeline.name,
        state.name,
        state.attempt,
        status=_STATUS.get(state.status, str(state.status)),
        base_key=state.key or "",
        key=state.artifact,
        seconds=state.seconds,
        memory=state.memory,
        ingredients=plan.ingredients if plan else None,
        facts={
            "reason": state.reason,
            "error": state.failure.title if state.failure else None,
            "began": state.began,
            "cpu_seconds": state.cpu_seconds,
        },
    )


_STATUS = {StepStatus.DONE: "succeeded", StepStatus.WAITING: "interrupted"}


def _keep_sources(workspace: Workspace, plan: StepPlan) -> None:
    """Keep the text of each source by its digest, so that `explain` can show which lines changed."""
    for name, digest in plan.sources.files.items():
        workspace.keep_source(digest, plan.step.source_dir / name)


def tables(view: StepView, planner: Planner) -> dict[str, Any]:
    """Count the tables of a settled step: what to note of its sizes, and of rows and columns that were lost."""
    workspace = planner.workspace
    sizes = (
        table
        for port, artifact in view.outputs.items()
        for table in _sizes(artifact, view.state.outputs[port], workspace)
    )
    found = tuple(planner.earlier.beside(view.name, table) for table in sizes)
    looks = losses.Looks(
        lambda artifact, channel, digest: columns_of(artifact, channel, digest, workspace),
        lambda artifact, digest: sum(table.rows or 0 for table in _sizes(artifact, digest, workspace)),
    )
    if view.state.stub:  # it reads nothing that it could lose
        return {"tables": found, "losses": (), "findings": view.state.findings}
    missing = tuple(losses.find(view, found, good_runs(workspace.journal, planner.pipeline.name), looks))
    hollowed = hollow.findings(view.name, found, {port: artifact.path for port, artifact in view.outputs.items()})
    told = (*hollowed, *losses.findings(view.name, missing), *_lost(view, found, workspace))
    kept = tuple(f for f in view.state.findings if f.message not in {each.message for each in told})
    return {"tables": found, "losses": missing, "findings": (*kept, *told)}


def _sizes(artifact: Artifact, digest: str, workspace: Workspace) -> Iterator[Table]:
    """The tables of a port, whose content has this digest, each counted once in the workspace's life."""
    for channel in artifact.channels or (None,):
        name = f"{digest}/{channel or ''}"
        known = workspace.journal.table_size(name)
        if known is None:
            size = _size(artifact[channel] if channel else artifact)
            if size is None:
                continue
            workspace.journal.set_table_size(name, *size)
            columns_of(artifact, channel, digest, workspace)  # for whoever looks for one later
            yield Table(artifact.port, channel, *size)
        elif known.rows is not None:
            yield Table(artifact.port, channel, known.rows, known.columns)


def _size(artifact: Artifact) -> tuple[int, int] | None:
    try:
        return artifact.shape
    except DataError:
        return None


def _lost(view: StepView, found: tuple[Table, ...], workspace: Workspace) -> Iterator[Finding]:
    """Rows and columns that came in and did not go out, if the step passes its largest input on at all.

    Tables go on that still have half of the input's columns; a model's metrics, say, do not.
    """
    came, port = max(
        ((_rows(view.run.steps[step].tables, a.port), p) for p, step, a in _upstream(view)), default=(0, "")
    )
    if not came:
        return
    source = view.inputs[port]
    written = view.run.steps[source.step].outputs[source.port] if source.step else ""
    wanted = set(columns_of(source, next(iter(source.channels), None), written, workspace))
    schemas = {
        t: set(columns_of(view.outputs[t.port], t.channel, view.state.outputs[t.port], workspace)) for t in found
    }
    passed = {table: names for table, names in schemas.items() if 2 * len(names & wanted) >= len(wanted)}
    went = sum(table.rows or 0 for table in passed)
    if passed and went < came:
        message = f"{came - went:,} rows fewer than came in by {port}"
        yield Finding("info", message, losses.SEE_CHANGED, step=view.name, port=port)
    gone = sorted(wanted.difference(*passed.values())) if passed else []
    if gone:
        shown = ", ".join(gone[:COLUMNS_SHOWN]) + (", ..." if len(gone) > COLUMNS_SHOWN else "")
        message = f"{len(gone)} columns of {port} went no further: {shown}"
        yield Finding("info", message, "", step=view.name, port=port)


def columns_of(artifact: Artifact, channel: str | None, digest: str, workspace: Workspace) -> Iterable[str]:
    """The table's columns, from the journal where they are known: then no reader has to start for them."""
    known = workspace.journal.table_columns(f"{digest}/{channel or ''}")
    if known is not None:
        return known
    try:
        names = tuple((artifact[channel] if channel else artifact).schema)
    except DataError:
        return ()
    workspace.journal.set_table_columns(f"{digest}/{channel or ''}", names)
    return names


def _rows(found: tuple[Table, ...], port: str) -> int:
    return sum(table.rows or 0 for table in found if table.port == port)


def _upstream(view: StepView) -> Iterator[tuple[str, str, Artifact]]:
    return ((port, artifact.step, artifact) for port, artifact in view.inputs.items() if artifact.step is not None)
