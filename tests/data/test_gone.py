"""Rows that are gone: by which columns they are told apart, how many, and what they have in common."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.gone import Trait
from cursus_rt_notebook.errors import TooLarge

N = 2_000


@pytest.fixture(scope="module")
def flights():
    """Flights that only carrier, number and time together tell apart; two columns say nothing."""
    random = np.random.default_rng(7)
    found = pd.DataFrame(
        {
            "year": 2013,
            "carrier": random.choice(["UA", "AA", "DL"], 3 * N),
            "flight": random.integers(1, 60, 3 * N),
            "time": pd.Timestamp("2013-01-01") + pd.to_timedelta(random.integers(0, 300, 3 * N), unit="h"),
            "delay": random.normal(size=3 * N).round(1),
            "dest": random.choice(["IAH", "MIA", None], 3 * N),
        }
    ).drop_duplicates(["carrier", "flight", "time"])
    return found.head(N).reset_index(drop=True)


@pytest.fixture
def gone(reader, tmp_path):
    """Asks what is gone between two frames, written as files of this kind."""

    def ask(before, after, *others, kind="parquet", **how):
        paths = []
        for i, frame in enumerate((before, after, *others)):
            path = tmp_path / f"{i}.{kind}"
            frame.to_parquet(path, index=False) if kind == "parquet" else frame.to_csv(path, index=False)
            paths.append(path)
        return reader.gone(paths[:1], paths[1:2], paths[2:], **how)

    return ask


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_fewest_columns_that_tell_rows_apart_are_the_key(flights, gone, kind):
    """Not one more than it takes, and no number that may be computed anew; the rows come with all their columns."""
    kept = flights.sample(frac=0.8, random_state=1)
    found = gone(flights, kept, kind=kind, rows=7)
    assert sorted(found.key) == ["carrier", "flight", "time"]
    assert (found.count, found.total, found.repeated, found.more) == (N // 5, N, 0, 0)
    assert set(found.positions) == set(flights.index) - set(kept.index)
    assert len(found.cells) == 7
    assert [column.name for column in found.columns][3:] == ["year", "delay", "dest"]
    row = flights.loc[found.positions[0]]
    told = dict(zip((column.name for column in found.columns), found.cells[0], strict=True))
    assert told["carrier"] == row.carrier
    assert told["delay"] == str(row.delay)
    assert told["dest"] == (None if row.isna().dest else row.dest)


def test_one_column_is_enough_where_it_is_unique(flights, gone):
    """An id is the key, whatever else would be one."""
    with_id = flights.assign(id=[f"f{i}" for i in range(N)])
    assert gone(with_id, with_id.drop(index=[3, 5])).key == ("id",)


def test_a_number_with_fractions_is_the_key_only_where_nothing_else_is(flights, gone):
    """It may be computed anew each time."""
    measured = flights.assign(measure=np.linspace(0.1, 0.9, N))
    assert sorted(gone(measured, measured.head(9)).key) == ["carrier", "flight", "time"]
    assert gone(measured[["year", "measure"]], measured[["year", "measure"]].head(9)).key == ("measure",)


def test_numbers_given_anew_are_no_key(flights, gone):
    """After a row is dropped, all that follow have another row's number: the flights themselves tell which is gone."""
    numbered = flights.assign(number=range(N))
    kept = flights[flights.carrier != "UA"]
    found = gone(numbered, kept.assign(number=range(len(kept))))
    assert sorted(found.key) == ["carrier", "flight", "time"]
    assert found.count == (flights.carrier == "UA").sum()


def test_a_column_of_another_type_or_name_is_no_part_of_the_key(flights, gone):
    """Without the time, which became text, nothing tells the flights apart."""
    found = gone(flights, flights.assign(time=flights.time.astype(str)).rename(columns={"dest": "to"}).head(10))
    assert "time" not in found.key
    assert "dest" not in found.key


def test_rows_that_are_there_twice_have_no_key(flights, gone):
    """It is said how many; a few among many do no harm, and are told."""
    found = gone(pd.concat([flights, flights]), flights)
    assert (found.key, found.repeated, found.count, found.cells) == ((), N, 0, ())
    found = gone(pd.concat([flights, flights.head(3)]), flights.tail(N - 10))
    assert (sorted(found.key), found.repeated, found.count) == (["carrier", "flight", "time"], 3, 13)


def test_nothing_in_common_or_nothing_left(flights, gone):
    """Tables that share no column are not compared; of an empty one every row is gone."""
    assert gone(flights[["carrier"]], flights[["flight"]]).key == ()
    found = gone(flights, flights.head(0), kind="csv")
    assert (found.count, len(found.key)) == (N, 3)
    found = gone(flights, flights)
    assert (found.count, len(found.key), found.cells) == (0, 3, ())


def test_rows_that_moved_to_another_table_are_not_gone(flights, gone):
    """If it has the key; one that has other columns is passed over."""
    other, metrics = flights.tail(500), pd.DataFrame({"auc": [0.7]})
    found = gone(flights, flights.head(1_000), other, metrics)
    assert (found.count, found.moved) == (500, 500)


@pytest.mark.parametrize(
    ("dropped", "trait"),
    [
        (lambda f: f.carrier == "UA", Trait("carrier", "value", ("UA",))),
        (lambda f: f.carrier.isin(["UA", "DL"]), Trait("carrier", "value", ("DL", "UA"))),
        (lambda f: f.dest.isna(), Trait("dest", "missing")),
        (lambda f: f.delay > 1, Trait("delay", "range", ("1.1", "3.2", "-3.3", "1.0"))),
    ],
)
def test_what_the_gone_rows_have_in_common_is_told(flights, gone, dropped, trait):
    """One value or a few, no value, or a range of their own."""
    found = gone(flights, flights[~dropped(flights)])
    first = found.traits[0]
    assert (first.column, first.kind, first.gone, first.kept) == (trait.column, trait.kind, 1.0, 0.0)
    if trait.kind == "range":
        low, high, least, most = map(float, first.texts)
        assert (low, most, high) == (1.1, 1.0, flights.delay.max())
        assert least == flights.delay.min()
    else:
        assert first.texts == trait.texts


def test_rows_lost_by_chance_have_nothing_in_common(flights, gone):
    """No trait is made up."""
    assert gone(flights, flights.sample(frac=0.8, random_state=3)).traits == ()


def test_several_parts_are_one_table(flights, reader, tmp_path):
    """Train and val before, train and val now: who moved from one to the other is not gone."""
    parts = {"a": flights.head(1_500), "b": flights.tail(500), "c": flights.iloc[100:600], "d": flights.iloc[600:]}
    for name, frame in parts.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    found = reader.gone([tmp_path / "a.csv", tmp_path / "b.csv"], [tmp_path / "c.csv", tmp_path / "d.csv"])
    assert list(found.positions) == list(range(100))


def test_names_that_mean_something_else_elsewhere(gone):
    """A column may be called like a pattern, or like a column of ours."""
    frame = pd.DataFrame({"^a.*$": range(60), "*": ["x"] * 60, "hash": [str(i) for i in range(60)], "a1": [1.5] * 60})
    found = gone(frame, frame.iloc[::2])
    assert found.key in {("^a.*$",), ("hash",)}
    assert found.count == 30


def test_too_many_rows_are_refused(monkeypatch):
    """Before anything is read, with what to do instead."""
    from cursus_rt_notebook.data.scan import gone as scan

    monkeypatch.setattr(settings, "GONE_LIMIT", 10)
    with pytest.raises(TooLarge, match="compare"):
        scan._check(11)
    scan._check(10)
