"""Numbers as people read them."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.render import words


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0 ms"),
        (0.013, "13 ms"),
        (0.0996, "0.1 s"),
        (2.1, "2.1 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (250, "4 min 10 s"),
        (3599.6, "1 h"),
        (11_100, "3 h 5 min"),
    ],
)
def test_a_time_has_at_most_two_units(value, expected):
    """Times read as milliseconds, seconds, minutes or hours; rounding never yields 60 of a unit."""
    assert words.seconds(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0 B"),
        (512, "512 B"),
        (1_500, "1.5 kB"),
        (41_000_000, "41 MB"),
        (380_000_000, "380 MB"),
        (900_000_000, "0.9 GB"),
        (2_500_000_000_000, "2.5 TB"),
        (10**21, "1000000 PB"),
    ],
)
def test_a_size_is_short(value, expected):
    """Bytes read in the unit that needs at most three figures."""
    assert words.size(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0%"), (1, "100%"), (0.00001, "<0.1%"), (0.023, "2.3%"), (0.99999, ">99.9%")],
)
def test_a_share_that_is_not_nothing_never_reads_as_nothing(value, expected):
    """Only what is nothing reads 0 %, only what is all reads 100 %."""
    assert words.share(value) == expected


def test_counts_have_thousands_and_nouns():
    """Counts carry separators, and their noun its number."""
    assert words.number(1_234) == "1,234"
    assert words.plural(1, "finding") == "1 finding"
    assert words.plural(1_200, "finding") == "1,200 findings"
    assert words.shape(229_153, None) == "229,153 \N{MULTIPLICATION SIGN} ?"


def test_what_was_guessed_is_no_finer_than_it_is_known():
    """A time left has no decimals."""
    assert words.about(8.9) == "9 s"
    assert words.about(0.2) == "1 s"
    assert words.about(250) == "4 min"


def test_a_long_list_of_names_ends_in_how_many_more():
    """A sentence names a few and counts the rest."""
    assert not words.listed([])
    assert words.listed(["a"]) == "a"
    assert words.listed("abc") == "a, b and c"
    assert words.listed("abcdefgh", 4) == "a, b, c and 5 more"


@pytest.mark.parametrize(
    ("value", "former", "expected"),
    [
        (235_743, 294_678, "(-20 %)"),
        (110, 100, "(+10 %)"),
        (1_004, 1_000, "(+0.4 %)"),
        (9_999_997, 10_000_000, "(-3)"),
        (0, 100, "(-100 %)"),
        (1, 1_000, "(-99.9 %)"),
        (5, 0, "(was 0)"),
        (5_000, 100, "(\N{MULTIPLICATION SIGN}50)"),
        (100, 100, ""),
        (100, None, ""),
        (None, 100, ""),
    ],
)
def test_a_change_reads_as_a_share_of_what_was(value, former, expected):
    """In per cent where that tells it, in rows where it would read as nothing, in words where nothing was there."""
    assert words.change(value, former) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (999_999, "999,999"),
        (1_000_000, "1.00 M"),
        (2_357_430, "2.36 M"),
        (412_000_000, "412 M"),
        (5_000_000_000, "5.00 bn"),
    ],
)
def test_a_large_count_has_three_figures(value, expected):
    """Where there is little room, millions do."""
    assert words.rough(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, "just now"), (59.9, "59 s ago"), (125, "2 min ago"), (3 * 3600 + 5, "3 h ago"), (86_400, "1 day ago"), (5.5 * 86_400, "5 days ago")],
)  # fmt: skip
def test_how_long_ago_is_told_in_one_unit(value, expected):
    """Rounded down: what is an hour ago never reads as 60 minutes."""
    assert words.ago(value) == expected
