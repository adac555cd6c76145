"""A failure worth reading: what, why, what to do, where; the traceback last."""

from __future__ import annotations

from dataclasses import replace

from cursus_rt_notebook.engine.state import Failure, Frame, Variable
from cursus_rt_notebook.pipeline.findings import Finding, Findings
from cursus_rt_notebook.render import chars, problems, show
from tests.render import flights


def test_the_card_comes_before_frames_variables_log_and_traceback():
    """The order is that of a reader's questions."""
    page = show.as_html(flights.key_error())
    order = [
        "KeyError",
        "No column",
        "encode.py:40",
        "2 frames of pandas",
        "Variables in",
        "End of the log",
        "whole traceback",
    ]
    places = [page.index(part) for part in order]
    assert places == sorted(places)


def test_the_suggestion_is_marked_where_it_stands():
    """The right spelling stands out, without its quotes and only once."""
    page = show.as_html(flights.key_error())
    assert page.count("class='crt-fix'") == 1
    assert "Did you mean <code class='crt-fix'" in page
    unsaid = replace(flights.key_error(), advice="", summary="No such column.")
    assert "Did you mean <code class='crt-fix'" in show.as_html(unsaid)
    assert "Did you mean 'carrier'?" in show.as_text(unsaid)


def test_the_failing_line_is_marked_with_and_without_colour():
    """An arrow and bold mark the line where no style is."""
    assert "→   40  " in show.as_html(flights.key_error())
    assert "  →   40  " in show.as_text(flights.key_error())


def test_library_frames_are_one_line():
    """Frames that are not the user's fold into how many, of what."""
    text = show.as_text(flights.key_error())
    assert "… 2 frames of pandas" in text
    assert "frame.py" not in text
    frames = (
        Frame("f", "/usr/lib/python3.11/json/decoder.py", 3, own=False),
        Frame("g", "/x/dist-packages/six.py", 3, own=False),
    )
    assert "2 frames of Python and six" in show.as_text(replace(flights.key_error(), frames=frames))


def test_a_table_among_the_variables_shows_its_shape_and_columns():
    """A DataFrame reads as rows, columns and their names; a secret's value does not show."""
    text = show.as_text(flights.key_error())
    assert "229,153 × 4: month, day, dep_delay, carrier" in text  # noqa: RUF001
    secret = Frame("main", "a.py", 1, own=True, variables=(Variable("api_token", "str", "hunter2"),))
    for shown in (show.as_text, show.as_html):
        assert "hunter2" not in shown(replace(flights.key_error(), frames=(secret,)))


def test_a_deep_recursion_stays_readable():
    """Of a thousand frames of one's own the innermost are shown."""
    frames = tuple(Frame(f"f{i}", "a.py", i, own=True, source=((i, "f()"),)) for i in range(1_000))
    page = show.as_html(replace(flights.key_error(), frames=frames))
    assert "f999" in page
    assert "f900" not in page


def test_a_failure_without_frames_is_still_told():
    """A crash has no stack: the card and the log are what there is."""
    crash = Failure(
        "StepCrashed", "SIGSEGV", "killed by SIGSEGV", "The step's process died.", "See its log.", log_tail="last words"
    )
    for shown in (show.as_text(crash), show.as_html(crash)):
        assert "SIGSEGV" in shown
        assert "See its log." in shown
        assert "last words" in shown


def test_the_traceback_in_the_log_is_not_told_twice():
    """What Python printed of the error is left out of the log's end; the rest of it stays."""
    told = flights.key_error().traceback
    logged = replace(flights.key_error(), log_tail=f"reading\n{told}")
    assert "reading" in show.as_text(logged)
    assert "Traceback" not in show.as_text(logged)
    assert "end of the log" not in show.as_text(replace(logged, log_tail=told))


def test_a_finding_says_how_bad_where_and_what_to_do():
    """Severity, place, message and remedy, in both forms."""
    found = Finding("error", "no such file", "write data.csv", "train", "model", "p.yaml", 12)
    assert problems.finding_text(found, 100) == [
        "! error in train.model: no such file",
        "  write data.csv",
        "  p.yaml:12",
    ]
    page = problems.finding(found)
    for part in ("Error in train.model", "no such file", "write data.csv", "p.yaml:12"):
        assert part in page


def test_findings_show_themselves_the_worst_first():
    """Under how many there are of each kind, in a notebook and on a terminal; they stay the tuple that they are."""
    found = Findings(
        (Finding("info", "a note"), Finding("error", "a fault", "do that", step="train"), Finding("info", "b"))
    )
    assert found == tuple(found)
    assert repr(found).splitlines() == [
        "1 error and 2 notes", "", "! error in train: a fault", "  do that", "", "i info: a note", "", "i info: b",
    ]  # fmt: skip
    page = show.as_html(found)
    assert page.index("1 error and 2 notes") < page.index("a fault") < page.index("a note")
    assert repr(Findings()) == "Nothing was found."
    assert "Nothing was found." in show.as_html(Findings())


def test_a_failure_fits_the_terminal():
    """Source, variables and log are cut to the width; sentences may wrap."""
    lines = show.as_text(flights.key_error(), 60).splitlines()
    assert all(chars.width(line) <= 70 for line in lines)
