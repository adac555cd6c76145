"""The one pure function that moves a run: (state, event) -> (state, effects).

It knows no clock, no file and no thread. The driver calls it and carries out the effects; a test calls it alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import singledispatch

from cursus_rt_notebook.engine import room, spread
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
from cursus_rt_notebook.engine.frontier import begun, tolerated, with_step
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
from cursus_rt_notebook.pipeline.model import Pipeline

ENDED = frozenset({RunStatus.FINISHED, RunStatus.FAILED, RunStatus.STOPPED})


def advance(state: RunState, event: Event, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    """The state after `event`, and what must be done about it.

    Raises:
        CommandRefused: the command is impossible in this state; the state is as it was.
    """
    state, effects = _apply(event, state, pipeline)
    state, more = _schedule(state, pipeline)
    state = room.released(state, pipeline)
    return replace(state, next_steps=() if state.status in ENDED else state.ready), (*effects, *more)


@singledispatch
def _apply(event: Event, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    del state, pipeline
    raise TypeError(f"no such event: {event!r}")


@_apply.register
def _(event: Go, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    _refuse_unless_idle(state)
    if event.kind in {"run_to", "rerun"}:
        _refuse_target(state, event)
    if event.kind == "rerun" and event.target:
        state = spread.to_run_again(state, event.target, pipeline)
    for name, reason in (event.changed or {}).items():
        state = spread.stale(state, name, reason, pipeline)
    if event.kind == "continue" and not all(tolerated(state.steps[name], pipeline) for name in state.failed):
        return replace(state, status=RunStatus.FAILED, goal=None, hits=(), pause=None), ()
    passed = state.passed
    # To run another step again is no answer to the breakpoint that it stands at.
    here = state.pause is not None and state.pause.when is When.BEFORE and state.pause.step
    if here and (event.kind != "rerun" or event.target == here):
        passed |= {here}
    goal = Goal(event.kind, event.target, _wanted(event, pipeline))
    return replace(state, status=RunStatus.RUNNING, goal=goal, pause=None, passed=passed), ()


@_apply.register
def _(event: Skip, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    _refuse_ended(state)
    step = _known(state, event.step)
    if step.status is StepStatus.RUNNING or step.status in SETTLED:
        raise CommandRefused(f"{event.step} is {step.status}: too late to skip it")
    skipped = replace(step, status=StepStatus.SKIPPED, reason="skipped by hand", lacks=None, failure=None)
    return spread.lacking_consumers(with_step(state, skipped, pipeline), event.step, pipeline), ()


@_apply.register
def _(event: Halt, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    del pipeline
    kills = tuple(Kill(name) for name in state.running)
    if event.final:
        status = state.status if state.status in ENDED else RunStatus.STOPPED
        return replace(state, status=status, goal=None, hits=(), pause=None), kills
    if state.status is not RunStatus.RUNNING:
        return state, ()
    if any(hit.when is When.INTERRUPTED for hit in state.hits):
        return state, kills
    hit = Hit(state.running[0] if state.running else None, When.INTERRUPTED, "you interrupted it")
    return replace(state, hits=(*state.hits, hit)), kills


@_apply.register
def _(event: SetBreakpoints, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    del pipeline
    return replace(state, breakpoints=event.breakpoints), ()


@_apply.register
def _(event: Replaced, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    if state.status in ENDED or state.steps[event.step.name].status is StepStatus.RUNNING:
        raise CommandRefused(f"{event.step.name} cannot be replaced now", fix="replace data while the run is paused")
    state = with_step(state, replace(event.step, lacks=None), pipeline)
    return spread.stale_consumers(state, event.step.name, f"{event.step.name} replaced", pipeline), ()


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
    step = state.steps[event.step]
    if event.of not in {None, step.artifact}:
        return state, ()
    return with_step(state, replace(step, **event.news), pipeline), ()


@_apply.register
def _(event: Ended, state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    name = event.step.name
    step = replace(event.step, forced=False, former=None)
    state = with_step(replace(state, passed=state.passed - {name}), step, pipeline)
    if event.step.status is StepStatus.FAILED:
        return _after_failure(state, name, pipeline), ()
    if event.step.status is StepStatus.WAITING:  # it was killed
        return spread.lacking(state, name, pipeline), ()
    if event.unchanged and state.goal is not None:
        return replace(state, goal=replace(state.goal, begun=state.goal.begun - {name})), ()
    return replace(state, hits=(*state.hits, *_plain_hits(state, name), *event.hits)), ()


def _after_failure(state: RunState, name: str, pipeline: Pipeline) -> RunState:
    state = spread.lacking_consumers(state, name, pipeline)
    failure = state.steps[name].failure
    if tolerated(state.steps[name], pipeline):
        return state
    return replace(state, hits=(*state.hits, Hit(name, When.FAILED, failure.summary if failure else "failed")))


def _schedule(state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    """Start what may start; pause or end the run where nothing more may."""
    if state.status is not RunStatus.RUNNING or state.goal is None:
        return state, ()
    if not state.hits and not _goal_reached(state):
        state, starts = _start(state, pipeline)
        if starts:
            return state, starts
    if state.running:
        return state, ()
    if state.hits:
        return _pause(replace(state, hits=state.hits[1:]), state.hits[0]), ()
    reached = _goal_hit(state)
    if reached is not None:
        return _pause(state, reached), ()
    status = RunStatus.FAILED if state.failed else RunStatus.FINISHED
    return replace(state, status=status, goal=None), ()


def _start(state: RunState, pipeline: Pipeline) -> tuple[RunState, tuple[Effect, ...]]:
    goal = state.goal
    assert goal is not None
    places = (1 if goal.kind == "step" else state.max_workers) - len(state.running)
    starts: list[Start] = []
    lacks: dict[str, str] = {}
    for name in state.ready:
        if len(starts) >= places:
            break
        if goal.wanted is not None and name not in goal.wanted:
            continue
        if name not in state.passed and not _asked_for(goal, name) and _breaks(state, name, When.BEFORE):
            state = replace(state, hits=(*state.hits, Hit(name, When.BEFORE, f"breakpoint before {name}")))
            break
        if state.running and (lack := room.shortage(state, name)):
            lacks[name] = lack
            continue
        state = with_step(state, begun(state.steps[name]), pipeline)
        starts.append(Start(name))
    state = room.held(state, lacks, tuple(start.step for start in starts), pipeline)
    if starts and goal.kind in {"step", "rerun"}:
        state = replace(state, goal=replace(goal, begun=goal.begun | {start.step for start in starts}))
    return state, tuple(starts)


def _goal_reached(state: RunState) -> bool:
    goal = state.goal
    assert goal is not None
    match goal.kind:
        case "step":
            return bool(goal.begun) and not state.running
        case "rerun":
            return goal.target in goal.begun and goal.target not in state.running
        case _:
            return False


def _asked_for(goal: Goal, name: str) -> bool:
    # Told to run this very step, stopping before it would be no answer.
    return goal.kind == "step" or (goal.kind == "rerun" and goal.target == name)


def _goal_hit(state: RunState) -> Hit | None:
    """Where the goal has led, once nothing runs: the pause to make of it."""
    goal = state.goal
    assert goal is not None
    match goal.kind:
        case "step" if goal.begun:
            return Hit(next(iter(goal.begun)), When.AFTER, "one step")
        case "rerun" if goal.target in goal.begun:
            return Hit(goal.target, When.AFTER, "run again")
        case "run_to" | "rerun" if goal.target in state.ready:
            return Hit(goal.target, When.BEFORE, "run to here")
        case "run_to" | "rerun" if state.ready and goal.target:
            reason = f"{goal.target} cannot be reached: it is {state.steps[goal.target].status}"
            return Hit(goal.target, When.BEFORE, reason)
        case _:
            return None


def _wanted(event: Go, pipeline: Pipeline) -> frozenset[str] | None:
    """The steps that a goal may run; None for any."""
    if event.target is None:
        return None
    own = (event.target,) if event.kind == "rerun" else ()
    return frozenset((*pipeline.ancestors(event.target), *own))


def _pause(state: RunState, hit: Hit) -> RunState:
    number = state.pauses + 1
    pause = PauseInfo(number, hit.step, hit.when, hit.reason)
    return replace(state, status=RunStatus.PAUSED, goal=None, pause=pause, pauses=number)


def _plain_hits(state: RunState, name: str) -> Iterable[Hit]:
    if _breaks(state, name, When.AFTER):
        yield Hit(name, When.AFTER, f"breakpoint after {name}")


def _breaks(state: RunState, name: str, when: When) -> bool:
    return any(b.enabled and b.step == name and b.when is when and b.condition is None for b in state.breakpoints)


def _refuse_unless_idle(state: RunState) -> None:
    if state.status is RunStatus.RUNNING:
        raise CommandRefused("the run is already moving", fix="wait for its next pause, or stop it")
    _refuse_ended(state)


def _refuse_ended(state: RunState) -> None:
    if state.status in ENDED:
        raise CommandRefused(f"the run is {state.status}", fix="start a new one; finished steps come from the cache")


def _refuse_target(state: RunState, event: Go) -> None:
    if event.target is None:
        raise CommandRefused(f"nothing to {event.kind} here", fix=f'name the step: session.{event.kind}("train")')
    step = _known(state, event.target)
    if event.kind == "run_to" and step.status in SETTLED:
        raise CommandRefused(f"{step.name} has run already", fix=f"rerun it: session.rerun({step.name!r})")
    if event.kind == "run_to" and step.status is StepStatus.SKIPPED:
        raise CommandRefused(f"{step.name} is skipped: {step.reason}")


def _known(state: RunState, name: str) -> StepState:
    if name not in state.steps:
        raise CommandRefused(f"no step {name!r}", fix=f"the steps are {', '.join(state.steps)}")
    return state.steps[name]


def _count(errors: list[Finding]) -> str:
    rest = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return errors[0].message + rest
