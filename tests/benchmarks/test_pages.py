"""The benchmark runs, and prints what it promises; its figures are for people."""

from __future__ import annotations

from tests.benchmarks import pages


def test_every_figure_is_printed(capsys):
    """A small table: each question stands beside what pandas takes."""
    pages.main(rows=2_000)
    table = capsys.readouterr().out
    for name in ("quiet", "busy cores", "pandas", "336,776 flights", "2,000 rows, Parquet", "2,000 rows, CSV"):
        assert name in table
    for name in ("first question", "any page, sorted", "any page, filtered", "profile, again"):
        assert table.count(name) == 3
