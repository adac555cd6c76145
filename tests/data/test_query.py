"""`Artifact.query` gives the rows that a page shows, typed as in `.df`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.query import Sort, sort_order
from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.errors import QueryInvalid, TooLarge
from tests.data.test_pages import FORMS, sample

Write = Callable[[str, str | bytes], Path]


def check_query(table: Artifact, expected: pd.Index, **how: object) -> None:
    """Check that a query gives these rows of `.df`."""
    result = table.query(**how)  # type: ignore[arg-type]
    frame = table.df.iloc[expected].set_axis(pd.Index(expected, dtype="int64"), axis=0)
    pd.testing.assert_frame_equal(result, frame, rtol=1e-14)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_a_query_gives_rows_of_the_whole_table(reader: Reader, tmp_path: Path, form: Callable[..., Path]) -> None:
    """With their types, and with their positions as index, in the order asked for."""
    table = Artifact(form(sample(), tmp_path), reader=reader)
    frame = table.df.reset_index(drop=True)
    matching = frame[(frame["delay"] > 20) & frame["tail"].notna()]
    order = matching.sort_values(["carrier", "delay"], ascending=[True, False], kind="stable").index
    check_query(table, matching.index, where="delay > 20 and tail is not null")
    check_query(table, order, where="delay > 20 and tail is not null", sort=["carrier", "-delay"])
    check_query(table, order[:7], where="delay > 20 and tail is not null", sort=["carrier", "-delay"], limit=7)
    check_query(table, frame.index[:5], limit=5)
    check_query(table, frame.index[:0], where="delay > 1000")
    check_query(table, frame.index)


def test_a_query_shows_what_the_page_shows(reader: Reader, flights: Path) -> None:
    """The same rows in the same order."""
    table = Artifact(flights, reader=reader)
    page = table.page(where="dep_delay > 60 and carrier = 'UA'", sort="-dep_delay", rows=50)
    assert tuple(table.query("dep_delay > 60 and carrier = 'UA'", sort="-dep_delay", limit=50).index) == page.positions


def test_missing_cells_elsewhere_decide_the_type(reader: Reader, tmp_path: Path) -> None:
    """A column of whole numbers or truths that lacks some is what it is in `.df`, also where the result lacks none."""
    path = tmp_path / "t.parquet"
    table = pa.table({"n": pa.array([1, None, 3]), "b": pa.array([True, None, False]), "m": pa.array([1, 2, 3])})
    pa.parquet.write_table(table, path)
    result = Artifact(path, reader=reader).query("n is not null")
    assert list(map(str, result.dtypes)) == ["float64", "object", "int64"]
    check_query(Artifact(path, reader=reader), pd.Index([2, 0]), where="n is not null", sort="-n")


def test_types_of_parquet_are_those_of_pandas(reader: Reader, tmp_path: Path) -> None:
    """Also those that only pandas has, its index left out."""
    frame = pd.DataFrame(
        {
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "category": pd.Categorical(["b", "a", "b"], categories=["c", "b", "a"], ordered=True),
            "zoned": pd.to_datetime(["2013-01-01"] * 3).tz_localize("America/New_York"),
            "nano": pd.to_datetime([1, 2, 3]),
            "span": pd.to_timedelta([1, 2, 3], unit="h"),
            "day": [dt.date(2013, 1, 1)] * 3,
            "money": [Decimal("1.50"), Decimal("2.25"), None],
            "list": [[1, 2], [], None],
            "record": [{"a": 1}, {"a": None}, None],
            "bytes": [b"\x00\xff", b"", None],
            "small": np.array([1, 2, 3], dtype="int8"),
            "half": np.array([1.5, np.nan, 3], dtype="float32"),
        },
        index=pd.Index([10, 20, 30], name="key"),
    )
    frame.to_parquet(tmp_path / "t.parquet")
    table = Artifact(tmp_path / "t.parquet", reader=reader)
    check_query(table, pd.Index([2, 1]), where="small > 1", sort="-small")
    check_query(table, pd.Index([0, 2]), where="nullable is not null")
    assert table.page(rows=1).column_count == 12


def test_many_rows_come_from_the_table_itself(reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is nearly the whole table is not sent twice; and what does not fit is refused."""
    sample().to_parquet(tmp_path / "t.parquet")
    table = Artifact(tmp_path / "t.parquet", reader=reader)
    monkeypatch.setattr(Reader, "take", lambda self, path, **how: (self.positions(path, **how), None))
    check_query(table, table.df.sort_values("ratio").index, sort="ratio")
    monkeypatch.setattr("cursus_rt_notebook.data.load.available_memory", lambda: 1_000)
    with pytest.raises(TooLarge):
        table.query(sort="ratio")


def test_the_reader_sends_no_more_rows_than_are_few(reader: Reader, flights: Path) -> None:
    """Beyond that it tells the positions alone."""
    positions, rows = reader.take(flights)
    assert (len(positions), rows is None) == (336_776, settings.QUERY_CELLS < 336_776 * 19)
    assert rows is not None
    assert rows.num_rows == 336_776


def test_a_wrong_query_is_an_error(reader: Reader, flights: Path) -> None:
    """As for a page."""
    with pytest.raises(QueryInvalid, match="no column 'dep_dely'"):
        Artifact(flights, reader=reader).query("dep_dely > 5")
    with pytest.raises(QueryInvalid, match="no column 'carier'"):
        Artifact(flights, reader=reader).query(sort="-carier")


def test_an_order_is_written_shortly() -> None:
    """A minus means descending; a name that begins with one takes a Sort."""
    assert sort_order("a") == (Sort("a"),)
    assert sort_order(["-a", "b", Sort("-c")]) == (Sort("a", descending=True), Sort("b"), Sort("-c"))
    assert sort_order(()) == ()
