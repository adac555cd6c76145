"""What the panel asks when the user looks at a step, a table or the run; each answer is plain data."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.timeline import timeline_of as earlier_attempts
from cursus_rt_notebook.errors import CommandRefused
from cursus_rt_notebook.names import subscript
from cursus_rt_notebook.render.panel import (
    changed,
    checks_view,
    conditions,
    explain_view,
    failure_view,
    files_view,
    gone_view,
    grid,
    lineage_view,
    log_view,
    ports_view,
    resources_view,
    run_page,
    source_view,
    step_view,
    timeline,
    view,
    wiring_view,
)

if TYPE_CHECKING:
    from cursus_rt_notebook.data.artifact import Artifact
    from cursus_rt_notebook.engine.session import InteractiveExecutionResult
    from cursus_rt_notebook.engine.state import RunState
    from cursus_rt_notebook.workspace.journal import Journal

Json = dict[str, Any]


def answer(session: InteractiveExecutionResult, what: str, told: Json) -> Any:
    """Answer one question.

    Raises:
        CommandRefused: there is no such question.
    """
    if what not in QUESTIONS:
        raise CommandRefused(f"no question {what!r}", fix=f"there are {', '.join(QUESTIONS)}")
    return QUESTIONS[what](session, **told)


def stood(session: InteractiveExecutionResult, step: str, at: int | None) -> StepView:
    """The step as it stands, or as it stood at an earlier pause."""
    now = session[step]
    if at is None:
        return now
    past = _stood_run(session, at)
    return StepView(step, past, session.pipeline, now.workspace, owner=_owner(session, step, at))


def _owner(session: InteractiveExecutionResult, step: str, at: int) -> str:
    """The Python that gives a step as it stood at an earlier pause, where there is one."""
    kept = [pause.number for pause in session.pauses]
    here = at in kept and session.pauses[kept.index(at)].step == step
    return f"session.pauses[{kept.index(at)}]" if here else f"session{subscript(step)}"


def moment(session: InteractiveExecutionResult, at: int) -> Json:
    """The run and its graph as they were at an earlier pause."""
    past = _stood_run(session, at)
    return {"run": view.run_view(past, session.pipeline), "graph": view.graph_view(past, session.pipeline)}


def timeline_of(session: InteractiveExecutionResult, at: int | None = None) -> Json:
    """When each step ran, and what memory all took together."""
    state = _stood_run(session, at)
    tried = earlier_attempts(state, session.pipeline, _journal(session)).tried
    return timeline.timeline_view(state, session.pipeline, tried=tried)


def progress(session: InteractiveExecutionResult, at: int | None = None) -> Json:
    """How far the run is, and how long it still takes."""
    return run_page.progress_view(_stood_run(session, at), session.pipeline)


def overview(session: InteractiveExecutionResult) -> Json:
    """The steps as the pipeline describes them, and what Continue will do."""
    return run_page.overview_view(session.state, session.pipeline)


def findings(session: InteractiveExecutionResult, at: int | None = None) -> Json:
    """Everything that was noticed, the worst first."""
    return run_page.findings_view(_stood_run(session, at))


def runs(session: InteractiveExecutionResult) -> Json:
    """The runs of this pipeline in this workspace."""
    journal = _journal(session)
    records = journal.runs(session.pipeline.name)
    attempts = {record.run_id: journal.attempts(record.run_id) for record in records[: run_page.RUNS_SHOWN]}
    return run_page.runs_view(records, attempts, session.state, time.time())


def run_steps(session: InteractiveExecutionResult, run: str) -> Json:
    """What became of each step in one of the runs."""
    return run_page.run_steps_view(_journal(session).attempts(run))


def step(session: InteractiveExecutionResult, step: str, at: int | None = None) -> Json:
    """A step's title, why it stands as it does, and its tabs."""
    return step_view.step_view(stood(session, step, at))


def ports(session: InteractiveExecutionResult, step: str, side: str, at: int | None = None) -> Json:
    """A step's inputs or outputs, with the tables in them."""
    return ports_view.ports_view(stood(session, step, at), side)


def port_files(
    session: InteractiveExecutionResult,
    step: str,
    side: str,
    port: str,
    channel: str | None = None,
    at: int | None = None,
) -> Json:
    """The files of a port."""
    return files_view.files_view(stood(session, step, at), side, port, channel)


def preview(
    session: InteractiveExecutionResult,
    step: str,
    side: str,
    port: str,
    file: str,
    channel: str | None = None,
    at: int | None = None,
) -> Json:
    """What can be shown of a file that is no table."""
    return files_view.preview_view(stood(session, step, at), side, port, file, channel)


def changed_by(
    session: InteractiveExecutionResult,
    step: str,
    port: str | None = None,
    channel: str | None = None,
    at: int | None = None,
) -> Json:
    """A table that a step wrote, beside what came in."""
    return changed.changed_view(stood(session, step, at), port, channel)


def gone_from(
    session: InteractiveExecutionResult, step: str, port: str, channel: str | None = None, at: int | None = None
) -> Json:
    """The rows that a table of a step's had before and has no more."""
    return gone_view.gone_view(stood(session, step, at), port, channel)


def checks(session: InteractiveExecutionResult, step: str, at: int | None = None) -> Json:
    """How the checks of a step's tables came out."""
    return checks_view.checks_view(stood(session, step, at))


def source(session: InteractiveExecutionResult, step: str, file: str | None = None, at: int | None = None) -> Json:
    """A step's script, or one of its helpers."""
    return source_view.source_view(stood(session, step, at), file)


def log(
    session: InteractiveExecutionResult, step: str, offset: int = 0, known: str = "", at: int | None = None
) -> Json:
    """What a step printed, from a byte on."""
    return log_view.log_view(stood(session, step, at).state.log_path, offset, known)


def failure(session: InteractiveExecutionResult, step: str, at: int | None = None) -> Json | None:
    """Why a step failed: card, stack, variables."""
    return failure_view.failure_view(stood(session, step, at))


def explained(session: InteractiveExecutionResult, step: str) -> Json:
    """Why a step ran or did not, by what it is made of now."""
    return explain_view.explain_view(session.explain(step), session.pipeline.steps[step])


def wiring(session: InteractiveExecutionResult, step: str) -> Json:
    """Why the inputs of a step are fed by what feeds them."""
    return wiring_view.wiring_view(session.pipeline, step)


def resources(session: InteractiveExecutionResult, step: str, at: int | None = None) -> Json:
    """What a step took, and what its earlier attempts took."""
    return resources_view.resources_view(stood(session, step, at))


def lineage(session: InteractiveExecutionResult, at: int | None = None) -> Json:
    """What each step read and wrote."""
    pipeline, run = session.pipeline, _stood_run(session, at)
    workspace = session[pipeline.order[0]].workspace
    views = {name: StepView(name, run, pipeline, workspace) for name in pipeline.order}
    return lineage_view.lineage_view(pipeline, views)


def table_page(session: InteractiveExecutionResult, **about: Any) -> Json:
    """A window of a table, sorted and filtered."""
    table, window = _table(session, about)
    return grid.page_view(table, **window)


def table_profile(session: InteractiveExecutionResult, names: Sequence[str], **about: Any) -> list[Json]:
    """What is in some columns of a table."""
    return grid.profile_view(_table(session, about)[0], names)


def table_cell(session: InteractiveExecutionResult, position: int, column: str, **about: Any) -> str | None:
    """One cell of a table, whole."""
    return _table(session, about)[0].cell(position, column)


def table_condition(session: InteractiveExecutionResult, **told: Any) -> str:
    """The filter of a table with one more test in it."""
    del session
    return conditions.condition(**told)


def _table(session: InteractiveExecutionResult, about: Json) -> tuple[Artifact, Json]:
    """The table that is meant, and what else was said about it."""
    step, at = about.pop("step"), about.pop("at")
    place = {key: about.pop(key) for key in ("side", "port", "channel", "file")}
    return grid.table_at(stood(session, step, at), **place), about


def _stood_run(session: InteractiveExecutionResult, at: int | None) -> RunState:
    """The run as it stands, or as it stood at an earlier pause."""
    if at is None:
        return session.state
    for pause in reversed(session.pauses):
        if pause.number == at:
            return pause.state
    raise CommandRefused(f"pause {at} is no longer kept", fix="look at a later one")


def _journal(session: InteractiveExecutionResult) -> Journal:
    return session[session.pipeline.order[0]].workspace.journal


QUESTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "moment": moment,
    "timeline": timeline_of,
    "progress": progress,
    "overview": overview,
    "findings": findings,
    "runs": runs,
    "run_steps": run_steps,
    "step": step,
    "ports": ports,
    "port_files": port_files,
    "preview": preview,
    "changed": changed_by,
    "gone": gone_from,
    "checks": checks,
    "source": source,
    "log": log,
    "failure": failure,
    "explain": explained,
    "wiring": wiring,
    "resources": resources,
    "table_page": table_page,
    "table_profile": table_profile,
    "table_cell": table_cell,
    "table_condition": table_condition,
    "lineage": lineage,
}
