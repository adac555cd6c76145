"""What a step printed."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.render import logs


def test_V7_colours_become_spans_and_nothing_else_does():
    """V7: of a terminal's sequences only colours have an effect; the others are shown."""
    page = logs.as_html("\x1b[31mred\x1b[0m \x1b[1;33mbold\x1b[22m\x1b[39m plain \x1b[2J\x1b]8;;https://x\x07")
    assert "<span style='color:#c9463d'>red</span>" in page
    assert "<span style='font-weight:bold;color:#a06f12'>bold</span>" in page
    assert "plain \\x1b[2J\\x1b]8;;https://x\\x07" in page


@pytest.mark.parametrize("codes", ["38;5;196", "48;2;1;2;3", "999", "", ";;", "0;0", "7;31"])
def test_no_colour_code_is_an_error(codes):
    """Codes we do not draw are dropped; the text stays."""
    assert "text" in logs.as_html(f"\x1b[{codes}mtext")
    assert logs.plain(f"\x1b[{codes}mtext") == "text"


def test_in_a_terminal_a_log_has_no_colours():
    """Plain text carries none, since it may end in a file."""
    assert logs.plain("\x1b[31mred\x1b[0m\x1b[K") == "red\\x1b[K"


def test_a_line_drawn_over_and_over_shows_its_last_form():
    """A progress bar is one line."""
    assert logs.tail("10%\r50%\r100%\nnext\r\n", 5) == "100%\nnext"


def test_the_end_of_a_log_is_kept():
    """The last lines count, and long ones are cut."""
    assert logs.tail("\n".join(map(str, range(100))), 3) == "97\n98\n99"
    assert len(logs.tail("x" * 100_000, 3)) < 500
    assert len(logs.tail("\n".join(["x" * 300] * 100), 100, characters=1_000)) <= 1_000


def test_secrets_in_urls_are_masked():
    """A log that was not masked before is masked now."""
    assert "***@" in logs.as_html("https://aws:hunter2@x")
    assert "hunter2" not in logs.plain("https://aws:hunter2@x")
