"""The first rows of large tables, without the whole."""

from __future__ import annotations

import gzip
import io
import json

import pandas as pd
import pyarrow.parquet as pq
import pytest

from cursus_rt_notebook.workspace import remote, sampled
from cursus_rt_notebook.workspace.sampled import tables_in_parts, write_sample

TABLE = pd.DataFrame({"n": range(1000), "text": [f'line\nof "{n}"' for n in range(1000)]})


def _sample(data, name, rows, path, monkeypatch):
    """The sample, and how many bytes were read for it."""
    monkeypatch.setattr(sampled, "FETCH_CHUNK", 64)
    opened, read = io.BytesIO(data), [0]
    count = write_sample(opened, name, rows, path / name, read.append)
    return count, max(read)


def test_csv_is_cut_after_a_row(tmp_path, monkeypatch):
    """An end of line in quotes ends none; no more is read than that takes."""
    data = TABLE.to_csv(index=False).encode()
    count, read = _sample(data, "t.csv", 10, tmp_path, monkeypatch)
    assert pd.read_csv(tmp_path / "t.csv").equals(TABLE[:10])
    assert count == 10
    assert read < len(data) / 10


def test_csv_may_be_packed(tmp_path, monkeypatch):
    """It stays so; several packed one after another are one."""
    text = TABLE.to_csv(index=False).encode()
    data = gzip.compress(text[:300]) + gzip.compress(text[300:])
    _sample(data, "t.csv.gz", 20, tmp_path, monkeypatch)
    assert pd.read_csv(tmp_path / "t.csv.gz").equals(TABLE[:20])


def test_json_lines_are_cut_after_a_line(tmp_path, monkeypatch):
    """A quote in one means nothing to its end."""
    data = "\n".join(json.dumps({"a": f'"{n}'}) for n in range(100)).encode()
    count, _ = _sample(data, "t.jsonl", 3, tmp_path, monkeypatch)
    assert (tmp_path / "t.jsonl").read_text().splitlines() == [json.dumps({"a": f'"{n}'}) for n in range(3)]
    assert count == 3


@pytest.mark.parametrize("rows", [10, 150, 5000])
def test_parquet_keeps_its_row_groups(tmp_path, monkeypatch, rows):
    """Only those that are needed are read, the last one is cut; the schema says what it said."""
    file = io.BytesIO()
    TABLE.to_parquet(file, row_group_size=100)
    count, _ = _sample(file.getvalue(), "t.parquet", rows, tmp_path, monkeypatch)
    assert pd.read_parquet(tmp_path / "t.parquet").equals(TABLE[:rows])
    assert count == min(rows, 1000)
    assert pq.read_schema(tmp_path / "t.parquet").metadata == pq.read_schema(io.BytesIO(file.getvalue())).metadata


def test_a_table_shorter_than_the_sample(tmp_path, monkeypatch):
    """It is there as a whole, also where no end of line ends it."""
    count, _ = _sample(b"a\n1\n2", "t.csv", 10, tmp_path, monkeypatch)
    assert (tmp_path / "t.csv").read_bytes() == b"a\n1\n2"
    assert count == 2


def test_parts_of_one_table():
    """Files that say they are parts, and differ in their numbers only; other files are each a table."""
    names = [
        "x/part-00000-0b9c3c9e-1111-2222-3333-444455556666.csv",
        "x/part-00001-0b9c3c9e-1111-2222-3333-444455556667.csv",
    ]
    assert tables_in_parts([*names, "x/2023.csv", "x/2024.csv", "y/part-00000.csv", "x/part.bin"]) == [
        ["x/2023.csv"],
        ["x/2024.csv"],
        names,
        ["x/part.bin"],
        ["y/part-00000.csv"],
    ]


@pytest.fixture
def small(monkeypatch):
    """What is large is so at a few bytes."""
    monkeypatch.setattr(remote, "FETCH_WHOLE", 1000)
    monkeypatch.setattr(remote, "FETCH_CHUNK", 512)
    monkeypatch.setattr(sampled, "FETCH_CHUNK", 512)


def test_a_sample_is_fetched_once(s3, tmp_path, small, monkeypatch):
    """A large table by its first rows, the rest as it is; again only when it has changed."""
    text = TABLE.to_csv(index=False)
    s3.put_object(Bucket="flights", Key="d/t.csv", Body=text.encode())
    s3.put_object(Bucket="flights", Key="d/small.csv", Body=b"a\n1\n2\n3\n")
    s3.put_object(Bucket="flights", Key="d/model.bin", Body=b"x" * 2000)
    folder = tmp_path / "kept"
    remote.fetch("s3://flights/d", folder, sample=2)
    assert pd.read_csv(folder / "t.csv").equals(TABLE[:2])
    assert (folder / "small.csv").read_text() == "a\n1\n2\n3\n"
    assert (folder / "model.bin").stat().st_size == 2000
    assert (
        remote.said(folder)
        == "only the first 2 rows of each large table were fetched (1 of 3 files are cut or left out)"
    )
    before = (folder / "t.csv").stat().st_ino
    remote.fetch("s3://flights/d", folder, sample=2)
    assert (folder / "t.csv").stat().st_ino == before
    s3.put_object(Bucket="flights", Key="d/t.csv", Body=TABLE[5:].to_csv(index=False).encode())
    remote.fetch("s3://flights/d", folder, sample=2)
    assert pd.read_csv(folder / "t.csv")["n"].tolist() == [5, 6]


def test_of_a_table_in_parts_the_first_ones_come(s3, tmp_path, small):
    """Until there are enough rows."""
    for part in range(4):
        body = TABLE[part * 100 : part * 100 + 100].to_csv(index=False).encode()
        s3.put_object(Bucket="flights", Key=f"d/part-0000{part}.csv", Body=body)
    folder = tmp_path / "kept"
    for _ in range(2):
        remote.fetch("s3://flights/d", folder, sample=150)
        assert sorted(p.name for p in folder.iterdir()) == ["part-00000.csv", "part-00001.csv"]
    assert len(pd.read_csv(folder / "part-00001.csv")) == 50
    assert "4 of 4 files" in remote.said(folder)
