"""The one pure function that moves a run: (state, event) -> (state, effects).

It knows no clock, no file and no thread. The driver calls it and carries out the effects; a test calls it alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import singledispatch

from cursus_rt_notebook.engine.events import (
    Effect,
    Ended,
    Event,
    Go,
    Halt,
    Kill,
    Noted,
    Noticed,
    Preflighted,
    Replaced,
    SetBreakpoints,
    Skip,
    Start,
)
from cursus_rt_notebook.engine.state import (
    SETTLED,
    Goal,
    Hit,
    PauseInfo,
    RunState,
    RunStatus,
    StepState,
    StepStatus,
    When,
)
from cursus_rt_notebook.errors import CommandRefused
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import FromStep, Pipeline

ENDED = frozenset({RunStatus.FINISHED, RunStatus.FAILED, RunStatus.STOPPED})
_OPEN = frozenset({StepStatus.WAITING, StepStatus.STALE})


def advance(state: RunState, event: Event, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    """The state after `event`, and what must be done about it.

    Raises:
        CommandRefused: the command is impossible in this state; the state is as it was.
    """
    state, effects = _apply(event, state, pipeline)
    state, more = _schedule(state, pipeline)
    return replace(state, next_steps=_next_steps(state, pipeline)), (*effects, *more)


@singledispatch
def _apply(event: Event, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    del state, pipeline
    raise TypeError(f"no such event: {event!r}")


@_apply.register
def _(event: Go, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    _refuse_unless_idle(state)
    if event.target is not None and event.target not in state.steps:
        raise CommandRefused(f"no step {event.target!r}", fix=f"the steps are {', '.join(state.steps)}")
    if event.kind == "run_to" and event.target and state.steps[event.target].status in SETTLED:
        raise CommandRefused(f"{event.target} has run already", fix=f"rerun it: session.rerun({event.target!r})")
    if event.kind == "run_to" and event.target and state.steps[event.target].status is StepStatus.SKIPPED:
        raise CommandRefused(f"{event.target} is skipped: {state.steps[event.target].reason}")
    if event.kind == "rerun":
        state = _mark_rerun(state, event.target, pipeline)
    for name, reason in (event.changed or {}).items():
        state = _mark_stale(state, name, reason, pipeline)
    if event.kind == "continue" and any(
        not _tolerated(state.steps[n], pipeline) for n in state.having(StepStatus.FAILED)
    ):
        return replace(state, status=RunStatus.FAILED, goal=None, hits=(), pause=None), ()
    passed = state.passed
    if state.pause is not None and state.pause.step and state.pause.when is When.BEFORE:
        passed |= {state.pause.step}
    goal = Goal(event.kind, event.target)
    return replace(state, status=RunStatus.RUNNING, goal=goal, pause=None, passed=passed), ()


@_apply.register
def _(event: Skip, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    if state.status in ENDED:
        raise CommandRefused(f"the run is {state.status}", fix="start a new one; finished steps come from the cache")
    step = state.steps[event.step]
    if step.status is StepStatus.RUNNING or step.status in SETTLED:
        raise CommandRefused(f"{event.step} is {step.status}: too late to skip it")
    state = _with_step(state, replace(step, status=StepStatus.SKIPPED, reason="skipped by hand", failure=None))
    return _skip_consumers(state, event.step, pipeline), ()


@_apply.register
def _(event: Halt, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    del pipeline
    kills = tuple(Kill(name) for name in state.having(StepStatus.RUNNING))
    if event.final:
        status = state.status if state.status in ENDED else RunStatus.STOPPED
        return replace(state, status=status, goal=None, hits=(), pause=None), kills
    if state.status is not RunStatus.RUNNING:
        return state, ()
    running = state.having(StepStatus.RUNNING)
    hit = Hit(running[0] if running else None, When.INTERRUPTED, "you interrupted it")
    return replace(state, hits=(*state.hits, hit)), kills


@_apply.register
def _(event: SetBreakpoints, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    del pipeline
    return replace(state, breakpoints=event.breakpoints), ()


@_apply.register
def _(event: Replaced, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    if state.status in ENDED or state.steps[event.step.name].status is StepStatus.RUNNING:
        raise CommandRefused(f"{event.step.name} cannot be replaced now", fix="replace data while the run is paused")
    state = _with_step(state, event.step)
    return _stale_consumers(state, event.step.name, f"{event.step.name} replaced", pipeline), ()


@_apply.register
def _(event: Preflighted, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    del pipeline
    errors = [f for f in event.findings if f.severity == "error"]
    hits = (Hit(errors[0].step, When.PREFLIGHT, _count(errors)),) if errors else ()
    return replace(state, findings=event.findings, hits=(*hits, *state.hits)), ()


@_apply.register
def _(event: Noticed, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    del pipeline
    return replace(state, findings=(*state.findings, *event.findings)), ()


@_apply.register
def _(event: Noted, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    del pipeline
    return _with_step(state, replace(state.steps[event.step], **event.news)), ()


@_apply.register
def _(event: Ended, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    name = event.step.name
    state = _with_step(replace(state, passed=state.passed - {name}), replace(event.step, forced=False, former=None))
    if event.step.status is StepStatus.FAILED:
        return _after_failure(state, name, pipeline), ()
    if event.step.status is StepStatus.WAITING:  # it was killed
        return state, ()
    if event.unchanged and state.goal is not None:
        return replace(state, goal=replace(state.goal, begun=state.goal.begun - {name})), ()
    return replace(state, hits=(*state.hits, *_plain_hits(state, name), *event.hits)), ()


def _after_failure(state: RunState, name: str, pipeline: Pipeline) -> RunState:
    if pipeline.steps[name].on_error == "continue":
        return _skip_consumers(state, name, pipeline)
    failure = state.steps[name].failure
    return replace(state, hits=(*state.hits, Hit(name, When.FAILED, failure.summary if failure else "failed")))


def _schedule(state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    """Start what may start; pause or end the run where nothing more may."""
    if state.status is not RunStatus.RUNNING or state.goal is None:
        return state, ()
    running = state.having(StepStatus.RUNNING)
    if not state.hits and not _goal_reached(state, running):
        state, starts = _start(state, running, pipeline)
        if starts:
            return state, starts
    if state.having(StepStatus.RUNNING):
        return state, ()
    if state.hits:
        return _pause(replace(state, hits=state.hits[1:]), state.hits[0]), ()
    reached = _goal_hit(state, pipeline)
    if reached is not None:
        return _pause(state, reached), ()
    status = RunStatus.FAILED if state.having(StepStatus.FAILED) else RunStatus.FINISHED
    return replace(state, status=status, goal=None), ()


def _start(state: RunState, running: tuple[str, ...], pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    goal = state.goal
    assert goal is not None
    room = (1 if goal.kind == "step" else state.max_workers) - len(running)
    starts: list[Effect] = []
    for name in _ready(state, pipeline, wanted=_wanted(goal, pipeline)):
        if len(starts) >= room or (goal.kind == "step" and starts):
            break
        if name not in state.passed and not _asked_for(goal, name) and _breaks(state, name, When.BEFORE):
            state = replace(state, hits=(*state.hits, Hit(name, When.BEFORE, f"breakpoint before {name}")))
            break
        state = _with_step(state, replace(state.steps[name], status=StepStatus.RUNNING, reason="", failure=None))
        starts.append(Start(name))
    begun = goal.begun | {start.step for start in starts}
    return replace(state, goal=replace(goal, begun=begun)), tuple(starts)


def _goal_reached(state: RunState, running: tuple[str, ...]) -> bool:
    goal = state.goal
    assert goal is not None
    match goal.kind:
        case "step":
            return bool(goal.begun) and not running
        case "rerun":
            return goal.target in goal.begun and goal.target not in running
        case _:
            return False


def _asked_for(goal: Goal, name: str) -> bool:
    # Told to run this very step, stopping before it would be no answer.
    return goal.kind == "step" or (goal.kind == "rerun" and goal.target == name)


def _goal_hit(state: RunState, pipeline: Pipeline) -> Hit | None:
    """Where the goal has led, once nothing runs: the pause to make of it."""
    goal = state.goal
    assert goal is not None
    ready = _ready(state, pipeline, wanted=None)
    match goal.kind:
        case "step" if goal.begun:
            return Hit(next(iter(goal.begun)), When.AFTER, "one step")
        case "rerun" if goal.target in goal.begun:
            return Hit(goal.target, When.AFTER, "run again")
        case "run_to" | "rerun" if goal.target in ready:
            return Hit(goal.target, When.BEFORE, "run to here")
        case "run_to" | "rerun" if ready and goal.target:
            reason = f"{goal.target} cannot be reached: it is {state.steps[goal.target].status}"
            return Hit(goal.target, When.BEFORE, reason)
        case _:
            return None


def _wanted(goal: Goal, pipeline: Pipeline) -> frozenset[str] | None:
    """The steps a goal may run; None for any."""
    if goal.target is None:
        return None
    own = {goal.target} if goal.kind == "rerun" else set[str]()
    return frozenset({*pipeline.ancestors(goal.target), *own})


def _ready(state: RunState, pipeline: Pipeline, wanted: frozenset[str] | None) -> tuple[str, ...]:
    """Steps that could start now: open or failed-and-to-be-tried, with everything above them settled."""
    settled: set[str] = set()
    ready: list[str] = []
    for name in pipeline.order:
        step = state.steps[name]
        if all(need in settled for need in pipeline.steps[name].needs):
            if step.status in SETTLED or step.status is StepStatus.SKIPPED or _tolerated(step, pipeline):
                settled.add(name)
            elif step.status in _OPEN and (wanted is None or name in wanted):
                ready.append(name)
    return tuple(ready)


def _tolerated(step: StepState, pipeline: Pipeline) -> bool:
    # Its consumers were skipped when it failed; what only comes after it in order may run.
    return step.status is StepStatus.FAILED and pipeline.steps[step.name].on_error == "continue"


def _next_steps(state: RunState, pipeline: Pipeline) -> tuple[str, ...]:
    return () if state.status in ENDED else _ready(state, pipeline, wanted=None)


def _pause(state: RunState, hit: Hit) -> RunState:
    number = state.pauses + 1
    pause = PauseInfo(number, hit.step, hit.when, hit.reason)
    return replace(state, status=RunStatus.PAUSED, goal=None, pause=pause, pauses=number)


def _plain_hits(state: RunState, name: str) -> Iterable[Hit]:
    if _breaks(state, name, When.AFTER):
        yield Hit(name, When.AFTER, f"breakpoint after {name}")


def _breaks(state: RunState, name: str, when: When) -> bool:
    return any(b.enabled and b.step == name and b.when is when and b.condition is None for b in state.breakpoints)


def _mark_rerun(state: RunState, target: str | None, pipeline: Pipeline) -> RunState:
    if target is None:
        raise CommandRefused("nothing to rerun here", fix='name the step: session.rerun("train")')
    step = replace(state.steps[target], status=StepStatus.STALE, reason="to be run again", forced=True, edited=False)
    return _stale_consumers(_with_step(state, step), target, f"{target} runs again", pipeline)


def _mark_stale(state: RunState, name: str, reason: str, pipeline: Pipeline) -> RunState:
    step = state.steps[name]
    if step.status not in SETTLED and step.status is not StepStatus.FAILED:
        return state
    state = _with_step(state, _stale(step, reason))
    return _stale_consumers(state, name, f"{name} changed", pipeline)


def _stale_consumers(state: RunState, name: str, reason: str, pipeline: Pipeline) -> RunState:
    for other in pipeline.descendants(name):
        step = state.steps[other]
        if step.status in SETTLED or step.status is StepStatus.FAILED:
            state = _with_step(state, _stale(step, reason))
        elif step.status is StepStatus.SKIPPED and step.reason.startswith("needs "):
            state = _with_step(state, replace(step, status=StepStatus.WAITING, reason=""))
    return state


def _stale(step: StepState, reason: str) -> StepState:
    return replace(step, status=StepStatus.STALE, reason=reason, former=step.status)


def _skip_consumers(state: RunState, name: str, pipeline: Pipeline) -> RunState:
    """Skip what cannot do without the outputs of `name`, and so on down."""
    gone = {name}
    for other in pipeline.descendants(name):
        fed = (s for s in pipeline.steps[other].inputs.values() if isinstance(s, FromStep) and not s.optional)
        lacks = next((source.step for source in fed if source.step in gone), None)
        if lacks is not None and state.steps[other].status in _OPEN:
            gone.add(other)
            skipped = replace(state.steps[other], status=StepStatus.SKIPPED, reason=f"needs {lacks}")
            state = _with_step(state, skipped)
    return state


def _refuse_unless_idle(state: RunState) -> None:
    if state.status is RunStatus.RUNNING:
        raise CommandRefused("the run is already moving", fix="wait for its next pause, or stop it")
    if state.status in ENDED:
        raise CommandRefused(f"the run is {state.status}", fix="start a new one; finished steps come from the cache")


def _with_step(state: RunState, step: StepState) -> RunState:
    return replace(state, steps={**state.steps, step.name: step})


def _count(errors: list[Finding]) -> str:
    rest = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return errors[0].message + rest
