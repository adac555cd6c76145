"""The selected step as data: its title, why it stands so, which tabs it has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.state import PauseInfo, RunState, StepStatus, When
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.render.panel.step_view import step_view
from tests.render import flights
from tests.render.hostile import EVERY


def view(name: str, state: RunState) -> StepView:
    return StepView(name, state, flights.pipeline(), None)


def shown(name: str, state: RunState) -> dict:
    return step_view(view(name, state))


def text(sentence: list[dict]) -> str:
    return "".join(piece["text"] for piece in sentence)


def tab(told: dict, name: str) -> dict:
    return next(tab for tab in told["tabs"] if tab["name"] == name)


def test_the_title_says_script_time_memory_and_attempts():
    """What it is and what it took, in a row."""
    facts = shown("preprocess", flights.paused())["facts"]
    assert facts == ["scripts/preprocess.py", "2.1 s", "peak 380 MB", "3 attempts kept"]


def test_a_running_step_says_how_long_and_how_long_last_time():
    """Its time goes on; what it took before stands beside it."""
    facts = shown("train", flights.running())["facts"]
    assert facts[1:] == ["running 4.2 s", "0.9 GB", "last run took 7.1 s"]


@pytest.mark.parametrize(
    ("step", "state", "fact"),
    [
        ("encode", flights.failed(), "failed after 0.4 s"),
        ("extract", flights.paused(), "cached"),
        ("train", flights.failed(), "needs encode"),
        ("impute", flights.paused(), "waiting"),
    ],
)
def test_every_state_is_told_in_words(step, state, fact):
    """Failed, cached, left out, waiting: each says so in the title."""
    assert fact in shown(step, state)["facts"]


def test_the_banner_says_why_the_run_stands_here_and_what_was_found():
    """The reason first, then the findings of the step in words."""
    banner = shown("preprocess", flights.paused())["banner"]
    assert banner["tone"] == "paused"
    assert text(banner["lead"]) == "Paused here because of a breakpoint after preprocess."
    assert "9,430 rows fewer than came in" in text(banner["notes"][0]["sentence"])


@pytest.mark.parametrize(
    ("when", "reason", "told"),
    [
        (When.AFTER, "one step", "Paused here after one step, as you asked."),
        (When.AFTER, "run again", "Paused here after it ran again, as you asked."),
        (When.BEFORE, "run to here", "Paused here before it runs, as you asked."),
        (When.BEFORE, "breakpoint before preprocess", "Paused here because of a breakpoint before preprocess."),
        (When.CONDITION, "preprocess: rows < 5 holds", "Paused here because preprocess: rows < 5 holds."),
        (When.CONDITION, "x raised KeyError: 'a'", "Paused here: x raised KeyError: 'a'."),
        (When.INTERRUPTED, "you interrupted it", "Interrupted here: you interrupted it. Continue runs it again."),
    ],
)
def test_every_reason_to_pause_is_a_sentence(when, reason, told):
    """Whatever made the run stop here is said as one would say it."""
    state = replace(flights.paused(), pause=PauseInfo(1, "preprocess", when, reason))
    assert text(shown("preprocess", state)["banner"]["lead"]) == told


def test_a_step_that_the_run_does_not_stand_at_has_a_banner_only_where_there_is_something_to_say():
    """A step that is done says nothing; one that waits for a failed one names it, and leads there."""
    assert shown("extract", flights.paused())["banner"] is None
    steps = flights.failed().steps
    waits = replace(steps["train"], status=StepStatus.WAITING, lacks="encode")
    state = replace(flights.failed(), steps={**steps, "train": waits})
    lead = shown("train", state)["banner"]["lead"]
    assert text(lead) == "Left out so far: it needs the outputs of encode."
    assert {"text": "encode", "step": "encode"} in lead


def test_a_finding_leads_to_what_it_speaks_of():
    """Lost rows lead to What changed, error lines to the log, a place in a script to its source."""
    found = (
        Finding("info", "9 rows fewer than came in by a", "see its outputs beside its inputs", step="impute"),
        Finding("warning", "impute ended well but logged 2 errors: x", "read its log", step="impute"),
        Finding("error", "syntax error: bad", "mend it", step="impute", file="/flights/scripts/impute.py", line=7),
    )
    state = replace(flights.paused(), findings=found)
    notes = [note["sentence"] for note in shown("impute", state)["banner"]["notes"]]
    assert [[piece.get("tab") for piece in note if "tab" in piece] for note in notes] == [
        ["changed"],
        ["log"],
        ["source"],
    ]
    assert notes[2][-1] == {"text": "impute.py:7", "tab": "source", "file": "/flights/scripts/impute.py", "line": 7}


def test_variables_are_for_failed_steps_and_the_tab_says_so():
    """Where there are none the tab is off, with the reason; a failed step opens there."""
    assert "failed step" in tab(shown("extract", flights.paused()), "variables")["off"]
    told = shown("encode", flights.failed())
    assert tab(told, "variables")["off"] == ""
    assert told["opens"] == "variables"


def test_a_running_step_opens_its_log():
    """And its badge says that it is live."""
    told = shown("train", flights.running())
    assert told["opens"] == "log"
    assert tab(told, "log")["badge"] == {"text": "live", "tone": "running"}


def test_the_badge_of_the_log_says_the_worst(tmp_path):
    """Errors before warnings before lines."""
    log = tmp_path / "log.txt"
    steps = flights.paused().steps
    state = replace(flights.paused(), steps={**steps, "preprocess": replace(steps["preprocess"], log_path=str(log))})
    badges = []
    for line in ("one", "WARNING two", "ERROR three"):
        with log.open("a") as file:
            file.write(f"2026-01-01T10:00:00+00:00\t{line}\n")
        badges.append(tab(shown("preprocess", state), "log")["badge"]["text"])
    assert badges == ["1 line", "1 warning", "1 error"]


def test_the_stamp_changes_with_what_there_is_to_see():
    """A new attempt or artifact is another stamp; time that goes by is not."""
    steps = flights.paused().steps
    stamp = shown("preprocess", flights.paused())["stamp"]
    for change in ({"attempt": 4}, {"artifact": "abc"}, {"tables": ()}, {"status": StepStatus.STALE}):
        state = replace(flights.paused(), steps={**steps, "preprocess": replace(steps["preprocess"], **change)})
        assert shown("preprocess", state)["stamp"] != stamp, change
    longer = replace(flights.paused(), steps={**steps, "preprocess": replace(steps["preprocess"], seconds=99.0)})
    assert shown("preprocess", longer)["stamp"] == stamp


@pytest.mark.parametrize("word", EVERY, ids=range(len(EVERY)))
def test_hostile_reasons_and_findings_stay_text_and_short(word):
    """Whatever a reason or a finding says is one piece of text that fits."""
    state = replace(
        flights.paused(),
        pause=PauseInfo(1, "preprocess", When.CONDITION, word),
        findings=(Finding("warning", word, word, step="preprocess"),),
    )
    banner = shown("preprocess", state)["banner"]
    assert len(text(banner["lead"])) < 700
    assert all(len(text(note["sentence"])) < 1_500 for note in banner["notes"])
