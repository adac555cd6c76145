"""The benchmark runs, and prints what it promises; its figures are for people."""

from __future__ import annotations

import pytest

from tests.benchmarks import costs

pytestmark = pytest.mark.timeout(600)  # a thousand steps, on a machine that may have other work


def test_every_figure_is_printed(capsys):
    """A few rounds: each peer stands in the same table."""
    costs.main(rounds=3)
    table = capsys.readouterr().out
    for name in (
        "trivial step",
        "bare fork",
        "new interpreter",
        "called in one process",
        "cached step",
        "diamond",
        "preflight",
    ):
        assert name in table
