"""A profile counts what is in a column over all rows: numbers and dates by bins, other values by frequency."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.query import ColumnProfile
from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.errors import QueryInvalid

Write = Callable[[str, str | bytes], Path]


def profile_of(reader: Reader, tmp_path: Path, values: object) -> ColumnProfile:
    """The profile of a column of these values."""
    path = tmp_path / "t.parquet"
    pd.DataFrame({"a": values}).to_parquet(path)
    return reader.profile(path, ["a"])[0]


def test_flights_are_profiled_as_pandas_counts_them(reader: Reader, flights: Path) -> None:
    """Shares of missing cells, extremes, and how many values lie in each bin."""
    frame = pd.read_csv(flights)
    numeric = ["month", "dep_delay", "distance", "air_time"]
    for profile in reader.profile(flights, numeric):
        column = frame[profile.name].dropna()
        assert profile.missing == pytest.approx(frame[profile.name].isna().mean())
        assert (float(profile.minimum or 0), float(profile.maximum or 0)) == (column.min(), column.max())
        assert len(profile.bins) <= settings.PROFILE_BINS
        assert sum(one.count for one in profile.bins) == len(column)
        for one in profile.bins[:-1]:
            assert one.count == ((column >= float(one.low)) & (column < float(one.high))).sum()
    texts = reader.profile(flights, ["carrier", "tailnum"])
    for profile in texts:
        counts = frame[profile.name].value_counts()
        assert (profile.distinct, profile.distinct_more) == (len(counts), False)
        assert [one.count for one in profile.top] == list(counts[: settings.PROFILE_TOP])
        assert {one.value: one.count for one in texts[0].top} == counts_of(frame["carrier"])
    assert profile.type == "text"


def counts_of(column: pd.Series) -> dict[str, int]:
    """The most frequent values."""
    return column.value_counts()[: settings.PROFILE_TOP].to_dict()


def test_whole_numbers_have_whole_bins(reader: Reader, tmp_path: Path) -> None:
    """One for each value where these are few; also where missing cells made floats of them."""
    for values in ([1, 2, 2, 5], [1, 2, 2, 5, None]):
        bins = profile_of(reader, tmp_path, values).bins
        assert [(one.low, one.count) for one in bins] == [("1", 1), ("2", 2), ("3", 0), ("4", 0), ("5", 1)]
    bins = profile_of(reader, tmp_path, range(1_000)).bins
    assert [(one.low, one.high, one.count) for one in bins[:2]] == [("0", "50", 50), ("50", "100", 50)]


@pytest.mark.parametrize(
    ("values", "low", "high", "counted"),
    [
        ([0.5, 0.5], "0.5", "0.5", 2),
        ([-1e308, 0.0, 1e308], "-1e+308", "1e+308", 3),
        ([1.5, np.inf, -np.inf, np.nan], "-inf", "inf", 1),
        ([-(2**63), 0, 2**63 - 1], str(-(2**63)), str(2**63 - 1), 3),
        (np.array([0, 2**64 - 1], dtype="uint64"), "0", str(2**64 - 1), 2),
        ([5e-324, 1e-323], "5e-324", "1e-323", 2),
    ],
)
def test_extreme_numbers_are_counted(
    reader: Reader, tmp_path: Path, values: object, low: str, high: str, counted: int
) -> None:
    """Infinite ones are extremes, but in no bin."""
    profile = profile_of(reader, tmp_path, values)
    assert (profile.minimum, profile.maximum) == (low, high)
    assert sum(one.count for one in profile.bins) == counted


def test_dates_have_bins(reader: Reader, tmp_path: Path) -> None:
    """Whose bounds read as the dates do."""
    days = pd.date_range("2013-01-01", periods=40, freq="D")
    profile = profile_of(reader, tmp_path, days)
    assert (profile.type, profile.minimum) == ("datetime", "2013-01-01T00:00:00")
    assert sum(one.count for one in profile.bins) == 40
    profile = profile_of(reader, tmp_path, [day.date() for day in days])
    assert [(one.low, one.high, one.count) for one in profile.bins][:1] == [("2013-01-01", "2013-01-03", 2)]


def test_truths_and_categories_are_counted(reader: Reader, tmp_path: Path) -> None:
    """As they read in the cells."""
    profile = profile_of(reader, tmp_path, [True, False, True])
    assert [(one.value, one.count) for one in profile.top] == [("True", 2), ("False", 1)]
    profile = profile_of(reader, tmp_path, pd.Categorical(["b", "a", "b", None], categories=["a", "b", "c"]))
    assert (profile.type, profile.distinct, profile.missing) == ("category", 2, 0.25)


def test_of_very_many_values_the_frequent_ones_are_found(reader: Reader, tmp_path: Path) -> None:
    """There are more than are counted, and the counts of the frequent ones are exact."""
    values = [f"id {i}" for i in range(50_000)] + ["unknown"] * 5_000 + [""] * 3_000
    profile = profile_of(reader, tmp_path, values)
    assert (profile.distinct, profile.distinct_more) == (settings.PROFILE_DISTINCT, True)
    assert [(one.value, one.count) for one in profile.top[:2]] == [("unknown", 5_000), ("", 3_000)]


@pytest.mark.parametrize("values", [[None, None], [], [[1], [2]], [{"a": 1}, None], [b"x", b"y"]])
def test_what_cannot_be_counted_has_its_missing_share(reader: Reader, tmp_path: Path, values: list[object]) -> None:
    """Nothing at all, lists, records, bytes."""
    profile = profile_of(reader, tmp_path, values)
    assert profile.missing == (sum(value is None for value in values) / len(values) if values else 0.0)
    assert (profile.bins, profile.top) == ((), ())


def test_columns_come_in_the_order_asked_for(reader: Reader, flights: Path) -> None:
    """Also one that is asked for twice; an unknown one is an error; without names all are meant."""
    names = ["tailnum", "month", "tailnum"]
    assert [profile.name for profile in reader.profile(flights, names)] == names
    assert len(Artifact(flights, reader=reader).profile()) == 19
    assert reader.profile(flights, []) == ()
    with pytest.raises(QueryInvalid, match="no column 'mont'") as caught:
        reader.profile(flights, ["mont"])
    assert caught.value.fix == "did you mean 'month'?"


def test_a_changed_file_is_counted_again(reader: Reader, write: Write) -> None:
    """What was counted before is kept only as long as the file is the same."""
    path = write("t.csv", "a\n1\n2\n")
    assert reader.profile(path, ["a"])[0].maximum == "2"
    write("t.csv", "a\n1\n30\n")
    assert reader.profile(path, ["a"])[0].maximum == "30"
