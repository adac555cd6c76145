"""The timeline, as data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cursus_rt_notebook.engine.frontier import drawn
from cursus_rt_notebook.engine.state import RunStatus, StepState, StepStatus
from cursus_rt_notebook.render.panel.timeline import timeline_view
from tests.render import flights
from tests.render.test_dag import chain

MB = flights.MB
NOW = 1000.0


def seen(*steps: StepState, **facts):
    """The timeline of a chain whose first steps stand like this."""
    names = [step.name for step in steps] + ["later"]
    pipeline, state = chain(names)
    known = {step.name: step for step in steps}
    state = replace(state, steps={**state.steps, **known}, **facts)
    return timeline_view(drawn(state, pipeline), pipeline, NOW)


def done(name, began, seconds, curve=(), memory=None):
    """A step that ran."""
    return StepState(name, StepStatus.DONE, began=began, seconds=seconds, memory_curve=curve, memory=memory, attempt=1)


def row(view, step):
    """The row of one step."""
    return next(row for row in view["rows"] if row["step"] == step)


def test_rows_are_in_the_order_in_which_the_steps_began():
    """What began first is on top; what waits is below, in the pipeline's order, with no bar."""
    view = seen(done("a", 3.0, 1.0), done("b", 0.0, 3.0))
    assert [row["step"] for row in view["rows"]] == ["b", "a", "later"]
    assert (row(view, "a")["start"], row(view, "a")["end"], row(view, "a")["text"]) == (3.0, 4.0, "1.0 s")
    assert (row(view, "later")["start"], row(view, "later")["text"]) == (None, "waiting")


def test_a_running_bar_ends_now():
    """It is as long as the step has been running, and the axis has room for it and for what was expected."""
    running = StepState("b", StepStatus.RUNNING, began=2.0, started=NOW - 4.0, estimate=7.0)
    view = seen(done("a", 0.0, 2.0), running, status=RunStatus.RUNNING)
    assert view["moving"]
    assert row(view, "b")["running"]
    assert row(view, "b")["end"] == view["now"] == 6.0
    assert view["span"] >= 6.0


def test_the_axis_reaches_to_the_expected_end():
    """So that bars do not shrink while they grow: earlier runs say where the run will end."""
    pipeline, state = chain(["a", "b"])
    steps = {
        "a": StepState("a", StepStatus.RUNNING, began=0.0, started=NOW - 1.0, estimate=10.0),
        "b": StepState("b", estimate=9.0),
    }
    state = drawn(replace(state, steps=steps, status=RunStatus.RUNNING), pipeline)
    assert timeline_view(state, pipeline, NOW)["span"] == 20.0
    assert timeline_view(state, pipeline, NOW + 5)["span"] == 20.0


def test_what_comes_from_the_cache_is_a_thin_mark():
    """It took no time here, whatever it took when it was made; a step that did not start likewise."""
    cached = StepState("a", StepStatus.CACHED, began=0.5, seconds=30.0)
    refused = StepState("b", StepStatus.FAILED, began=0.6, reason="not started")
    view = seen(cached, refused)
    assert row(view, "a")["thin"]
    assert row(view, "a")["text"] == "cached"
    assert row(view, "b")["thin"]
    assert "not started" in row(view, "b")["title"]
    assert view["span"] < 5


def test_time_in_which_nothing_ran_is_cut_out():
    """Five minutes of thinking at a pause leave a dashed line, and the bars their size."""
    view = seen(done("a", 0.0, 2.0), done("b", 302.0, 3.0))
    assert (row(view, "b")["start"], row(view, "b")["end"]) == (2.0, 5.0)
    assert view["standstills"] == [{"at": 2.0}]
    assert "5 min" in view["note"]
    assert seen(done("a", 0.0, 2.0), done("b", 2.4, 3.0))["standstills"] == []


@pytest.mark.parametrize(
    ("seconds", "texts"),
    [
        (0.3, ["0 s", "0.2 s", "0.4 s", "0.6 s", "0.8 s", "1 s"]),
        (9.0, ["0 s", "2 s", "4 s", "6 s", "8 s", "10 s"]),
        (290.0, ["0 s", "1 min", "2 min", "3 min", "4 min", "5 min"]),
        (40_000.0, ["0 s", "2 h", "4 h", "6 h", "8 h", "10 h"]),
    ],
)
def test_the_axis_has_a_few_round_ticks(seconds, texts):
    """From a fraction of a second to many hours."""
    ticks = seen(done("a", 0.0, seconds))["ticks"]
    assert [tick["text"] for tick in ticks][: len(texts)] == texts
    assert len(ticks) <= 7


def test_memory_is_the_sum_over_the_steps_that_run():
    """Two steps side by side have their memory together; after the end of one there is the other's alone."""
    a = done("a", 0.0, 4.0, ((0.0, 100 * MB), (2.0, 200 * MB)))
    b = done("b", 1.0, 2.0, ((0.0, 50 * MB),))
    memory = seen(a, b)["memory"]
    at = dict(memory["points"])
    assert (at[0.0], at[1.0], at[2.0]) == (100 * MB, 150 * MB, 250 * MB)
    assert (at[3.0], at[4.0]) == (200 * MB, 0)
    assert (memory["peak"]["at"], memory["peak"]["text"]) == (2.0, "250 MB")


def test_a_peak_between_two_readings_is_drawn_where_the_curve_is_highest():
    """The timeline tells the same peak as the step itself."""
    a = replace(done("a", 0.0, 4.0, ((0.0, 100 * MB), (2.0, 200 * MB))), memory=230 * MB)
    peak = seen(a)["memory"]["peak"]
    assert (peak["at"], peak["text"]) == (2.0, "230 MB")


def test_without_a_reading_there_is_no_curve():
    """Cached steps and very short ones have no memory to draw."""
    assert seen(done("a", 0.0, 0.01))["memory"] is None


def test_a_long_run_has_a_bounded_curve():
    """Three hundred steps of 120 readings each come as few points, and the peak is among them."""
    curve = tuple((i / 60, (i + 1) * MB) for i in range(120))
    pipeline, state = chain([f"s{i}" for i in range(300)])
    steps = {name: done(name, 2.0 * i, 2.0, curve) for i, name in enumerate(pipeline.order)}
    memory = timeline_view(replace(state, steps=steps), pipeline, NOW)["memory"]
    assert len(memory["points"]) <= 300
    assert memory["peak"]["bytes"] == 120 * MB
    assert [at for at, _ in memory["points"]] == sorted(at for at, _ in memory["points"])
