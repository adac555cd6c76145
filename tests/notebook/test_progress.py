"""The line of progress leaves nothing behind."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from cursus_rt_notebook import display
from cursus_rt_notebook.notebook import progress
from tests.render import flights


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""
    now = SimpleNamespace(at=100.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: now.at)
    return now


def test_a_terminal_has_one_line_that_is_wiped(clock):
    """The line is redrawn in place and gone at the end."""
    stream = Terminal()
    with progress.TerminalLine(stream) as line:
        clock.at += 1
        line.update(flights.running())
        assert stream.getvalue().startswith("\r▶")
        assert stream.getvalue().endswith("\x1b[K")
        assert "\n" not in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_any_text_may_be_said(clock):
    """In one line, cut to the terminal, without what would command it and without a secret of an address."""
    stream = Terminal()
    with progress.TerminalLine(stream) as line:
        clock.at += 1
        line.say("train: installing\x1b[31m\nfrom https://me:hunter2@index.example " + "x" * 5_000)
        shown = stream.getvalue()
        assert shown.startswith("\rtrain: installing")
        assert "\x1b[31m" not in shown
        assert "\n" not in shown
        assert "hunter2" not in shown
        assert len(shown) < 200
    assert stream.getvalue().endswith("\r\x1b[K")


def test_what_is_over_soon_shows_no_line(clock):
    """Within the first moments nothing is drawn, so nothing is wiped."""
    stream = Terminal()
    with progress.TerminalLine(stream) as line:
        clock.at += 0.1
        line.update(flights.running())
    assert not stream.getvalue()


def test_the_line_is_drawn_no_more_often_than_one_can_read(clock):
    """Updates in between are dropped."""
    stream = Terminal()
    line = progress.TerminalLine(stream)
    clock.at += 1
    for _ in range(1_000):
        clock.at += 0.001
        line.update(flights.running())
    assert stream.getvalue().count("\r") <= 5


def test_a_line_is_wiped_also_when_the_wait_is_interrupted(clock):
    """An interrupt takes the line with it."""
    stream = Terminal()
    line = progress.TerminalLine(stream)

    def wait() -> None:
        with line:
            clock.at += 1
            line.update(flights.running())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wait()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_in_a_notebook_one_output_changes_in_place_and_is_emptied(clock, monkeypatch):
    """A cell's output holds the line while it waits, and nothing to read afterwards."""
    import IPython
    import IPython.display

    calls = []

    class Handle:
        def display(self, data, **options):
            calls.append(("display", data, options))

        def update(self, data, **options):
            calls.append(("update", data, options))

    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setattr(IPython.display, "DisplayHandle", Handle)
    with display.live_line() as line:
        for state in (flights.running(), flights.running(), flights.paused()):
            clock.at += 1
            line.update(state)
    assert [kind for kind, _, _ in calls] == ["display", "update", "update"]
    assert "train 4.2 of" in calls[0][1]["text/plain"]
    assert calls[-1][1] == {"text/plain": ""}
    assert all(options == {"raw": True} for _, _, options in calls)


def test_U4_where_nobody_looks_nothing_is_written(capsys, clock):
    """U4: into a file or a pipe no progress is written."""
    with display.live_line() as line:
        clock.at += 10
        line.update(flights.running())
    assert capsys.readouterr() == ("", "")
    assert type(line) is progress.LiveLine


def test_a_terminal_is_found_at_stderr(monkeypatch):
    """Standard output may be a pipe; the line goes to stderr, unless that is dumb."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(progress.live_line(), progress.TerminalLine)
    monkeypatch.setenv("TERM", "dumb")
    assert type(progress.live_line()) is progress.LiveLine
