"""What follows from the steps is kept up from event to event, and is what a walk over the pipeline would find."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cursus_rt_notebook.engine.events import Ended, Go, Halt, Noted, Replaced, Skip
from cursus_rt_notebook.engine.frontier import drawn, first_state
from cursus_rt_notebook.engine.state import RunStatus, StepStatus
from cursus_rt_notebook.engine.transitions import advance
from cursus_rt_notebook.errors import CommandRefused
from cursus_rt_notebook.pipeline.model import FromStep, Pipeline, Step

NAMES = "hgfedcba"  # not in the order of the alphabet, which must not matter


@st.composite
def pipelines(draw):
    """Any graph of up to eight steps: needs for data, optional or not, and for order only."""
    steps = {}
    for place, name in enumerate(NAMES[: draw(st.integers(1, len(NAMES)))]):
        before = st.lists(st.sampled_from(NAMES[:place]), unique=True, max_size=3) if place else st.just([])
        fed = {up: FromStep(step=up, port="out", optional=draw(st.booleans())) for up in draw(before)}
        on_error = draw(st.sampled_from(["pause", "continue"]))
        steps[name] = Step(
            name=name,
            script=Path("s.py"),
            inputs=fed,
            outputs={"out": {}},
            after=tuple(draw(before)),
            on_error=on_error,
        )
    return Pipeline(name="p", steps=steps, source_dir=Path(), base_dir=Path(), origin="dict")


def event(draw, state, pipeline):
    """Something that may happen now: to a step, or a command."""
    name = draw(st.sampled_from(pipeline.order))
    if state.running and draw(st.booleans()):
        name = draw(st.sampled_from(state.running))
        status = draw(st.sampled_from([StepStatus.DONE, StepStatus.CACHED, StepStatus.FAILED, StepStatus.WAITING]))
        return Ended(replace(state.steps[name], status=status), unchanged=draw(st.booleans()))
    changed = draw(st.dictionaries(st.sampled_from(pipeline.order), st.just("changed"), max_size=2))
    return draw(
        st.sampled_from(
            [
                Go("continue", changed=changed),
                Go("step", changed=changed),
                Go("run_to", name, changed),
                Go("rerun", name, changed),
                Skip(name),
                Halt(final=False),
                Noted(name, {"memory": 1}),
                Replaced(replace(state.steps[name], status=StepStatus.DONE, edited=True)),
            ]
        )
    )


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_is_kept_up_is_what_a_walk_would_find(data):
    """Who runs, who failed, who could start and of how many steps each waits, over any graph and any events."""
    pipeline = data.draw(pipelines())
    state = first_state(pipeline, {}, run_id="r", max_workers=data.draw(st.integers(1, 3)))
    for _ in range(data.draw(st.integers(1, 25))):
        try:
            state, _ = advance(state, event(data.draw, state, pipeline), pipeline)
        except CommandRefused:
            continue
        assert state == drawn(state, pipeline)
        assert state.next_steps == (() if state.status in {"finished", "failed", "stopped"} else state.ready)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_step_is_blocked_exactly_while_it_cannot_get_what_it_needs(data):
    """Below a failure steps wait and say for whom, below one left out they are skipped, and nothing of it stays."""
    pipeline = data.draw(pipelines())
    state = first_state(pipeline, {}, run_id="r")
    for _ in range(data.draw(st.integers(1, 25))):
        try:
            state, _ = advance(state, event(data.draw, state, pipeline), pipeline)
        except CommandRefused:
            continue
        for step in state.steps.values():
            fed = [s for s in pipeline.steps[step.name].inputs.values() if isinstance(s, FromStep) and not s.optional]
            feeding = [state.steps[source.step] for source in fed]
            lost = any(s.status in {StepStatus.FAILED, StepStatus.SKIPPED} or s.lacks for s in feeding)
            if step.status is StepStatus.WAITING:
                assert step.blocked == lost
            if step.lacks:
                root = state.steps[step.lacks]
                assert root.status in {StepStatus.FAILED, StepStatus.SKIPPED}
                assert root.lacks is None
                became = "failed" if root.status is StepStatus.FAILED else "was skipped"
                assert step.status is StepStatus.STALE or step.reason == f"needs {step.lacks}, which {became}"


def test_a_run_of_many_steps_ends():
    """A thousand steps, in a chain and side by side: each starts once, in its turn."""
    chain = {f"s{n}": Step(name=f"s{n}", script=Path("s"), after=(f"s{n - 1}",) if n else ()) for n in range(1_000)}
    wide = {f"s{n}": Step(name=f"s{n}", script=Path("s")) for n in range(1_000)}
    for steps in (chain, wide):
        pipeline = Pipeline(name="p", steps=steps, source_dir=Path(), base_dir=Path(), origin="dict")
        state, effects = advance(first_state(pipeline, {}, run_id="r", max_workers=2), Go("continue"), pipeline)
        started = [effect.step for effect in effects]
        while state.running:
            done = replace(state.steps[state.running[0]], status=StepStatus.DONE)
            state, effects = advance(state, Ended(done), pipeline)
            started += [effect.step for effect in effects]
        assert state.status is RunStatus.FINISHED
        assert started == list(steps)
