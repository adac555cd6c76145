"""Whether a step fits into the memory that is free, going by its last run; and holding it back while it does not.

Pure: the driver measures what is free and puts it into the state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cursus_rt_notebook.engine.frontier import OPEN, with_step
from cursus_rt_notebook.engine.state import RunState, RunStatus, StepState
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.pipeline.units import shown_bytes

_WAITS = "waits for memory: "


def shortage(state: RunState, name: str) -> str:
    """In words, what a step needs and what is free beside the others; empty if it fits, or if nothing is known of it.

    What running steps needed last time and have not taken yet counts as taken.
    """
    need = state.steps[name].need
    if need is None or state.free_memory is None:
        return ""
    ahead = sum(_ahead(state.steps[other]) for other in state.running if other != name)
    free = max(state.free_memory - ahead, 0)
    return f"needs {shown_bytes(need)} as last time, {shown_bytes(free)} free" if need > free else ""


def _ahead(step: StepState) -> int:
    reached = max((step.memory or 0, *(memory for _, memory in step.memory_curve)))
    return max((step.need or 0) - reached, 0)


def warning(state: RunState, name: str) -> tuple[Finding, ...]:
    """What is to be said of a step that is about to run though it does not fit: nothing else ran that could end."""
    lack = shortage(state, name)
    if not lack:
        return ()
    fix = "close what else holds memory, or let it read its input in parts; `memory:` sets a limit of its own"
    return (Finding("warning", f"{name} runs with too little memory: {lack}", fix, step=name),)


def held(state: RunState, lacks: Mapping[str, str], started: tuple[str, ...], pipeline: Pipeline) -> RunState:
    """The state in which the steps in `lacks` say what they wait for, and those that `started` are held no longer."""
    if not lacks and not state.held:
        return state
    before = {name: reason for name, reason in state.held.items() if name not in started}
    for name, lack in lacks.items():
        step = state.steps[name]
        before.setdefault(name, step.reason)
        state = with_step(state, replace(step, reason=_WAITS + lack), pipeline)
    return replace(state, held=before)


def released(state: RunState, pipeline: Pipeline) -> RunState:
    """The state in which nothing is held, if the run does not move: then nothing waits for memory."""
    if not state.held or state.status is RunStatus.RUNNING:
        return state
    for name, reason in state.held.items():
        step = state.steps[name]
        if step.status in OPEN and step.reason.startswith(_WAITS):
            state = with_step(state, replace(step, reason=reason), pipeline)
    return replace(state, held={})
