"""Runs told as results: what became of each step of a session, and of the edges between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.session import InteractiveExecutionResult
from cursus_rt_notebook.engine.state import SETTLED, StepStatus
from cursus_rt_notebook.engine.testing.compared import compared
from cursus_rt_notebook.engine.testing.results import (
    ErrorReport,
    ExecutionResult,
    PortData,
    TableData,
    TransitionTestResult,
)
from cursus_rt_notebook.errors import InputMissing
from cursus_rt_notebook.pipeline.contract import ScriptContract
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, FromStep, Pipeline, Step

_LOG_TAIL = 2_000
_ENDED = SETTLED | {StepStatus.FAILED, StepStatus.SKIPPED}


def executions(session: InteractiveExecutionResult) -> tuple[ExecutionResult, ...]:
    """The steps of a session that have ended, each as it stands."""
    state = session.state
    return tuple(execution(session[name]) for name in session.pipeline.order if state.steps[name].status in _ENDED)


def execution(view: StepView) -> ExecutionResult:
    """One step as it stands, as a result."""
    state = view.state
    failure = state.failure
    return ExecutionResult(
        step_name=view.name,
        script_path="" if view.step.script == NO_SCRIPT else str(view.step.script),
        status=str(state.status),
        success=state.status in SETTLED,
        seconds=state.seconds,
        cpu_seconds=state.cpu_seconds,
        peak_memory=state.memory,
        read_bytes=state.read_bytes,
        written_bytes=state.written_bytes,
        attempts=len(view.attempts),
        inputs={port: _port(artifact, state.inputs.get(port, "")) for port, artifact in view.inputs.items()},
        outputs={port: _port(artifact, state.outputs.get(port, "")) for port, artifact in view.outputs.items()},
        tables=tuple(TableData(port=t.port, channel=t.channel, rows=t.rows, columns=t.columns) for t in state.tables),
        error=ErrorReport.of(failure) if failure else None,
        findings=state.findings,
        reason=state.reason,
        log_path=state.log_path,
        log_tail=view.log[-_LOG_TAIL:],
    )


def _port(artifact: Artifact, digest: str) -> PortData:
    return PortData(path=str(artifact.path), digest=digest, producer=artifact.step, producer_port=_port_of(artifact))


def _port_of(artifact: Artifact) -> str | None:
    return artifact.port if artifact.step else None


def transitions(session: InteractiveExecutionResult) -> tuple[TransitionTestResult, ...]:
    """Every edge of a session's pipeline along which data flowed."""
    pipeline, state = session.pipeline, session.state
    edges = (
        (need, name) for name in pipeline.order for need in pipeline.steps[name].needs if _ports(pipeline, need, name)
    )
    return tuple(transition(session, pipeline, up, down) for up, down in edges if state.steps[up].status in SETTLED)


def transition(
    session: InteractiveExecutionResult, pipeline: Pipeline, upstream: str, downstream: str
) -> TransitionTestResult:
    """How what one step wrote fits what another of the pipeline reads; the session must have run the first."""
    ports = _ports(pipeline, upstream, downstream)
    step, outputs = pipeline.steps[downstream], session[upstream].outputs
    found = {}
    for port, source in ports.items():
        if source.port not in outputs:
            message = f"{upstream} wrote nothing to {source.port!r}, which {downstream} reads as {port!r}"
            error = InputMissing(message, fix=f"look at {upstream}'s log", ports=(port,))
            return TransitionTestResult(
                upstream_step=upstream, downstream_step=downstream, success=False, error=ErrorReport.of_error(error)
            )
        schema = pipeline.steps[upstream].outputs[source.port].schema_file
        results = [compared({port: outputs[source.port]}, each, step.script) for each in _expecting(step, port, schema)]
        found[port] = next((result for result in results if not result.ok), results[-1])
    success = all(result.ok for result in found.values())
    return TransitionTestResult(upstream_step=upstream, downstream_step=downstream, success=success, ports=found)


def _expecting(step: Step, port: str, schema: Path | None) -> Iterator[ScriptContract]:
    """The contract of a step; where an input has no schema of its own, also with that of the output which feeds it."""
    contract = ScriptContract.of_step(step)
    yield contract
    said = contract.inputs[port]
    if schema is not None and said.schema_file is None:
        fed = said.model_copy(update={"schema_file": schema})
        yield contract.model_copy(update={"inputs": {**contract.inputs, port: fed}})


def _ports(pipeline: Pipeline, upstream: str, downstream: str) -> dict[str, FromStep]:
    """The inputs of one step that another feeds."""
    inputs = pipeline.steps[downstream].inputs
    return {port: source for port, source in inputs.items() if isinstance(source, FromStep) and source.step == upstream}
