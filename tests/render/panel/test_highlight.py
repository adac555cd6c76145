"""Python in colours, as data."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.render.panel.highlight import highlight
from tests.render.hostile import EVERY


def test_a_line_is_pieces_of_kind_and_text():
    """Keywords, names that are defined, builtins, strings, numbers and comments are told apart."""
    (line,) = highlight('def f(x=1): return len("a")  # why')
    assert ("keyword", "def") in line
    assert ("def", "f") in line
    assert ("number", "1") in line
    assert ("builtin", "len") in line
    assert ("string", '"a"') in line
    assert line[-1] == ("comment", "# why")


def test_a_text_of_several_lines_is_coloured_line_by_line():
    """A docstring stays one from its first line to its last."""
    lines = highlight('"""One\n\ntwo"""\nx = 1')
    assert [line[0][0] if line else None for line in lines] == ["string", None, "string", ""]


@pytest.mark.parametrize(
    "text", [*EVERY, "def f(:\n  '''never closed", "", "\n\n", "x = 1\n"], ids=range(len(EVERY) + 4)
)
def test_nothing_is_lost_or_added(text):
    """Whatever the text is, Python or not, the pieces are the text."""
    text = text.replace("\r", "").removeprefix("\ufeff")
    for line, pieces in zip(text.split("\n"), highlight(text), strict=True):
        told = "".join(piece for _, piece in pieces)
        assert told == line or told.endswith(f"({len(line):,} characters)")
