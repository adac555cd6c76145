"""Parquet, JSON, compressed files and parts: each shown as pandas reads it."""

from __future__ import annotations

import bz2
import datetime as dt
import decimal
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.errors import Unreadable
from tests.data.agreement import check_agrees

Write = Callable[[str, str | bytes], Path]
CSV = "id,name,x\n1,a,0.5\n2,,1.5\n3,c,\n"


def zipped(text: str) -> bytes:
    """A zip with one file."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.csv", text)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("t.csv.gz", lambda text: gzip.compress(text.encode())),
        ("t.csv.bz2", lambda text: bz2.compress(text.encode())),
        ("t.csv.xz", lambda text: lzma.compress(text.encode())),
        ("t.csv.zip", zipped),
    ],
)
def test_compressed_tables_are_read(reader: Reader, write: Write, name: str, pack: Callable[[str], bytes]) -> None:
    """A packed table reads as the plain one, also where its name hides that it is packed."""
    path = write(name, pack(CSV))
    check_agrees(reader, path, pd.read_csv(path))
    hidden = write("hidden.csv", pack(CSV))
    pd.testing.assert_frame_equal(Artifact(hidden, reader=reader).df, pd.read_csv(path))
    pd.testing.assert_frame_equal(pd.concat(Artifact(hidden, reader=reader).batches), pd.read_csv(path))


def test_parquet_types_have_one_word_each(reader: Reader, tmp_path: Path) -> None:
    """Every common type has its word, its text, and its share of missing cells; NaN is missing."""
    moment = dt.datetime(2013, 1, 2, 3, 4, 5)  # noqa: DTZ001  # without a zone, as most data
    columns = {
        "int": pa.array([1, None]),
        "float": pa.array([0.5, float("nan")]),
        "half": pa.array([0.1, None], pa.float32()),
        "text": pa.array(["", None]),
        "bool": pa.array([True, None]),
        "date": pa.array([moment.date(), None]),
        "datetime": pa.array([moment, None]),
        "time": pa.array([moment.time(), None]),
        "duration": pa.array([dt.timedelta(days=1), None]),
        "category": pa.array(["x", None]).dictionary_encode(),
        "decimal": pa.array([decimal.Decimal("1.50"), None]),
        "list": pa.array([[1, 2], None]),
        "record": pa.array([{"k": 1}, None]),
        "bytes": pa.array([b"\x00<b>", None]),
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    summary = reader.summary(tmp_path / "t.parquet")
    assert [c.type for c in summary.columns] == [name if name != "half" else "float" for name in columns]
    assert {c.missing for c in summary.columns} == {0.5}
    assert dict(zip(columns, summary.cells[0], strict=True)) == {
        "int": "1",
        "float": "0.5",
        "half": "0.1",
        "text": "",
        "bool": "True",
        "date": "2013-01-02",
        "datetime": "2013-01-02T03:04:05",
        "time": "03:04:05",
        "duration": "1 day, 0:00:00",
        "category": "x",
        "decimal": "1.50",
        "list": "[1, 2]",
        "record": '{"k": 1}',
        "bytes": "b'\\x00<b>'",
    }
    assert set(summary.cells[1]) == {None}


@pytest.mark.parametrize("index", [None, "named", "plain"])
def test_parquet_written_by_pandas_comes_back_as_it_was(reader: Reader, tmp_path: Path, index: str | None) -> None:
    """What pandas made its index is no column, and `.head` has the types and index of `.df`."""
    frame = pd.DataFrame({"i": pd.array([1, None, 3], "Int64"), "t": ["x", "y", None], "f": [1.0, np.nan, 3.0]})
    if index:
        frame.index = pd.Index([7, 8, 9], name="key" if index == "named" else None)
    frame.to_parquet(tmp_path / "t.parquet")
    artifact = Artifact(tmp_path, reader=reader)
    pd.testing.assert_frame_equal(artifact.df, frame)
    pd.testing.assert_frame_equal(artifact.head(2), frame.head(2))
    assert artifact.shape == (3, 3)
    assert artifact.schema == {"i": "int", "t": "text", "f": "float"}
    pd.testing.assert_frame_equal(pd.concat(artifact.batches), frame)


def test_names_with_patterns_in_them_are_names(reader: Reader, tmp_path: Path) -> None:
    """A file name may hold what a shell would take for a pattern, or a space."""
    for name in ("a[1]*?.parquet", "~ x.csv"):
        frame = pd.DataFrame({"a": [1]})
        frame.to_parquet(tmp_path / name) if name.endswith("t") else frame.to_csv(tmp_path / name, index=False)
        assert reader.summary(tmp_path / name).rows == 1


RECORDS = [
    '[{"a": 1, "b": "x"}, {"a": null, "b": "y", "c": [1, {"d": 2}]}]',
    '[{"a": "1", "date": "2020-01-01"}, {"a": "2", "date": "2020-01-02"}]',
    '[{"a": NaN}, {"a": 2.5}]',
    '{"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": null}}',
    "[1, 2, 3]",
    "[]",
]


@pytest.mark.parametrize("text", RECORDS)
def test_json_tables_are_what_pandas_makes_of_them(reader: Reader, write: Write, text: str) -> None:
    """An array, and what pandas itself wrote by columns, read as `pd.read_json` reads them."""
    path = write("t.json", text)
    frame = pd.read_json(path)
    pd.testing.assert_frame_equal(Artifact(path, reader=reader).df, frame)
    summary = reader.summary(path)
    assert (summary.rows, summary.column_count) == frame.shape
    assert [round(c.missing * len(frame)) for c in summary.columns] == frame.isna().sum().tolist()


def test_a_json_object_is_one_row(reader: Reader, write: Write) -> None:
    """A document of settings or metrics shows as one row, lists and all."""
    path = write("metrics.json", '{"auc": 0.9, "n": 3, "ok": true, "by": {"UA": [1]}, "none": null}')
    summary = reader.summary(path)
    assert [(c.name, c.type) for c in summary.columns][:3] == [("auc", "float"), ("n", "int"), ("ok", "bool")]
    assert summary.cells == (("0.9", "3", "True", '{"UA": [1]}', None),)
    assert Artifact(path, reader=reader).shape == (1, 5)


def test_json_lines_are_read_in_pieces_as_one(reader: Reader, write: Write) -> None:
    """A field that only later lines have is a column, missing in the earlier ones."""
    lines = [{"i": i, "late": "x"} if i > 60_000 else {"i": i} for i in range(60_005)]
    path = write("t.jsonl", "\n".join(map(json.dumps, lines)) + "\n")
    summary = reader.summary(path)
    assert summary.rows == 60_005
    assert [(c.name, c.type, round(c.missing * 60_005)) for c in summary.columns] == [
        ("i", "int", 0),
        ("late", "text", 60_001),
    ]
    assert summary.cells[0] == ("0", None)
    assert reader.summary(path, rows=1, start=60_004).cells == (("60004", "x"),)
    assert reader.head(path, 2).to_pandas().columns.tolist() == ["i", "late"]
    assert sum(map(len, Artifact(path, reader=reader).batches)) == 60_005


def test_parts_are_one_table(reader: Reader, write: Write, tmp_path: Path) -> None:
    """Sizes add up, types join as pandas joins those of parts with rows, and rows go on from part to part."""
    write("part-00000.csv", "a,b\n1,x\n2,\n")
    write("part-00001.csv", "a,b\n3.5,y\n")
    write("part-00002.csv", "a,b\n")
    write("part-00003.csv", "a,b\n4,5\n")
    artifact = Artifact(tmp_path, reader=reader)
    parts = [pd.read_csv(tmp_path / f"part-0000{i}.csv") for i in (0, 1, 3)]
    frame = pd.concat(parts, ignore_index=True)
    pd.testing.assert_frame_equal(artifact.df, frame)
    assert artifact.shape == (4, 2)
    summary = reader.summary(tmp_path)
    assert [(c.type, c.missing) for c in summary.columns] == [("float", 0.0), ("text", 0.25)]
    assert [row[0] for row in summary.cells] == ["1.0", "2.0", "3.5", "4.0"]
    assert reader.summary(tmp_path, rows=2, start=2).cells == (("3.5", "y"), ("4.0", "5"))
    assert artifact.head(10)["a"].tolist() == [1.0, 2.0, 3.5, 4.0]


def test_parts_of_parquet_are_one_table(reader: Reader, tmp_path: Path) -> None:
    """The same for Parquet, where sizes come from the footers."""
    for i in range(3):
        pd.DataFrame({"a": [i, i + 10]}).to_parquet(tmp_path / f"part-{i}.parquet")
    artifact = Artifact(tmp_path, reader=reader)
    assert artifact.shape == (6, 1)
    assert artifact.head(3)["a"].tolist() == [0, 10, 1]
    assert artifact.df["a"].tolist() == [0, 10, 1, 11, 2, 12]
    assert [row[0] for row in reader.summary(tmp_path, rows=3, start=1).cells] == ["10", "1", "11"]


def test_parts_with_other_columns_are_an_error_that_says_which(reader: Reader, write: Write, tmp_path: Path) -> None:
    """Parts without a header, or of another table, are never put under each other."""
    write("part-0.csv", "a,b\n1,2\n")
    write("part-1.csv", "a,c\n1,2\n")
    artifact = Artifact(tmp_path, reader=reader)
    for ask in (lambda: artifact.df, artifact.summary, lambda: artifact.shape):
        with pytest.raises(Unreadable, match=r"different columns: part-1\.csv has 'c' and lacks 'b'"):
            ask()
    assert artifact["part-1.csv"].df.columns.tolist() == ["a", "c"]


HOSTILE = [
    "<script>alert(1)</script>",
    "a.b",
    '"quoted"',
    "it's",
    "\x1b[31mred\x1b]8;;http://x\x07",
    "\u202egnp.exe",
    "=1+1",
    "{{7*7}} ${x} %s",
    "../../etc/passwd",
    "x" * 10_000,
    "",
    " ",
]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_hostile_names_and_values_come_through_as_plain_text(reader: Reader, tmp_path: Path, kind: str) -> None:
    """Nothing is escaped, dropped or obeyed here: names whole, long values cut with their length."""
    names = [text for text in HOSTILE if text]
    frame = pd.DataFrame([HOSTILE[: len(names)], [*reversed(names)]], columns=names)
    path = tmp_path / f"t.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    summary = reader.summary(path)
    assert [c.name for c in summary.columns] == names
    cells = {cell for row in summary.cells for cell in row}
    assert {text for text in names if len(text) < 200} <= cells
    assert "x" * 200 + "… (10,000 characters)" in cells
    assert reader.head(path, 1).column_names == names


def test_twin_columns_in_parquet_are_refused(reader: Reader, tmp_path: Path) -> None:
    """A Parquet file with two columns of one name, which pandas refuses too, is unreadable."""
    twins = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    pq.write_table(twins, tmp_path / "t.parquet")
    with pytest.raises(Unreadable, match=r"t\.parquet cannot be read"):
        reader.summary(tmp_path / "t.parquet")
