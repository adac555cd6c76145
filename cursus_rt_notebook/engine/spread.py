"""What becomes of the steps below one that changed, failed or was left out."""

from __future__ import annotations

from dataclasses import replace

from cursus_rt_notebook.engine.frontier import OPEN, tolerated, with_step
from cursus_rt_notebook.engine.state import SETTLED, RunState, StepState, StepStatus
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, FromStep, Pipeline


def without_skipped(state: RunState, pipeline: Pipeline) -> RunState:
    """A run that begins, without the steps that a stub leaves out, and what cannot do without their outputs."""
    for name in pipeline.order:
        stub = pipeline.steps[name].stub
        if stub is not None and stub.kind == "skip":
            reason = "" if stub.recorded else "left out by its stub"
            left_out = replace(state.steps[name], status=StepStatus.SKIPPED, reason=reason)
            state = lacking_consumers(with_step(state, left_out, pipeline), name, pipeline)
    return state


def stale(state: RunState, name: str, reason: str, pipeline: Pipeline) -> RunState:
    """A settled or failed step is no longer what it was, nor is what needs it."""
    step = state.steps[name]
    if not _has_run(step):
        return state
    state = with_step(state, _stale(step, reason), pipeline)
    return stale_consumers(state, name, f"{name} changed", pipeline)


def to_run_again(state: RunState, name: str, pipeline: Pipeline) -> RunState:
    """A step is to be run whatever it was, and what needs it may change.

    A step that ran in the cloud, or was left out, runs here then, if it has a script.
    """
    step = state.steps[name]
    again = replace(step, status=StepStatus.STALE, reason="to be run again", lacks=None, forced=True, edited=False)
    if runs_instead(name, pipeline):
        again = replace(again, stub="")
    return stale_consumers(with_step(state, again, pipeline), name, f"{name} runs again", pipeline)


def stale_consumers(state: RunState, name: str, reason: str, pipeline: Pipeline) -> RunState:
    """What needs `name` is no longer what it was; what lacked its outputs may get them."""
    for other in pipeline.descendants(name):
        step = state.steps[other]
        ran = _has_run(step)
        state = with_step(state, _stale(step, reason), pipeline) if ran else lacking(state, other, pipeline)
    return state


def lacking_consumers(state: RunState, name: str, pipeline: Pipeline) -> RunState:
    """What cannot do without the outputs of `name`, and so on down, is skipped, or waits for them if they may come."""
    for other in pipeline.descendants(name):
        state = lacking(state, other, pipeline)
    return state


def lacking(state: RunState, name: str, pipeline: Pipeline) -> RunState:
    """A step that has not run stands as what feeds it lets it."""
    return with_step(state, _lacking(state.steps[name], state, pipeline), pipeline)


def runs_instead(name: str, pipeline: Pipeline) -> bool:
    """Whether a step's script runs when the user has it run again, in the place of what stands in for it."""
    step = pipeline.steps[name]
    return step.stub is not None and step.stub.runs_instead and step.script != NO_SCRIPT


def _has_run(step: StepState) -> bool:
    return step.status in SETTLED or step.status is StepStatus.FAILED


def _stale(step: StepState, reason: str) -> StepState:
    return replace(step, status=StepStatus.STALE, reason=reason, former=step.status)


def _lacking(step: StepState, state: RunState, pipeline: Pipeline) -> StepState:
    """The step as it stands by what those that feed it have become."""
    if step.status not in OPEN and step.lacks is None:
        return step
    stub = pipeline.steps[step.name].stub
    if step.stub and stub is not None and stub.kind == "given" and stub.recorded is None:
        return _hopeful(step)  # what the user gave in its place needs nothing
    fed = (source for source in pipeline.steps[step.name].inputs.values() if isinstance(source, FromStep))
    feeding = [state.steps[source.step] for source in fed if not source.optional]
    gone = [each for each in feeding if each.status is StepStatus.SKIPPED or tolerated(each, pipeline)]
    late = [each for each in feeding if each.status is StepStatus.FAILED or each.lacks is not None]
    if not gone and not late:
        return _hopeful(step)
    first = (gone or late)[0]
    lacks = first.lacks or first.name
    if step.status is StepStatus.STALE and not gone:
        return replace(step, lacks=lacks)  # what it made is still there to be seen
    status = StepStatus.SKIPPED if gone else StepStatus.WAITING
    became = "was skipped" if state.steps[lacks].status is StepStatus.SKIPPED else "failed"
    return replace(step, status=status, reason=f"needs {lacks}, which {became}", lacks=lacks)


def _hopeful(step: StepState) -> StepState:
    if step.lacks is None:
        return step
    if step.status is StepStatus.STALE:
        return replace(step, lacks=None)
    return replace(step, status=StepStatus.WAITING, reason="", lacks=None)
