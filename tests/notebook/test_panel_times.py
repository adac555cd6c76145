"""The panel's benchmark runs, and prints what it promises; its figures are for people."""

from __future__ import annotations

import re

import pytest

from tests.benchmarks import panel

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_every_figure_is_printed(browser, lab, capsys):
    """A tenth of it: each figure stands beside its target, with busy cores and without."""
    panel.run(browser, lab, 0.1)
    quiet_and_busy = r" +\d+" + r" +[\d,]+" * 4 + "$"
    table = capsys.readouterr().out
    assert "target" in table
    for name in (
        "first paint",
        "click to the button's answer",
        "click to heard by the kernel",
        "status change to screen",
    ):
        for size in ("", ", 300 steps"):
            assert re.search(f"^{name}{size}{quiet_and_busy}", table, re.MULTILINE), table
    for kind in ("", ", sorted", ", sorted and filtered"):
        for when in ("", ", while a step runs"):
            assert re.search(f"^any page{kind}{when}{quiet_and_busy}", table, re.MULTILINE), table
