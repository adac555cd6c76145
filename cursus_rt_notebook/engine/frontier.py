"""What follows from where the steps stand: which run, which failed, which could start.

It is kept up from step to step. Walking the whole pipeline at each event would make a step of a long one dearer.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cursus_rt_notebook.engine.state import SETTLED, RunState, StepState, StepStatus
from cursus_rt_notebook.pipeline.model import Open, Pipeline, Step

OPEN = frozenset({StepStatus.WAITING, StepStatus.STALE})


def first_state(
    pipeline: Pipeline, estimates: Mapping[str, float], needs: Mapping[str, int] | None = None, **facts: Any
) -> RunState:
    """The state of a run in which nothing has happened yet; what each step took before, in seconds and bytes."""
    needs = needs or {}
    steps = {name: _first(name, pipeline, estimates.get(name), needs.get(name)) for name in pipeline.order}
    state = drawn(RunState(pipeline_name=pipeline.name, steps=steps, **facts), pipeline)
    return replace(state, next_steps=state.ready)


def _first(name: str, pipeline: Pipeline, seconds: float | None, memory: int | None) -> StepState:
    stub = pipeline.steps[name].stub
    words = stub.words if stub else ""
    return StepState(name, reason=_lacks(pipeline.steps[name]), estimate=seconds, need=memory, stub=words)


def _lacks(step: Step) -> str:
    """Which inputs nothing feeds that the step needs to run: `needs INPUT_DATA + 1`."""
    ports = [port for port, source in step.inputs.items() if isinstance(source, Open)] if not step.stub else []
    return f"needs {ports[0]}{f' + {len(ports) - 1}' if ports[1:] else ''}" if ports else ""


def drawn(state: RunState, pipeline: Pipeline) -> RunState:
    """The state with all that follows from its steps, drawn anew by a walk over the whole pipeline."""
    through: set[str] = set()
    unmet: dict[str, int] = {}
    for name in pipeline.order:
        unmet[name] = sum(need not in through for need in pipeline.steps[name].needs)
        if not unmet[name] and _ended(state.steps[name], pipeline):
            through.add(name)
    ready = tuple(name for name in pipeline.order if not unmet[name] and state.steps[name].status in OPEN)
    running, failed = state.having(StepStatus.RUNNING), state.having(StepStatus.FAILED)
    return replace(state, unmet=unmet, ready=ready, running=running, failed=failed)


def with_step(state: RunState, step: StepState, pipeline: Pipeline) -> RunState:
    """The state in which `step` stands as given, with all that follows from it."""
    before = state.steps[step.name]
    if step is before:
        return state
    steps = {**state.steps, step.name: step}  # copied in C: 5 µs for a thousand
    if step.status is before.status:
        return replace(state, steps=steps)
    unmet, flipped = _unmet(state, before, step, pipeline)
    ready = state.ready
    for name in flipped:
        ready = _placed(ready, name, pipeline, belongs=not unmet[name] and steps[name].status in OPEN)
    return replace(
        state,
        steps=steps,
        unmet=unmet,
        ready=ready,
        running=_placed(state.running, step.name, pipeline, belongs=step.status is StepStatus.RUNNING),
        failed=_placed(state.failed, step.name, pipeline, belongs=step.status is StepStatus.FAILED),
    )


def begun(step: StepState) -> StepState:
    """The step as it starts: of what became of it before, only what it made is still there to be seen."""
    return replace(step, status=StepStatus.RUNNING, reason="", lacks=None, failure=None, memory=None, memory_curve=())


def soon(state: RunState, pipeline: Pipeline) -> int:
    """How many steps may be wanted at once, when those that run have ended."""
    waiting = {name for step in state.running for name in pipeline.consumers[step] if state.unmet[name] == 1}
    return min(max(len(waiting), 1), state.max_workers)


def tolerated(step: StepState, pipeline: Pipeline) -> bool:
    """Whether it failed and the pipeline goes on: what needs it is skipped, what only comes after it may run."""
    return step.status is StepStatus.FAILED and pipeline.steps[step.name].on_error == "continue"


def _unmet(
    state: RunState, before: StepState, step: StepState, pipeline: Pipeline
) -> tuple[Mapping[str, int], list[str]]:
    """Of how many steps each waits now, and the steps for which something may have become of it.

    A step is waited for until it has ended and all that it waits for has: a wave goes down from one to the next.
    """
    flipped = [step.name]
    if _ended(before, pipeline) == _ended(step, pipeline) or state.unmet[step.name]:
        return state.unmet, flipped
    unmet = dict(state.unmet)
    change = -1 if _ended(step, pipeline) else 1
    wave = [step.name]
    while wave:
        for name in pipeline.consumers[wave.pop()]:
            unmet[name] += change
            if unmet[name] == max(change, 0):  # it has become the first that waits, or the last has gone
                flipped.append(name)
                if _ended(state.steps[name], pipeline):
                    wave.append(name)
    return unmet, flipped


def _ended(step: StepState, pipeline: Pipeline) -> bool:
    return step.status in SETTLED or step.status is StepStatus.SKIPPED or tolerated(step, pipeline)


def _placed(names: tuple[str, ...], name: str, pipeline: Pipeline, *, belongs: bool) -> tuple[str, ...]:
    """`names`, which are in the pipeline's order, with `name` among them or not."""
    at = bisect_left(names, pipeline.rank[name], key=pipeline.rank.__getitem__)
    there = at < len(names) and names[at] == name
    if there == belongs:
        return names
    return (*names[:at], name, *names[at:]) if belongs else names[:at] + names[at + 1 :]
