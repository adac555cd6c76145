"""The four levels of compatibility, rule by rule, on tables as they lie on disk."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cursus_rt_notebook.data.checks.compatibility import Difference, Level, compare, worst
from cursus_rt_notebook.data.checks.expected import ExpectedColumn, ExpectedTable, from_schema, from_script
from cursus_rt_notebook.data.checks.lattice import Fit, fit
from cursus_rt_notebook.data.checks.validation import differences_of
from cursus_rt_notebook.errors import DataError

FITS = [
    ("int64", "int64", Fit.SAME), ("int64", "int", Fit.SAME), ("float32", "float", Fit.SAME),
    ("int8", "int64", Fit.WIDER), ("uint8", "int16", Fit.WIDER), ("uint8", "int8", Fit.NARROWER),
    ("int64", "int32", Fit.NARROWER), ("int64", "uint64", Fit.NARROWER), ("bool", "int8", Fit.WIDER),
    ("int64", "bool", Fit.NARROWER), ("int64", "float64", Fit.WIDER), ("float64", "int64", Fit.NARROWER),
    ("float32", "float64", Fit.WIDER), ("float64", "float32", Fit.NARROWER), ("decimal", "float64", Fit.WIDER),
    ("float64", "decimal", Fit.NARROWER), ("date", "datetime", Fit.WIDER), ("datetime", "date", Fit.NARROWER),
    ("category", "text", Fit.WIDER), ("text", "category", Fit.WIDER), ("text", "int64", Fit.OTHER),
    ("float64", "text", Fit.OTHER), ("text", "datetime", Fit.OTHER), ("datetime", "float64", Fit.NEVER),
    ("list", "int64", Fit.NEVER), ("empty", "int64", Fit.WIDER), ("text", "list", Fit.NEVER),
]  # fmt: skip


@pytest.mark.parametrize(("found", "expected", "how"), FITS)
def test_types_lie_in_one_another(found: str, expected: str, how: Fit):
    """A type takes every value of a narrower one, some of a wider one, and of another kind what reads as its own."""
    assert fit(found, expected) is how


@pytest.fixture
def differ(reader, tmp_path):
    """What is different between a frame, written as CSV or Parquet, and some expected columns."""

    def differ(frame: pd.DataFrame, *columns: ExpectedColumn, kind: str = "parquet") -> tuple[Difference, ...]:
        path = tmp_path / f"t.{kind}"
        frame.to_parquet(path, index=False) if kind == "parquet" else frame.to_csv(path, index=False)
        return differences_of(reader, path, ExpectedTable(columns, "schema", "s.yaml"))

    return differ


def test_identical_is_strict(differ):
    """A table with just these columns and types has no difference."""
    frame = pd.DataFrame({"n": [1, 2], "t": ["a", None]})
    assert differ(frame, ExpectedColumn("n", "int64", nullable=False), ExpectedColumn("t", "text", nullable=True)) == ()
    assert worst([]) is Level.STRICT


def test_an_added_column_is_compatible(differ):
    """Who reads what it expects does not see the others."""
    (found,) = differ(pd.DataFrame({"n": [1], "more": [2]}), ExpectedColumn("n", "int64"))
    assert (found.column, found.kind, found.level) == ("more", "added", Level.COMPATIBLE)


def test_a_missing_column_is_incompatible_where_it_is_required(differ):
    """The remedy names the column that was probably meant."""
    columns = (ExpectedColumn("dep_dely", "int64"), ExpectedColumn("gate", required=False), ExpectedColumn("dep_delay"))
    required, optional = differ(pd.DataFrame({"dep_delay": [1]}), *columns)
    assert (required.kind, required.level, required.fix) == ("missing", Level.INCOMPATIBLE, "did you mean 'dep_delay'?")
    assert (optional.column, optional.level) == ("gate", Level.COMPATIBLE)


def test_a_type_that_fits_whole_is_compatible(differ):
    """No value has to be looked at."""
    (found,) = differ(pd.DataFrame({"n": pd.Series([1, 2], dtype="int8")}), ExpectedColumn("n", "int32"))
    assert (found.kind, found.level, found.found, found.expected) == ("type", Level.COMPATIBLE, "int8", "int32")


CONVERTED = [
    ([1, 127], "int8"), ([1.0, None, 3.0], "int64"), ([0, 1], "bool"), (["1", " 2.5", None], "float64"),
    (["3", "4.0"], "int16"), (["2013-01-31", "2013-02-01 05:00:00"], "datetime"), (["2013-01-31", "01/31/2013"], "date"),
    (["true", "False"], "bool"), ([1, 2], "text"), (["05:30", "17:00:01"], "time"), (["1 days 02:00:00"], "duration"),
    ([1.5, 2e30], "float32"), (["2013-01-31T05:00:00Z"], "datetime"),
]  # fmt: skip
REFUSED = [
    ([1, 128, -129], "int8", (1, 2)), ([1.0, 2.5], "int64", (1,)), ([0, 2], "bool", (1,)), (["1", "x", "y"], "float64", (1, 2)),
    (["3", "4.5", "1e6"], "int16", (1, 2)), (["2013-01-31", "soon"], "datetime", (1,)), (["maybe"], "bool", (0,)),
    (["2013-01-31 05:00:00"], "date", (0,)), ([1e300], "float32", (0,)), ([-1], "uint8", (0,)),
]  # fmt: skip


@pytest.mark.parametrize(("values", "expected"), CONVERTED)
def test_values_that_fit_make_a_type_convertible(differ, values, expected):
    """A narrower type, and one of another kind, is convertible if every value can be that."""
    (found,) = differ(pd.DataFrame({"c": values}), ExpectedColumn("c", expected))
    assert (found.kind, found.level, found.failing) == ("type", Level.CONVERTIBLE, 0), found.message


@pytest.mark.parametrize(("values", "expected", "rows"), REFUSED)
def test_a_value_that_does_not_fit_makes_it_incompatible(differ, values, expected, rows):
    """The first rows that do not fit are named."""
    (found,) = differ(pd.DataFrame({"c": values}), ExpectedColumn("c", expected))
    assert (found.kind, found.level, found.failing, found.rows) == ("type", Level.INCOMPATIBLE, len(rows), rows)
    assert str(rows[0]) in found.message


def test_dates_of_numbers_are_refused_only_if_there_are_any(differ):
    """Kinds that have nothing to do with one another do not convert."""
    expected = ExpectedColumn("c", "datetime")
    assert differ(pd.DataFrame({"c": [1.5, None]}), expected)[0].rows == (0,)
    assert differ(pd.DataFrame({"c": pd.Series([None, None], dtype="float64")}), expected)[0].level is Level.CONVERTIBLE


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_missing_cells_where_none_should_be_are_convertible(differ, kind):
    """They can be filled; none where some may be is no difference."""
    frame = pd.DataFrame({"c": ["a", None, "b", None], "d": [1, 2, 3, 4]})
    columns = ExpectedColumn("c", "text", nullable=False), ExpectedColumn("d", "int64", nullable=True)
    (found,) = differ(frame, *columns, kind=kind)
    assert (found.kind, found.level, found.failing, found.rows) == ("nullable", Level.CONVERTIBLE, 2, (1, 3))


def test_the_worst_difference_decides():
    """Levels are in order."""
    assert worst([Level.COMPATIBLE, Level.INCOMPATIBLE, Level.CONVERTIBLE]) is Level.INCOMPATIBLE
    assert worst([Level.COMPATIBLE, Level.STRICT]) is Level.COMPATIBLE


def test_values_are_not_asked_for_where_types_decide():
    """Names and types alone need no look at the rows."""

    def never(rules):
        raise AssertionError(rules)

    expected = ExpectedTable((ExpectedColumn("a", "int64"), ExpectedColumn("b")), "schema", "s.yaml")
    assert compare({"a": "int8", "b": "text"}, expected, never)[0].level is Level.COMPATIBLE


def test_what_a_script_reads():
    """Each column counts once, where it is first read; other columns are none of its business."""
    expected = from_script([("b", 9), ("a", 3), ("b", 4)], Path("/x/train.py"))
    assert [(c.name, c.place) for c in expected.columns] == [("b", "train.py, line 4"), ("a", "train.py, line 3")]
    assert compare({"a": "int64", "b": "text", "more": "text"}, expected, lambda _: ()) == ()


SCHEMA = """\
schema_type: dataframe
columns:
  a: {dtype: int64, nullable: false, in_range: {min_value: 0, max_value: 5}}
  b: {dtype: 'string[pyarrow]', nullable: true}
  c: {dtype: 'datetime64[ns]', required: false}
  "x.*": {dtype: float64, regex: true}
  o: {dtype: object}
"""


def test_what_a_pandera_schema_says(write):
    """Types, missing cells, what is required; a pattern is left to pandera."""
    columns = from_schema(write("s.yaml", SCHEMA)).columns
    assert [(c.name, c.type, c.nullable, c.required) for c in columns] == [
        ("a", "int64", False, True), ("b", "text", True, True), ("c", "datetime", False, False), ("o", None, False, True),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "a: [", "[1, 2]", "columns: 3", "\x00\x01"])
def test_what_is_no_schema_is_an_error_that_names_the_file(write, text):
    """Not a traceback of the YAML parser."""
    with pytest.raises(DataError, match=r"s\.yaml"):
        from_schema(write("s.yaml", text))
