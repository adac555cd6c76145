"""The one line while somebody waits."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from cursus_rt_notebook.engine.state import RunStatus, StepState, StepStatus
from cursus_rt_notebook.render import chars
from cursus_rt_notebook.render.progress import progress_text
from tests.render import flights


def test_the_line_tells_step_time_memory_last_line_and_how_far():
    """What runs, how long of how long, what it holds, what it last said, how many steps are done."""
    assert progress_text(flights.running()) == (
        "▶\ufe0e train 4.2 of ~7 s · 0.9 GB · [120] train-auc 0.75010 val-auc 0.71688 | 6 of 10"
    )


@pytest.mark.parametrize("columns", [20, 40, 60, 80])
def test_the_line_fits_the_terminal_and_keeps_how_far(columns):
    """The log's line is cut first; the count at the end stays."""
    line = progress_text(flights.running(), columns)
    assert chars.width(line) <= columns
    assert line.endswith("| 6 of 10")


def test_steps_side_by_side_are_all_named():
    """With two steps running, nobody's last line is shown."""
    state = flights.running()
    second = StepState("report", StepStatus.RUNNING, seconds=1.0, last_line="hello")
    line = progress_text(replace(state, steps={**state.steps, "report": second}))
    assert "train 4.2 of ~7 s · 0.9 GB · report 1.0 s" in line
    assert "hello" not in line


def test_a_step_without_a_time_of_its_own_is_timed_by_the_clock():
    """While a step runs its time goes on between two readings."""
    step = StepState("train", StepStatus.RUNNING, started=time.monotonic() - 75)
    assert "train 1 min 15 s" in progress_text(replace(flights.running(), steps={"train": step}))


def test_between_two_steps_the_line_says_so():
    """With nothing running the line is the pill."""
    state = replace(flights.paused(), pause=None, status=RunStatus.RUNNING)
    assert progress_text(state) == "Running | 4 of 10"


def test_a_progress_bar_in_the_log_shows_its_last_form_without_colours():
    """What a step redraws by itself reads as it stands."""
    step = replace(flights.running().steps["train"], last_line="10%\r\x1b[32m60%\x1b[0m")
    assert " · 60% | " in progress_text(replace(flights.running(), steps={"train": step}))
