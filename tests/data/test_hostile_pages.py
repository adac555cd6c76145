"""Whatever a table's names and values are, its pages show them as text, sort and filter by them, and end nothing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.errors import DataError, QueryInvalid, TooLarge
from tests.data.test_pages import check_page

Write = Callable[[str, str | bytes], Path]
NAMES = [
    "a.b",
    'quo"te',
    "quo'te",
    "",
    " ",
    "*",
    "^a.*$",
    "0",
    "1",
    "row",
    "literal",
    "len",
    "x" * 10_000,
    "\u202eoverride",
    "tab\tbell\x07esc\x1b[31m",
    "<script>alert(1)</script>",
    "${HOME}",
    "{0}",
    "-minus",
    "naïve 🦋",
    "Unnamed: 0",
    "__proto__",
]


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_columns_of_any_name_are_shown_sorted_filtered_and_profiled(reader: Reader, tmp_path: Path, form: str) -> None:
    """By their own names."""
    path = tmp_path / f"t.{form}"
    frame = pd.DataFrame({name: [3 * i, 3 * i + 2, 3 * i + 1] for i, name in enumerate(NAMES)})
    writers = {
        "parquet": frame.to_parquet,
        "csv": lambda path: frame.to_csv(path, index=False),
        "jsonl": lambda path: frame.to_json(path, orient="records", lines=True),
    }
    writers[form](path)
    table = Artifact(path, reader=reader)
    names = list(map(str, table.df.columns))
    assert [column.name for column in table.page(columns=100).columns] == names
    for i, name in enumerate(names):
        assert table.page(sort=[*sorted_by(name)], first_column=i, columns=1).positions == (1, 2, 0)
        assert reader.cell(path, 1, name) == str(3 * i + 2)
        assert reader.profile(path, [name])[0].maximum == str(3 * i + 2)
        check_condition(reader, path, name, 3 * i + 1)


def sorted_by(name: str) -> tuple[object, ...]:
    """Descending by a column of any name."""
    from cursus_rt_notebook.data.query import Sort

    return (Sort(name, descending=True),)


def check_condition(reader: Reader, path: Path, name: str, value: int) -> None:
    """Check that a condition on a column is followed; names that mean several columns, or are too long, are refused."""
    where = '"' + name.replace('"', '""') + f'" = {value}'
    if name in {"*", "^a.*$"} or len(where) > settings.WHERE_TEXT:
        with pytest.raises(QueryInvalid):
            reader.page(path, where=where)
    else:
        assert reader.page(path, where=where).positions == (2,)


def test_columns_of_the_same_name_are_told_apart(reader: Reader, write: Write) -> None:
    """As pandas does: the second is called `a.1`."""
    path = write("t.csv", "a,a,a\n1,6,8\n2,5,9\n")
    assert reader.page(path, sort="a.1").positions == (1, 0)
    assert reader.page(path, where='"a.2" = 8').positions == (0,)


def test_texts_of_any_kind_are_cells(reader: Reader, tmp_path: Path) -> None:
    """Also those that would break a terminal, a page, or a file of lines; they are found by conditions too."""
    values = [
        "",
        " ",
        "NA",
        "null",
        "\x00",
        "\x1b[2J",
        "\u202e",
        "a\nb\r\nc",
        "\t",
        '"',
        "é" * 300,
        "🦋",
        "<b>",
        "\ufeff",
    ]
    path = tmp_path / "t.parquet"
    pd.DataFrame({"s": [*values, None]}).to_parquet(path)
    page = reader.page(path)
    assert [row[0] for row in page.cells] == [
        *(v if len(v) < 200 else f"{v[:200]}… (300 characters)" for v in values),
        None,
    ]
    for i, value in enumerate(values):
        assert reader.cell(path, i, "s") == value
        if "\x00" not in value:
            assert reader.page(path, where="s = '" + value.replace("'", "''") + "'").positions == (i,)


def test_nested_and_binary_values_are_shown(reader: Reader, tmp_path: Path) -> None:
    """And sorted by, with what is missing last."""
    table = pa.table(
        {
            "n": [2, 1, None],
            "list": pa.array([[1, None], [], None]),
            "deep": pa.array([[[{"a": [1]}]], None, []]),
            "record": pa.array([{"a": 1, "b": "x"}, {"a": None, "b": None}, None]),
            "map": pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int64())),
            "bytes": pa.array([b"\x00\xff", b"", None]),
            "money": pa.array([Decimal("1.10"), Decimal("-2.50"), None]),
            "time": pa.array([dt.time(1, 2, 3), dt.time(0), None]),
            "span": pa.array([dt.timedelta(days=1), dt.timedelta(0), None]),
            "nothing": pa.nulls(3),
            "half": pa.array(np.array([1.5, np.nan, np.inf], dtype="float16")),
            "fixed": pa.array([b"ab", b"cd", None], pa.binary(2)),
            "ordered": pa.array(["b", "a", None]).dictionary_encode(),
        }
    )
    path = tmp_path / "t.parquet"
    pq.write_table(table, path)
    page = reader.page(path, sort="n", columns=20)
    assert page.positions == (1, 0, 2)
    shown = dict(zip((column.name for column in page.columns), page.cells[1], strict=True))
    assert (shown["list"], shown["record"]) == ("[1, null]", '{"a": 1, "b": "x"}')
    assert (shown["bytes"], shown["money"], shown["time"]) == ("b'\\x00\\xff'", "1.10", "01:02:03")
    assert page.cells[2][:2] == (None, None)
    assert len(reader.profile(path, table.column_names)) == 13
    for name in table.column_names:
        assert reader.page(path, sort=name).positions[-1] in {1, 2}
        assert (reader.cell(path, 0, name) is None) == (name == "nothing")


def test_whole_numbers_beyond_64_bits_keep_their_digits(reader: Reader, write: Write) -> None:
    """And are sorted as numbers."""
    path = write("t.csv", f"a\n{2**64}\n9\n{-(10**30)}\n100\n")
    page = reader.page(path, sort="a")
    assert [row[0] for row in page.cells] == [str(-(10**30)), "9", "100", str(2**64)]
    path = write("u.csv", f"a\n{2**64 - 1}\n9\n")
    assert [row[0] for row in reader.page(path, start=0).cells] == [str(2**64 - 1), "9"]
    assert reader.page(path, sort="a").positions == (1, 0)


def test_a_ragged_csv_is_paged_or_refused(reader: Reader, write: Write) -> None:
    """As pandas reads it: short rows lack cells, long ones are an error; more fields than names are labels."""
    check_page(
        reader.page(write("short.csv", "a,b\n1,2\n3\n4,5\n")),
        pd.DataFrame({"a": [1, 3, 4], "b": [2, None, 5]}),
        [0, 1, 2],
    )
    with pytest.raises(DataError, match=r"long\.csv"):
        reader.page(write("long.csv", "a,b\n1,2\n3,4,5\n"))
    page = reader.page(write("labels.csv", "a,b\nx,1,2\ny,3,4\n"))
    assert page.cells == (("1", "2"), ("3", "4"))
    assert "row labels" in page.note


def test_five_thousand_columns_stay_usable(reader: Reader, tmp_path: Path) -> None:
    """Only the window is turned to text; a far column is as near as the first."""
    frame = pd.DataFrame(np.arange(200 * 5_000).reshape(200, 5_000), columns=[f"c{i}" for i in range(5_000)])
    for name in ("t.csv", "t.parquet"):
        path = tmp_path / name
        frame.to_csv(path, index=False) if name.endswith("csv") else frame.to_parquet(path)
        page = reader.page(path, first_column=4_990, columns=30, sort="-c4999", rows=3)
        assert page.column_count == 5_000
        check_page(page, frame, [199, 198, 197])
        assert reader.page(path, where="c4999 < 10000", first_column=2_500).matched == 2


def test_a_small_file_that_unfolds_to_gigabytes_harms_nobody(reader: Reader, tmp_path: Path) -> None:
    """Two million times the same long text: its beginning is shown, and what takes a copy is refused at once."""
    path = tmp_path / "t.parquet"
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(2_000_000, dtype="int32")), pa.array(["x" * 10_000]))
    pq.write_table(pa.table({"s": text, "n": np.arange(2_000_000)}), path)
    with pytest.raises(TooLarge, match=r"t\.parquet would take .* as a copy"):
        reader.page(path, sort="-n")
    assert reader.page(path, rows=2).total == 2_000_000


def test_json_values_of_mixed_kinds_are_texts(reader: Reader, write: Write) -> None:
    """Lists, records, numbers and truths in one column."""
    rows = [{"a": 1}, {"a": "x"}, {"a": [1, 2]}, {"a": {"b": None}}, {"a": True}, {"a": None}, {"c": 2}]
    path = write("t.jsonl", "\n".join(json.dumps(row) for row in rows))
    page = reader.page(path)
    assert [row[0] for row in page.cells] == ["1", "x", "[1, 2]", '{"b": null}', "True", None, None]
    assert reader.page(path, where="a = 'x'").positions == (1,)
    assert reader.page(path, sort="-c").positions[0] == 6
