"""First rows, types and missing shares, never mistaken for one another."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.data.summary import Column, TableSummary
from cursus_rt_notebook.render import chars, tables
from tests.render import fakes

TABLE = TableSummary(
    rows=1_000,
    columns=(Column("amount", "float", 0.0), Column("name", "text", 0.3), Column("", "text", 0.001)),
    cells=(("1.50", "missing", "a"), (None, None, ""), ("-3.00", " x ", "y" * 500)),
    index_start=40,
)


def test_numbers_stand_at_the_right_and_text_at_the_left():
    """Numbers go right by an attribute that every reader keeps, text left also where the page says otherwise."""
    page = tables.as_html(TABLE, rows=10)
    assert "<td align='right'>1.50</td>" in page
    assert "<td style='text-align:left'>a</td>" in page


def test_a_missing_value_is_never_mistaken_for_text():
    """Missing is in italics; an empty text, the text `missing` and text with spaces at its ends stand in quotes."""
    page = tables.as_html(TABLE, rows=10)
    assert page.count("<em>missing</em>") == 2
    for text in ("&quot;missing&quot;", "&quot;&quot;", "&quot; x &quot;"):
        assert f">{text}<" in page
    lines = "\n".join(tables.as_text(TABLE, 100))
    assert '"missing"' in lines
    assert '""' in lines
    assert '" x "' in lines


def test_long_text_is_cut_and_says_how_long_it_is():
    """A cell shows its beginning and its length."""
    assert "… (500 characters)</span>" in tables.as_html(TABLE, rows=10)


def test_missing_shares_stand_under_the_names_and_are_marked_when_high():
    """Each column says its type and what is missing; above two per cent it is marked."""
    page = tables.as_html(TABLE, rows=10)
    assert "30.0% missing</b>" in page
    assert "0.1% missing</small>" in page
    assert "0%</small>" in page


def test_rows_are_numbered_from_where_they_are():
    """The index says the position in the table."""
    assert "<td class='crt-ix'>42</td>" in tables.as_html(TABLE, rows=10)


@pytest.mark.parametrize(
    ("rows", "shown", "expected"),
    [(1_000, 3, "first 3 of 1,000 rows"), (3, 3, "3 rows"), (0, 0, "no rows"), (None, 3, "first 3 of ? rows")],
)
def test_the_caption_says_which_rows_these_are(rows, shown, expected):
    """One line tells how many rows of how many are shown."""
    table = TableSummary(rows, TABLE.columns, TABLE.cells[:shown])
    assert tables.caption(table, rows=10) == expected


def test_columns_that_are_not_shown_are_named():
    """What does not fit on the page or in the terminal is named below it; beyond that, counted."""
    table = fakes.flights_table()
    assert tables.caption(table, rows=10, columns=17).endswith("2 more columns: seats, engine")
    cut = TableSummary(5, (Column("a", "int", 0.0),), (("1",),), truncated_columns=199_999)
    assert tables.caption(cut, rows=10).endswith("199,999 more columns")


@pytest.mark.parametrize("columns", [60, 80, 100, 140])
def test_a_table_fits_the_terminal(columns):
    """No line is wider than asked, whatever is in the table."""
    wide = TableSummary(1, (Column("漢字" * 9, "text", 0.5),) * 9, (("漢字" * 99, *["x"] * 8),))
    for table in (fakes.flights_table(), wide, TABLE):
        assert all(chars.width(line) <= columns for line in tables.as_text(table, columns))


def test_at_least_one_column_is_shown_however_narrow():
    """A column wider than the terminal is cut, not dropped."""
    wide = TableSummary(1, (Column("n" * 99, "text", 0.0),), (("x" * 99,),))
    assert "nnnn" in tables.as_text(wide, 60)[0]


def test_what_must_be_known_to_trust_a_table_is_said():
    """The reader's note stands in the caption."""
    assert "only its beginning" in tables.caption(TableSummary(5, (), (), note="only its beginning"), rows=5)


def test_a_long_number_is_shown_without_the_digits_of_its_rounding():
    """A float reads as its ten significant digits; text that looks like one stays whole."""
    table = TableSummary(
        rows=1,
        columns=(Column("speed", "float", 0.0), Column("code", "text", 0.0)),
        cells=(("13.809359999999998", "13.809359999999998"),),
    )
    page = tables.as_html(table, rows=1)
    assert "<td align='right'>13.80936</td>" in page
    assert "<td style='text-align:left'>13.809359999999998</td>" in page
