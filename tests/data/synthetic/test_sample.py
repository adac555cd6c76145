"""Tables like a sample: its columns, types, gaps, ranges and frequencies, and none of its rows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.data.synthetic.sample import recipe_from_sample
from cursus_rt_notebook.data.synthetic.synthesize import synthesize
from cursus_rt_notebook.errors import DataError


@pytest.fixture(scope="module")
def made(flights: Path, reader: Reader) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The flights, and as many made-up ones."""
    recipe = recipe_from_sample(flights, reader)
    return pd.read_csv(flights), synthesize(recipe, 50_000, seed=1).to_pandas()


def test_no_row_of_the_sample_is_there(made):
    """Joined on all columns, nothing is left."""
    real, new = (pl.from_pandas(frame) for frame in made)
    new = new.cast(real.schema)
    assert new.join(real, on=real.columns, how="semi", nulls_equal=True).height == 0


def test_columns_types_and_gaps_are_the_same(made):
    """As pandas would read both; the share of missing cells to half a percent."""
    real, new = made
    assert list(new.columns) == list(real.columns)
    assert [one.kind for one in new.dtypes] == [one.kind for one in real.dtypes]
    assert (new.isna().mean() - real.isna().mean()).abs().max() < 0.005


def test_numbers_lie_within_the_range_and_as_they_do(made):
    """No value beyond the sample's; the middle and the tails are where they were."""
    real, new = made
    for name in ("dep_delay", "air_time", "distance", "month", "sched_dep_time"):
        assert real[name].min() <= new[name].min()
        assert new[name].max() <= real[name].max()
        spread = real[name].quantile(0.99) - real[name].quantile(0.01)
        for share in (0.1, 0.5, 0.9):
            assert abs(real[name].quantile(share) - new[name].quantile(share)) < 0.02 * spread, name


def test_frequencies_of_categories_are_kept(made):
    """Each carrier's share to a thousandth; a constant stays one."""
    shares = [frame["carrier"].value_counts(normalize=True) for frame in made]
    assert shares[1].sub(shares[0], fill_value=0).abs().max() < 0.001
    assert set(made[1]["year"]) == {2013}


def test_whole_numbers_stay_whole_though_gaps_made_floats_of_them(made):
    """No flight departs half a minute late."""
    assert (made[1]["dep_delay"].dropna() % 1 == 0).all()


def test_texts_that_tell_whose_they_are_are_made_anew(made):
    """Tail numbers have the shapes of real ones and are others, but for chance."""
    real, new = (set(frame["tailnum"].dropna()) for frame in made)
    assert all(text[0].isupper() or text[0] == "D" for text in new)
    assert {len(text) for text in new} <= {len(text) for text in real}
    assert len(new & real) < 0.02 * len(new)


def test_times_written_as_text_keep_their_format_and_their_grain(made):
    """Whole hours of 2013 in ISO form."""
    times = pd.to_datetime(made[1]["time_hour"], format="%Y-%m-%dT%H:%M:%SZ")
    assert (times.dt.minute == 0).all()
    real = pd.to_datetime(made[0]["time_hour"], format="%Y-%m-%dT%H:%M:%SZ")
    assert real.min() <= times.min()
    assert times.max() <= real.max()


def test_every_date_in_three_columns_is_one(made):
    """No thirtieth of February."""
    pd.to_datetime(made[1][["year", "month", "day"]])


def test_short_tables_give_none_of_their_rows(write, reader):
    """Where only two columns of few values make a row, other combinations are found."""
    rows = [(a, b) for a in "abcdefgh" for b in "pqrstuvw" if (ord(a) + ord(b)) % 2]
    path = write("pairs.csv", "left,right\n" + "".join(f"{a},{b}\n" for a, b in rows * 3))
    new = synthesize(recipe_from_sample(path, reader), 500).to_pandas()
    assert not set(new.itertuples(index=False, name=None)) & set(rows)
    assert set(new["left"]) == set("abcdefgh")


def test_the_seed_decides(flights, reader):
    """The same gives the same table, another another."""
    recipe = recipe_from_sample(flights, reader)
    first = synthesize(recipe, 300, seed=7)
    assert first.equals(synthesize(recipe, 300, seed=7))
    assert not first.equals(synthesize(recipe, 300, seed=8))


TYPES = pa.schema(
    [
        ("i8", pa.int8()),
        ("u64", pa.uint64()),
        ("f32", pa.float32()),
        ("flag", pa.bool_()),
        ("price", pa.decimal128(10, 2)),
        ("kind", pa.dictionary(pa.int8(), pa.string())),
        ("day", pa.date32()),
        ("at", pa.timestamp("ns", "Europe/Berlin")),
        ("ms", pa.timestamp("ms")),
        ("clock", pa.time64("us")),
        ("took", pa.duration("us")),
        ("raw", pa.binary()),
        ("tags", pa.list_(pa.string())),
        ("where", pa.struct([("lat", pa.float64()), ("n", pa.int32())])),
        ("nothing", pa.null()),
        ("long", pa.large_string()),
    ]
)


def test_every_type_of_parquet_stays_what_it_is(tmp_path, reader):
    """Nested ones too, with a time zone, and pandas reads the result."""
    start = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    rows = [
        {
            "i8": i % 100,
            "u64": i**3,
            "f32": i / 7,
            "flag": i % 3 == 0,
            "price": Decimal(i) / 100,
            "kind": "xyz"[i % 3],
            "day": start.date() + dt.timedelta(i),
            "at": start + dt.timedelta(hours=i * i),
            "ms": (start + dt.timedelta(minutes=i)).replace(tzinfo=None),
            "clock": dt.time(i % 24, i % 60),
            "took": dt.timedelta(seconds=i),
            "raw": b"x" * (i % 5),
            "tags": ["a", "b"][: i % 3],
            "where": {"lat": i / 3, "n": i},
            "nothing": None,
            "long": None if i % 4 else f"text {i}",
        }
        for i in range(200)
    ]
    path = tmp_path / "types.parquet"
    pq.write_table(pa.Table.from_pylist(rows, TYPES), path)
    new = synthesize(recipe_from_sample(path, reader), 500)
    assert new.schema.equals(TYPES)
    assert new["at"].to_pandas().between(start, start + dt.timedelta(hours=200 * 200)).all()
    assert new["clock"].to_pandas().dropna().map(lambda one: one.second == 0).all()
    assert {len(one) for one in new["tags"].to_pylist()} == {0, 1, 2}
    assert set(new["kind"].to_pylist()) == set("xyz")
    assert len(new.to_pandas()) == 500


def test_the_index_that_pandas_left_in_a_file_is_there_again(tmp_path, reader):
    """`read_parquet` finds it by its name."""
    frame = pd.DataFrame({"x": np.arange(50.0)}, index=pd.Index([f"id{i:03}" for i in range(50)], name="key"))
    frame.to_parquet(tmp_path / "indexed.parquet")
    new = synthesize(recipe_from_sample(tmp_path / "indexed.parquet", reader), 20)
    pq.write_table(new, tmp_path / "new.parquet")
    read = pd.read_parquet(tmp_path / "new.parquet")
    assert read.index.name == "key"
    assert read.index.is_unique
    assert list(read.columns) == ["x"]


def test_an_empty_table_has_its_columns(write, reader):
    """Nothing is known but their names: every cell is missing."""
    new = synthesize(recipe_from_sample(write("empty.csv", "a,b\n"), reader), 3)
    assert new.column_names == ["a", "b"]
    assert new["a"].null_count == 3


def test_what_is_no_table_is_an_error(write, reader):
    """It says so by the file's name."""
    with pytest.raises(DataError, match=r"notes\.txt"):
        recipe_from_sample(write("notes.txt", "hello"), reader)
