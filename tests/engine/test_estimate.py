"""How long a run still takes, going by earlier ones."""

from __future__ import annotations

from dataclasses import replace

from cursus_rt_notebook.engine.estimate import seconds_left
from cursus_rt_notebook.engine.frontier import first_state, with_step
from cursus_rt_notebook.engine.state import StepStatus
from tests.engine.test_transitions import DIAMOND, make_pipeline

SECONDS = {"a": 1.0, "b": 4.0, "c": 2.0, "d": 1.0}


def test_the_longest_path_counts_or_the_work_shared_among_the_workers():
    """With many workers a run lasts as long as its longest path, with one as long as all its steps."""
    pipeline = make_pipeline(DIAMOND)
    left = [seconds_left(first_state(pipeline, SECONDS, run_id="r", max_workers=n), pipeline) for n in (1, 2, 9)]
    assert left == [8.0, 6.0, 6.0]


def test_what_is_done_takes_no_more_and_what_runs_takes_the_rest():
    """A step that runs longer than it should is expected to end now."""
    pipeline = make_pipeline(DIAMOND)
    state = first_state(pipeline, SECONDS, run_id="r", max_workers=2)
    state = with_step(state, replace(state.steps["a"], status=StepStatus.CACHED), pipeline)
    state = with_step(state, replace(state.steps["b"], status=StepStatus.RUNNING, started=100.0), pipeline)
    assert seconds_left(state, pipeline, now=101.0) == 4.0
    assert seconds_left(state, pipeline, now=200.0) == 3.0


def test_nobody_guesses_for_a_step_that_never_succeeded():
    """One unknown step makes the whole unknown, until it is done."""
    pipeline = make_pipeline(DIAMOND)
    state = first_state(pipeline, {**SECONDS, "b": None}, run_id="r")
    assert seconds_left(state, pipeline) is None
    state = with_step(state, replace(state.steps["b"], status=StepStatus.DONE), pipeline)
    assert seconds_left(state, pipeline) == 4.0
