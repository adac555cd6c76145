"""A page of a table shows the rows, order and cells that pandas would, wherever it lies and whatever the file."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.query import Sort, TablePage
from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.errors import QueryInvalid, TooLarge, Unreadable
from tests.conftest import wait_until
from tests.data.agreement import same_float, shown

Write = Callable[[str, str | bytes], Path]


def as_csv(frame: pd.DataFrame, path: Path) -> Path:
    """One CSV."""
    frame.to_csv(path / "t.csv", index=False)
    return path / "t.csv"


def as_csv_gz(frame: pd.DataFrame, path: Path) -> Path:
    """One packed CSV."""
    frame.to_csv(path / "t.csv.gz", index=False)
    return path / "t.csv.gz"


def as_odd_csv(frame: pd.DataFrame, path: Path) -> Path:
    """A CSV with blank lines and stray quotes, which only pandas reads."""
    text = frame.assign(note='5"x').to_csv(index=False, quoting=3, escapechar="\\").replace("\\", "")
    (path / "odd.csv").write_text("\n" + text.replace("\n", "\n\n", 3))
    return path / "odd.csv"


def as_parquet(frame: pd.DataFrame, path: Path) -> Path:
    """One Parquet file of several row groups."""
    frame.to_parquet(path / "t.parquet", row_group_size=700)
    return path / "t.parquet"


def as_jsonl(frame: pd.DataFrame, path: Path) -> Path:
    """JSON lines."""
    frame.to_json(path / "t.jsonl", orient="records", lines=True)
    return path / "t.jsonl"


def as_csv_parts(frame: pd.DataFrame, path: Path) -> Path:
    """A folder of CSV parts, of which the second has no rows."""
    for i, part in enumerate((frame[:1000], frame[:0], frame[1000:1500], frame[1500:])):
        part.to_csv(path / f"part-{i}.csv", index=False)
    return path


def as_packed_parts(frame: pd.DataFrame, path: Path) -> Path:
    """A folder of packed CSV parts."""
    for i, part in enumerate((frame[:1000], frame[1000:])):
        part.to_csv(path / f"part-{i}.csv.gz", index=False)
    return path


def as_parquet_parts(frame: pd.DataFrame, path: Path) -> Path:
    """A folder of Parquet parts."""
    for i, part in enumerate((frame[:1000], frame[1000:])):
        part.to_parquet(path / f"part-{i}.parquet")
    return path


FORMS = [as_csv, as_csv_gz, as_odd_csv, as_parquet, as_jsonl, as_csv_parts, as_packed_parts, as_parquet_parts]


def sample(rows: int = 3_000) -> pd.DataFrame:
    """A table with ties, missing cells, empty texts and every common type."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "id": np.arange(rows) * 7 % rows,
            "delay": np.where(rng.random(rows) < 0.1, np.nan, rng.integers(-50, 60, rows)),
            "ratio": rng.normal(size=rows),
            "carrier": rng.choice(["UA", "AA", "DL", "é", "z z"], rows),
            "late": rng.random(rows) < 0.5,
        }
    )
    frame["key"] = [f"k{i * 7919 % rows}" for i in range(rows)]
    frame["tail"] = frame["carrier"].where(rng.random(rows) < 0.8)
    return frame


@pytest.fixture(params=FORMS, ids=lambda form: form.__name__)
def table(request: pytest.FixtureRequest, tmp_path: Path, reader: Reader) -> Artifact:
    """The sample in one form."""
    return Artifact(request.param(sample(), tmp_path), reader=reader)


def check_page(page: TablePage, frame: pd.DataFrame, positions: list[int]) -> None:
    """Check that a page shows these rows of a frame."""
    assert list(page.positions) == positions
    window = frame.iloc[positions, page.first_column : page.first_column + len(page.columns)]
    assert [column.name for column in page.columns] == list(map(str, window.columns))
    for row, (_, expected) in zip(page.cells, window.astype(object).iterrows(), strict=True):
        for column, cell, value in zip(page.columns, row, expected, strict=True):
            assert cell == shown(value) or (column.type == "float" and same_float(cell, shown(value)))


def test_any_window_shows_the_rows_that_pandas_has_there(table: Artifact) -> None:
    """At the beginning, in the middle, at the end, beyond it; all columns or some."""
    frame = table.df
    for start, rows, first, columns in ((0, 5, 0, 30), (1_990, 20, 2, 2), (2_995, 20, 1, 9), (9_000, 5, 0, 9)):
        page = table.page(start=start, rows=rows, first_column=first, columns=columns)
        assert (page.total, page.matched, page.column_count) == (3_000, 3_000, frame.shape[1])
        check_page(page, frame, list(range(start, min(start + rows, 3_000))))


@pytest.mark.parametrize("descending", [False, True])
def test_sorting_is_that_of_pandas_with_missing_values_last(table: Artifact, *, descending: bool) -> None:
    """By every column, in both directions; rows that tie stay in their order."""
    frame = table.df
    for name in frame.columns:
        order = frame[name].sort_values(ascending=not descending, kind="stable", na_position="last").index
        page = table.page(sort=Sort(name, descending=descending), start=1_480, rows=40, columns=9)
        check_page(page, frame, list(order[1_480:1_520]))
        page = table.page(sort=Sort(name, descending=descending), start=2_990, rows=40)
        check_page(page, frame, list(order[2_990:]))


def test_several_columns_sort_and_a_condition_filters(table: Artifact) -> None:
    """The first column counts most; only rows that match are shown and counted."""
    frame = table.df
    matching = frame[(frame["delay"] > 10) & (frame["carrier"] == "UA")]
    page = table.page(where="delay > 10 and carrier = 'UA'", rows=30)
    assert page.matched == len(matching)
    check_page(page, frame, list(matching.index[:30]))
    order = matching.sort_values(["late", "delay"], ascending=[True, False], kind="stable").index
    page = table.page(where="delay > 10 and carrier = 'UA'", sort=["late", "-delay"], start=20, rows=30)
    check_page(page, frame, list(order[20:50]))


def test_a_page_is_the_same_before_and_after_the_copy_is_made(table: Artifact) -> None:
    """The first page comes from the files themselves, later ones from the copy."""
    own = Reader()
    try:
        first = own.page(table.path, rows=50)
        own.page(table.path, start=2_500)
        assert own.page(table.path, rows=50) == first
    finally:
        own.close()


def test_missing_and_empty_are_told_apart(reader: Reader, tmp_path: Path) -> None:
    """In formats that know the difference: None is missing, an empty text is one; NaN is missing, as in pandas."""
    path = tmp_path / "t.parquet"
    pd.DataFrame({"text": ["", None, "x"], "number": [1.5, np.nan, np.inf]}).to_parquet(path)
    assert reader.page(path).cells == (("", "1.5"), (None, None), ("x", "inf"))
    assert reader.page(path, where="number is null").positions == (1,)
    assert reader.page(path, where="text = ''").positions == (0,)


def test_a_long_text_is_cut_and_given_whole_on_demand(reader: Reader, write: Write) -> None:
    """Its place and length are told."""
    long = "é" * 10_000
    path = write("t.csv", f"a,b\n1,x\n2,{long}\n")
    page = reader.page(path)
    assert page.cut == ((1, 1, 10_000),)
    assert page.cells[1][1] == f"{'é' * settings.CELL_TEXT}… (10,000 characters)"
    assert reader.cell(path, 1, "b") == long
    with pytest.raises(QueryInvalid, match="there is no row 2"):
        reader.cell(path, 2, "b")
    with pytest.raises(QueryInvalid, match="no column 'c'"):
        reader.cell(path, 0, "c")


def test_a_page_has_no_more_cells_than_one_looks_at(reader: Reader, flights: Path) -> None:
    """It is cut to fewer rows."""
    page = reader.page(flights, rows=1_000_000, columns=10)
    assert len(page.cells) == settings.PAGE_CELLS // 10
    assert page.matched == 336_776


def test_numbers_are_aligned(reader: Reader, flights: Path) -> None:
    """Those and nothing else: the type decides."""
    aligned = {column.name for column in reader.page(flights).columns if column.numeric}
    assert "dep_delay" in aligned
    assert not {"carrier", "time_hour"} & aligned


def test_flights_filtered_and_sorted(reader: Reader, flights: Path) -> None:
    """The 336,776 flights, as pandas has them."""
    frame = pd.read_csv(flights)
    late = frame[(frame["dep_delay"] > 60) & (frame["carrier"] == "UA")].sort_values("dep_delay", kind="stable")
    page = reader.page(flights, where="dep_delay > 60 and carrier = 'UA'", sort="dep_delay", start=2_000)
    assert page.matched == len(late)
    check_page(page, frame, list(late.index[2_000:2_100]))


def test_a_file_that_changed_is_read_again(reader: Reader, write: Write) -> None:
    """Also with a sort order and a condition that were asked before."""
    path = write("t.csv", "a\n1\n2\n3\n")
    assert reader.page(path, where="a > 1", sort="-a").positions == (2, 1)
    write("t.csv", "a\n5\n2\n3\n4\n")
    assert reader.page(path, where="a > 1", sort="-a").positions == (0, 3, 2, 1)


@pytest.mark.parametrize("content", ["a,b\n", "a\n"])
def test_a_table_without_rows_has_an_empty_page(reader: Reader, write: Write, content: str) -> None:
    """With its columns, and any order and condition."""
    path = write("t.csv", content)
    for page in (reader.page(path), reader.page(path, sort="a", where="a is null", start=5)):
        assert (page.total, page.matched, page.cells) == (0, 0, ())
        assert page.columns[0].name == "a"


def test_a_table_without_columns_has_rows_without_cells(reader: Reader, tmp_path: Path) -> None:
    """Parquet can hold one; there is nothing to sort or filter by."""
    path = tmp_path / "t.parquet"
    pd.DataFrame(index=[3, 4, 5]).to_parquet(path)
    page = reader.page(path)
    assert page.columns == ()
    assert set(page.cells) <= {()}
    with pytest.raises(QueryInvalid, match="no column 'a'"):
        reader.page(path, where="a = 1")
    with pytest.raises(QueryInvalid):
        reader.page(path, where="1 = 1")


def test_a_damaged_file_is_an_error_and_the_reader_goes_on(reader: Reader, write: Write) -> None:
    """As for the other questions."""
    packed = gzip.compress(b"a\n" + b"1\n" * 100_000)
    path = write("t.csv.gz", packed[: len(packed) // 2])
    with pytest.raises(Unreadable, match="cut or damaged"):
        reader.page(path)
    assert reader.page(write("fine.csv", "a\n1\n")).cells == (("1",),)


def test_a_table_that_cannot_be_copied_says_so(tmp_path: Path) -> None:
    """Its beginning is shown all the same, and other tables are as before."""
    frame = sample(20_000)
    small, large = as_parquet(sample(100), tmp_path), as_csv(frame, tmp_path)
    own = Reader(copies=100_000)
    try:
        assert len(own.page(large).cells) == settings.PAGE_ROWS
        with pytest.raises(TooLarge, match=r"t\.csv would take .* as a copy"):
            own.page(large, start=15_000)
        with pytest.raises(TooLarge):
            own.page(large, sort="delay")
        assert own.page(small, sort="id").matched == 100
    finally:
        own.close()


def test_copies_are_given_up_when_they_become_too_many(tmp_path: Path) -> None:
    """The least used go first; a question about one makes it again."""
    paths = [tmp_path / f"{i}.parquet" for i in range(4)]
    for path in paths:
        sample(5_000).to_parquet(path)
    own = Reader(copies=600_000)
    try:
        for path in paths * 2:
            assert own.page(path, sort="-id").matched == 5_000
        assert own.pid is not None
        mapped = [line for line in Path(f"/proc/{own.pid}/maps").read_text().splitlines() if "(deleted)" in line]
        assert 0 < len({line.split()[4] for line in mapped}) < 8
    finally:
        own.close()


def test_nothing_of_a_copy_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copies have no names: the folder for temporary files stays empty, also when the reader is killed."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    path = as_csv(sample(), tmp_path)
    own = Reader()
    try:
        own.page(path, sort="delay")
        assert list(folder.iterdir()) == []
    finally:
        own.close()
        monkeypatch.undo()
    wait_until(lambda: own.pid is None)
    assert list(folder.iterdir()) == []
