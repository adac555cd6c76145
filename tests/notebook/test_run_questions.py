"""What the panel asks about the run as a whole, answered by a real session."""

from __future__ import annotations

import json

import pytest

from cursus_rt_notebook.errors import BreakpointInvalid, CommandRefused
from cursus_rt_notebook.notebook import controls, inspector


@pytest.fixture
def session(project):
    """Three steps, paused after the second."""
    made = project.session(project.chain("one", "two", "three"), ["two"])
    made.resume()
    return made


def ask(session, what, **told):
    """An answer, as it goes over the wire."""
    return json.loads(json.dumps(inspector.answer(session, what, told)))


def test_the_timeline_follows_the_run(session):
    """Two bars at a pause, three at the end; an earlier pause shows what it showed."""
    begun = [row["step"] for row in ask(session, "timeline")["rows"] if row["start"] is not None]
    assert begun == ["one", "two"]
    session.resume()
    assert all(row["start"] is not None for row in ask(session, "timeline")["rows"])
    past = ask(session, "timeline", at=1)
    assert [row["step"] for row in past["rows"] if row["start"] is not None] == begun


def test_a_pause_that_is_not_kept_is_refused_in_words(session):
    """Only so many pauses are kept."""
    with pytest.raises(CommandRefused, match="no longer kept"):
        ask(session, "progress", at=7)


def test_progress_overview_and_findings_answer(session):
    """Each is plain data with its sentences."""
    assert ask(session, "progress")["told"][0].startswith("2 of 3 steps are done")
    assert [step["step"] for step in ask(session, "overview")["steps"]] == ["one", "two", "three"]
    assert ask(session, "findings", at=1)["findings"] == []


def test_runs_and_their_steps_come_from_the_journal(session, project):
    """The run before this one is there with what became of its steps."""
    session.resume()
    again = project.session(project.chain("one", "two", "three"))
    again.resume()
    this, before = ask(again, "runs")["runs"]
    assert (this["this"], this["steps"]) == (True, "3 cached")
    assert (before["this"], before["word"], before["steps"]) == (False, "finished", "3 ran")
    attempts = ask(again, "run_steps", run=before["run"])["attempts"]
    assert [(one["step"], one["word"], one["attempt"]) for one in attempts] == [
        ("one", "done", "1"),
        ("two", "done", "1"),
        ("three", "done", "1"),
    ]


def test_a_breakpoint_is_edited_in_its_place(session):
    """Its condition is written anew; what is wrong is refused and leaves it as it was."""
    session.add_breakpoint("three:before")
    edit = controls.COMMANDS["edit_breakpoint"]
    edit(session, 0, "two", "two: seconds > 9")
    assert [b.text for b in session.breakpoints] == ["two: seconds > 9", "three:before"]
    with pytest.raises(BreakpointInvalid):
        edit(session, 0, "two: seconds > 9", "two: seconds >")
    with pytest.raises(CommandRefused, match="changed since"):
        edit(session, 1, "two", "two")
    assert [b.text for b in session.breakpoints] == ["two: seconds > 9", "three:before"]
