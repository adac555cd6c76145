"""Checks of a table: what fails, in which rows, and the condition that shows them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.checks.baseline import BaselineTable
from cursus_rt_notebook.data.checks.compatibility import Level
from cursus_rt_notebook.data.checks.examining import measure
from cursus_rt_notebook.data.checks.quality import CheckResult
from cursus_rt_notebook.data.checks.validation import ValidationResult, validate
from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.pipeline.model import Checks

FRAME = pd.DataFrame(
    {
        "flight": [1, 2, 2, 4, 5],
        "carrier": ["UA", "AA", "AA", None, "O'Brien"],
        "delay": [10.0, -70.0, None, 2_000.0, 5.0],
        "day": pd.to_datetime(["2013-01-01", "2013-01-02", "2013-01-03", "2013-02-01", None]),
        'a "name"': [1, 2, 3, 4, 99],
    }
)


@pytest.fixture(params=["csv", "parquet", "json", "parts"])
def table(request, tmp_path):
    """The same table in several formats."""
    folder = tmp_path / "port"
    folder.mkdir()
    frame = FRAME if request.param != "csv" else FRAME.assign(day=FRAME["day"].astype(str).where(FRAME["day"].notna()))
    if request.param == "csv":
        frame.to_csv(folder / "t.csv", index=False)
    elif request.param == "json":
        frame.assign(day=frame["day"].astype(str)).to_json(folder / "t.jsonl", orient="records", lines=True)
    elif request.param == "parts":
        frame[:2].to_parquet(folder / "part-0.parquet", index=False)
        frame[2:].to_parquet(folder / "part-1.parquet", index=False)
    else:
        frame.to_parquet(folder / "t.parquet", index=False)
    return folder


def shown(table, check: CheckResult) -> list[int]:
    """The numbers of the rows that the check's condition shows."""
    return sorted(Artifact(table).query(check.where).index)


def test_each_rule_names_its_rows_and_shows_them(reader, table):
    """The rows of a check are those that its condition gives, in every format."""
    checks = Checks(
        missing={"carrier": 0.1, "flight": 0.0, "delay": 0.2},
        ranges={"delay": (-60, 1_500), 'a "name"': (None, 10)},
        unique=(("flight", "carrier"), ("flight",)),
        key=("flight", "gone"),
    )
    made = validate(Artifact(table, port="data", reader=reader), None, checks, reader=reader).checks
    told = [(c.kind, c.columns, c.passed, c.failing, c.rows) for c in made]
    assert told == [
        ("missing", ("carrier",), False, 1, (3,)),
        ("missing", ("flight",), True, 0, ()),
        ("missing", ("delay",), True, 0, ()),
        ("range", ("delay",), False, 2, (1, 3)),
        ("range", ('a "name"',), False, 1, (4,)),
        ("unique", ("flight", "carrier"), False, 2, (1, 2)),
        ("unique", ("flight",), False, 2, (1, 2)),
    ]
    for check in made:
        if check.failed:
            assert shown(table, check) == list(check.rows)
            assert check.key == ("flight",)
            assert [key[0] for key in check.keys] == [str(FRAME["flight"][row]) for row in check.rows]
            assert check.fix


def test_what_may_be_missing_may_be_missing(reader, table):
    """A share at the limit passes, one over it fails and says both."""
    over, at = (
        validate(table, None, Checks(missing={"delay": share}), reader=reader).checks[0] for share in (0.19, 0.2)
    )
    assert (at.passed, over.passed, over.value, over.limit) == (True, False, 0.2, 0.19)
    assert "20.0%" in over.message
    assert "19.0%" in over.message


def test_a_range_of_dates(reader, tmp_path):
    """Dates are compared as dates, and the condition does the same."""
    FRAME.to_parquet(tmp_path / "t.parquet", index=False)
    checks = Checks(ranges={"day": ("2013-01-02", "2013-01-31")})
    (check,) = validate(tmp_path, None, checks, reader=reader).checks
    assert (check.failing, check.rows) == (2, (0, 3))
    assert shown(tmp_path, check) == [0, 3]


def test_a_range_that_the_type_cannot_follow_fails_with_the_type(reader, table):
    """Text is in no range of numbers; nothing is raised."""
    (check,) = validate(table, None, Checks(ranges={"carrier": (0, 1)}), reader=reader).checks
    assert (check.passed, check.where) == (False, None)
    assert "carrier of port is text" in check.message


def test_a_column_that_is_not_there_is_a_failed_check(reader, table):
    """With the name that was probably meant."""
    (check,) = validate(table, None, Checks(missing={"carier": 0.1}), reader=reader).checks
    assert (check.passed, check.fix) == (False, "did you mean 'carrier'?")


@pytest.mark.parametrize("name", ["^a.*$", "*", "select", "A b", "ü", "col('x')"])
def test_odd_names_of_columns(reader, tmp_path, name):
    """They are checked as they are; where no condition can name them there is none."""
    pd.DataFrame({name: [1, 50], "other": [1, 2]}).to_csv(tmp_path / "t.csv", index=False)
    (check,) = validate(tmp_path, None, Checks(ranges={name: (0, 10)}), reader=reader).checks
    assert check.rows == (1,)
    assert check.where is None or shown(tmp_path, check) == [1]
    assert (check.where is None) == (name in {"^a.*$", "*"})


def test_many_failing_rows_are_capped_and_counted(reader, tmp_path):
    """The first hundred are named, all are counted."""
    pd.DataFrame({"n": range(1_000)}).to_csv(tmp_path / "t.csv", index=False)
    (check,) = validate(tmp_path, None, Checks(ranges={"n": (0, 499)}), reader=reader).checks
    assert (check.failing, len(check.rows), check.rows[0], check.rows[-1]) == (500, 100, 500, 599)


SCHEMA = """\
schema_type: dataframe
columns:
  flight: {dtype: int64, greater_than: 1, unique: true}
  carrier: {dtype: 'string[pyarrow]', isin: [UA, AA, "O'Brien"], nullable: false}
  delay: {dtype: float64, nullable: true, in_range: {min_value: -70, max_value: 2000, include_min: false, include_max: true}}
  gate: {dtype: int64}
"""


def test_pandera_says_which_rows_break_a_schema(reader, write, tmp_path):
    """All its failures at once, each with its rows, keys and condition."""
    schema = write("s.yaml", SCHEMA)
    path = tmp_path / "t.csv"
    FRAME.to_csv(path, index=False)
    result = validate(path, checks=Checks(key=("carrier",)), schema=schema, reader=reader)
    told = {c.columns[0]: c for c in result.checks if "unique" not in c.message}
    assert (told["flight"].rows, told["flight"].keys) == ((0,), (("UA",),))
    assert told["delay"].rows == (1,)
    (repeated,) = (c for c in result.checks if "unique" in c.message)
    assert (repeated.failing, repeated.rows) == (2, (1, 2))
    for check in result.checks:
        assert shown(path, check) == list(check.rows)
    # Columns and their types are judged by level, not a second time by pandera.
    assert (result.level, result.ok, result.source, result.place) == (Level.INCOMPATIBLE, False, "schema", "s.yaml")
    assert {(d.column, d.kind) for d in result.differences if d.level is not Level.COMPATIBLE} == {
        ("gate", "missing"), ("carrier", "nullable"),
    }  # fmt: skip


def test_a_schema_that_is_kept_is_one_passed_check(reader, write, tmp_path):
    """It says by which schema."""
    pd.DataFrame({"a": [1, 2]}).to_csv(tmp_path / "t.csv", index=False)
    result = validate(tmp_path / "t.csv", schema=write("s.yaml", "columns: {a: {dtype: int64}}"), reader=reader)
    assert (result.level, result.ok, [c.passed for c in result.checks]) == (Level.STRICT, True, [True])
    assert "s.yaml" in result.checks[0].message


@pytest.mark.parametrize(
    "text",
    ["columns: [", "columns: {a: {dtype: nonsense}}", "columns: {a: {dtype: int64, checks: {no_such_check: 3}}}"],
)
def test_a_schema_that_is_none_is_said_and_not_raised(reader, write, tmp_path, text):
    """The result names the file."""
    pd.DataFrame({"a": [1, 2]}).to_csv(tmp_path / "t.csv", index=False)
    result = validate(tmp_path / "t.csv", schema=write("s.yaml", text), reader=reader)
    assert not result.ok
    assert "s.yaml" in result.messages[0]


def test_times_kept_as_text_are_judged_soon(reader, write, tmp_path, monkeypatch):
    """Pandera would convert them one by one; what does not fit is not said to be as the schema says."""
    (tmp_path / "s.yaml").write_text("schema_type: dataframe\nversion: 0\ncolumns:\n  at: {dtype: 'datetime64[ns]'}\n")
    path = write("t.csv", pd.DataFrame({"at": ["2013-01-01T10:00:00Z"] * 100_000}).to_csv(index=False).encode())
    monkeypatch.chdir(tmp_path)
    for schema in (tmp_path / "s.yaml", Path("s.yaml")):
        result = validate(path, schema=schema, reader=reader)
        assert result.level is Level.CONVERTIBLE, result
        assert "pd.to_datetime(df['at'])" in result.advice[0]
        assert not result.checks


def test_what_may_be_missing_is_converted_to_what_may(reader, write, tmp_path):
    """`astype('int64')` fails at the first missing cell."""
    (tmp_path / "s.yaml").write_text(
        "schema_type: dataframe\nversion: 0\ncolumns:\n  n: {dtype: int64, nullable: true}\n"
    )
    path = tmp_path / "t.parquet"
    pd.DataFrame({"n": [1.0, None]}).to_parquet(path)
    result = validate(path, schema=tmp_path / "s.yaml", reader=reader)
    assert result.level is Level.CONVERTIBLE, result
    assert ".astype('Int64')" in result.advice[0]


@pytest.mark.parametrize("content", [b"", b"PAR1garbagePAR1", b"a,b\n1\n2,3,4\n"])
def test_a_damaged_file_is_a_result(reader, write, content):
    """Looking never raises: the message says what is wrong with the file."""
    result = validate(
        write("t.parquet" if content[:1] == b"P" else "t.csv", content), None, Checks(missing={"a": 0}), reader=reader
    )
    assert isinstance(result, ValidationResult)
    assert not result.ok
    assert result.messages


def test_a_file_that_ends_the_reader_is_a_result(write):
    """The reader's own limits hold for checks, too, and the file is named."""
    path = write("cells.csv", "a,b\n" + "".join(f"{i}{'x' * 1_000_000},1\n" for i in range(150)))
    small = Reader(memory=120 << 20)
    try:
        result = validate(path, None, Checks(unique=(("a", "b"),)), reader=small)
    finally:
        small.close()
    assert not result.ok
    assert "cells.csv" in result.messages[0]


def baseline(reader, path, **facts) -> BaselineTable:
    """The table as a good run."""
    return BaselineTable.measured(measure(reader, path), "a", "out", None, **facts)


def test_a_table_in_figures(reader, table):
    """Types, missing cells, least and most, what is unique: in every format."""
    columns = {column.name: column for column in baseline(reader, table).columns}
    assert (columns["flight"].minimum, columns["flight"].maximum, columns["flight"].unique) == (1, 5, False)
    assert (columns["delay"].missing, columns["delay"].minimum, columns["delay"].maximum) == (1, -70.0, 2_000.0)
    assert (columns['a "name"'].distinct, columns['a "name"'].unique) == (5, True)
    assert columns["carrier"].missing == 1
    kept = json.loads(json.dumps(baseline(reader, table).as_plain()))
    assert BaselineTable.from_plain(kept) == baseline(reader, table)


def test_thresholds_against_the_baseline(reader, tmp_path):
    """Rows, missing cells, ranges and unique columns, each by its own threshold."""
    good = pd.DataFrame({"id": range(100), "delay": [float(i) for i in range(100)]})
    good.to_csv(tmp_path / "good.csv", index=False)
    before = baseline(reader, tmp_path / "good.csv")
    bad = good[:80].assign(id=[0, 0, *range(2, 80)], delay=[None] * 8 + [float(i) for i in range(8, 79)] + [200.0])
    bad.to_csv(tmp_path / "bad.csv", index=False)
    strict = Checks(rows_drift=0.1, missing_drift=0.05, range_drift=0.1, unique_drift=0.0)
    failed = {
        c.kind: c
        for c in validate(tmp_path / "bad.csv", None, strict, baseline=before, reader=reader).checks
        if c.failed
    }
    assert set(failed) == {"rows", "missing", "range", "unique"}
    assert "80 rows, 100 in the baseline (-20.0 %)" in failed["rows"].message
    assert (failed["missing"].failing, failed["missing"].value) == (8, 0.1)
    assert (failed["range"].rows, failed["unique"].rows) == ((79,), (0, 1))
    for kind in ("missing", "range", "unique"):
        assert len(Artifact(tmp_path / "bad.csv").query(failed[kind].where)) == failed[kind].failing
    loose = Checks(rows_drift=0.3, missing_drift=0.2, range_drift=2.0, unique_drift=0.1)
    assert validate(tmp_path / "bad.csv", None, loose, baseline=before, reader=reader).ok


def test_a_result_is_a_table_and_json(reader, table):
    """`to_dataframe` has a row for each difference and check, the JSON gives the result back."""
    result = validate(table, baseline(reader, table).expected(), Checks(missing={"carrier": 0.0}), reader=reader)
    frame = result.to_dataframe()
    assert list(frame["what"]) == ["missing"]
    assert list(frame["verdict"]) == ["failed"]
    again = json.loads(result.model_dump_json())
    assert (again["ok"], again["level"], again["checks"][0]["rows"]) == (False, "strict", [3])
    assert "1 check, 1 failed" in repr(result)
    assert "Check failed" in result._repr_html_()
