"""Which files of a folder make up its table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cursus_rt_notebook.data.tables import find_table
from cursus_rt_notebook.errors import DataError, Unreadable

Write = Callable[[str, str | bytes], Path]


def names(folder: Path) -> list[str]:
    """The names of the files of the table in a folder."""
    return [file.name for file in find_table(folder).files]


@pytest.mark.parametrize(
    "files",
    [
        ["t.csv"],
        ["part-00000.csv", "part-00001.csv"],
        ["part-0-1f.csv", "part-1-a7.csv"],
        ["shard_1.csv", "shard_2.csv", "shard_10.csv"],
        ["part-00000", "part-00001"],
    ],
)
def test_one_table_or_its_parts_are_found(write: Write, tmp_path: Path, files: list[str]) -> None:
    """Parts are those whose names differ in numbers, or begin with part-; they come in order, numbers by value."""
    for name in files:
        write(name, "a,b\n1,2\n")
    for name in ("_SUCCESS", ".part.crc", "metrics.json", "plot.png", "notes.txt", "model.pkl"):
        write(name, "{}")
    assert names(tmp_path) == files


@pytest.mark.parametrize("files", [["train.csv", "val.csv"], ["a1.csv", "a2.tsv"], ["part-0.csv", "part-1.jsonl"]])
def test_unrelated_tables_are_an_error_that_names_them(write: Write, tmp_path: Path, files: list[str]) -> None:
    """Which of several tables is meant is never guessed."""
    for name in files:
        write(name, "a\tb,c\n1\t2,3\n")
    with pytest.raises(DataError, match="several tables") as caught:
        find_table(tmp_path)
    assert caught.value.__dict__["tables"] == tuple(files)
    assert f'artifact["{files[0]}"]' in caught.value.fix


def test_documents_are_the_table_where_there_is_no_other(write: Write, tmp_path: Path) -> None:
    """A port that holds a JSON document only is read as that."""
    write("metrics.json", '{"auc": 0.9}')
    write("model.tar.gz", b"\x1f\x8b\x08")
    assert names(tmp_path) == ["metrics.json"]


def test_nothing_to_read_is_said(write: Write, tmp_path: Path) -> None:
    """A folder without a table, a file that is none, and a path that is not there are told apart."""
    with pytest.raises(Unreadable, match="holds no table"):
        find_table(tmp_path)
    with pytest.raises(Unreadable, match=r"m\.pkl is a model \(pickle\), not a table"):
        find_table(write("m.pkl", b"\x80\x04"))
    with pytest.raises(Unreadable, match="is not there"):
        find_table(tmp_path / "gone.csv")
