"""A log as data: lines, kinds, colours, and what is new since the last look."""

from __future__ import annotations

from pathlib import Path

import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.render.panel.log_view import Counts, counts, log_view

STAMP = "2026-01-01T10:41:07.123+00:00"


@pytest.fixture
def log(tmp_path):
    """A log file, and a way to add to it."""
    path = tmp_path / "run" / "train" / "1" / "log.txt"
    path.parent.mkdir(parents=True)

    def add(*lines: str) -> str:
        with path.open("a") as file:
            file.writelines(f"{STAMP}\t{line}\n" for line in lines)
        return str(path)

    return add


def kinds(told: dict) -> list[str]:
    return [kind for _, kind, _ in told["lines"]]


def test_a_line_has_its_time_its_kind_and_its_text(log):
    """As they stand in the file, the time without its date."""
    told = log_view(log("reading train 229,153 rows"))
    assert told["lines"] == [["10:41:07", "", "reading train 229,153 rows"]]
    assert told["anew"]


def test_only_what_is_new_is_told_again(log):
    """From where the last answer ended; half a line waits until it is whole."""
    path = log("one")
    first = log_view(path)
    with Path(path).open("a") as file:
        file.write(f"{STAMP}\thalf")
    assert log_view(path, first["next"], first["id"])["lines"] == []
    with Path(path).open("a") as file:
        file.write(" and half\n")
    second = log_view(path, first["next"], first["id"])
    assert [text for *_, text in second["lines"]] == ["half and half"]
    assert not second["anew"]


def test_another_log_is_told_from_its_beginning(log, tmp_path):
    """A place in one attempt's log means nothing in the next one's."""
    first = log_view(log("one", "two"))
    other = tmp_path / "run" / "train" / "2" / "log.txt"
    other.parent.mkdir()
    other.write_text(f"{STAMP}\tthree and more than the other had, so that the place is inside\n" * 2)
    told = log_view(str(other), first["next"], first["id"])
    assert told["anew"]
    assert len(told["lines"]) == 2


def test_a_log_whose_end_is_written_anew_is_told_anew(log):
    """Beyond its beginning a long log is not only added to."""
    line = "x" * 1_000
    path = log(*[line] * (settings.LOG_HEAD // 1_000 + 10))
    first = log_view(path)
    same = log_view(path, first["next"], first["id"])
    assert same["lines"] == []
    told = log_view(log("more"), first["next"], first["id"])
    assert told["anew"]
    assert told["wait"] > log_view(None)["wait"]


def test_warnings_and_errors_are_told_apart(log):
    """By their level, by the name of a warning, by an exception's own line; a word inside a sentence is none."""
    path = log(
        "INFO fine, no error here",
        "2026-01-01 WARNING 8,255 flights never left",
        "train.py:58: UserWarning: 3 features are constant",
        "[ERROR] lost",
        "ValueError: bad",
        "an ERRORLESS line",
    )
    assert kinds(log_view(path)) == ["", "warning", "warning", "error", "error", ""]
    assert counts(path) == Counts(6, 2, 2)


def test_a_traceback_is_one_error(log):
    """All its lines are marked, and it counts once."""
    path = log("Traceback (most recent call last):", '  File "a.py", line 1', "    x()", "KeyError: 'a'", "done")
    assert kinds(log_view(path)) == ["trace", "trace", "trace", "error", ""]
    assert counts(path).errors == 1


def test_colours_become_classes(log):
    """A colour is a number's class; the sequence itself is gone."""
    told = log_view(log("\x1b[1;32mgreen\x1b[0m plain \x1b[38;5;200mrest\x1b[0m"))
    assert told["lines"][0][2] == [["crt-ansi2 crt-bold", "green"], ["", " plain "], ["", "rest"]]


def test_a_very_long_line_is_cut_with_its_length(log):
    """A browser lays out what a person could read."""
    (line,) = log_view(log("x" * 50_000))["lines"]
    assert len(line[2]) < 4_100
    assert "50,000 characters" in line[2]


def test_no_log_is_no_lines(tmp_path):
    """Neither a step that has none nor a file that is gone is a fault."""
    for path in (None, str(tmp_path / "gone.txt")):
        assert log_view(path)["lines"] == []
        assert counts(path) == Counts()
