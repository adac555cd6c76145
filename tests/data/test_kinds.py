"""What a file is: its content decides, its name only where the content leaves it open."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cursus_rt_notebook.data import kinds
from cursus_rt_notebook.data.files import list_files
from cursus_rt_notebook.data.kinds import kind_of

Write = Callable[[str, str | bytes], Path]
CSV = b"a,b\n1,x\n2,y\n"


def parquet() -> bytes:
    """A small Parquet file."""
    sink = io.BytesIO()
    pd.DataFrame({"a": [1]}).to_parquet(sink)
    return sink.getvalue()


def npy() -> bytes:
    """A small NumPy file."""
    sink = io.BytesIO()
    np.save(sink, np.arange(3))
    return sink.getvalue()


def zipped(*names: str, content: bytes = CSV) -> bytes:
    """A zip of some files."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return sink.getvalue()


def tar(mode: str = "w") -> bytes:
    """A tar with one file."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode=mode) as archive:  # type: ignore[call-overload]
        archive.addfile(tarfile.TarInfo("model.bst"))
    return sink.getvalue()


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
FILES = {
    "t.csv": (CSV, "csv"),
    "t.tsv": (b"a\tb\n1\t2\n", "tsv"),
    "T.CSV": (CSV, "csv"),
    "t.csv.gz": (gzip.compress(CSV), "csv"),
    "t.csv.bz2": (bz2.compress(CSV), "csv"),
    "t.csv.xz": (lzma.compress(CSV), "csv"),
    "t.csv.zip": (zipped("t.csv"), "csv"),
    "hidden-gzip.csv": (gzip.compress(CSV), "csv"),
    "two.zip": (zipped("a.csv", "b.csv"), "archive"),
    "damaged.zip": (zipped("a.csv")[:40], "archive"),
    "damaged.csv.gz": (b"\x1f\x8b" + b"\xff" * 30, "archive"),
    "t.parquet": (parquet(), "parquet"),
    "parquet.csv": (parquet(), "parquet"),
    "csv.parquet": (CSV, "csv"),
    "t.json": (b'[{"a": 1}]', "json"),
    "one.json": (b'{"a": 1}\n', "json"),
    "pretty.json": (b'{\n "a": 1\n}\n', "json"),
    "lines.json": (b'{"a": 1}\n{"a": 2}\n', "jsonl"),
    "t.jsonl": (b'{"a": 1}\n', "jsonl"),
    "json.csv": (b'[{"a": 1}]', "json"),
    "part-00000": (CSV, "csv"),
    "part-00001": (b'{"a": 1}\n{"a": 2}\n', "jsonl"),
    "README": (b"hello\n", "text"),
    "notes.md": (b"# hello, world\n", "text"),
    "x.svg": (b"<svg/>", "svg"),
    "drawing": (b" <svg/>", "svg"),
    "x.png": (PNG, "image"),
    "png.csv": (PNG, "image"),
    "m.pkl": (pickle.dumps([1]), "model"),
    "m.joblib": (b"\x78\x9c" + b"\0" * 9, "model"),
    "old.pkl": (pickle.dumps([1], protocol=0), "model"),
    "m.bst": (b"binf\0\0", "model"),
    "m.pt": (zipped("data.pkl"), "model"),
    "m.onnx": (b"\x08\x07\x12\x00", "model"),
    "m.h5": (b"\x89HDF\r\n\x1a\n" + b"\0" * 8, "model"),
    "x.npy": (npy(), "array"),
    "m.tar": (tar(), "archive"),
    "model.tar.gz": (tar("w:gz"), "archive"),
    "noise.csv": (bytes(range(256)) * 4, "unknown"),
    "noise": (bytes(range(256)) * 4, "unknown"),
    "empty.csv": (b"", "csv"),
    "empty": (b"", "unknown"),
    "x.pdf": (b"%PDF-1.7\n", "unknown"),
    "latin.csv": ("a,b\né,1\n".encode("latin-1"), "csv"),
    "wide.csv": ("a,b\né,1\n".encode("utf-16"), "csv"),
    "cut.csv": (b"a,b\n" + "é,1\n".encode() * 2_000, "csv"),
}


@pytest.mark.parametrize("name", FILES)
def test_files_are_known_by_content_and_name(write: Write, name: str) -> None:
    """Each file has the kind of what is in it."""
    content, expected = FILES[name]
    assert kind_of(str(write(name, content))).name == expected


@pytest.mark.parametrize("cut", range(-6, 1))
def test_a_first_look_that_ends_within_a_character_is_still_text(write: Write, cut: int) -> None:
    """Where the first bytes end, a character may be cut in two."""
    text = b"a" * (kinds._PEEK + cut) + "漢字".encode() * 10
    assert kind_of(str(write("x.txt", text))).name == "text"


def test_A2_a_pickle_named_csv_is_a_model(write: Write) -> None:
    """A false suffix does not make a table of a pickle; the note says both."""
    kind = kind_of(str(write("data.csv", pickle.dumps({"a": 1}))))
    assert (kind.name, kind.note) == ("model", "pickle, though named .csv")


def test_A2_a_polyglot_of_tar_and_zip_is_an_archive(write: Write) -> None:
    """A file that is two archives at once is listed as one, and not read."""
    assert kind_of(str(write("both.csv", tar() + zipped("a.csv")))).name == "archive"


def test_what_is_no_regular_file_is_never_opened(tmp_path: Path) -> None:
    """A pipe, which would block whoever opens it, a device and a broken link are listed as unknown."""
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")
    assert [(file.path, file.kind) for file in list_files(tmp_path)] == [
        ("gone.csv", "unknown"),
        ("pipe.csv", "unknown"),
        ("zero.csv", "unknown"),
    ]


def test_files_are_listed_below_all_folders_but_not_through_links(write: Write, tmp_path: Path) -> None:
    """A listing has every file with its path and size, and never leaves the artifact."""
    write("train/part-0.csv", CSV)
    write("metrics.json", json.dumps({"auc": 0.9}))
    (tmp_path / "loop").symlink_to(tmp_path)
    found = [(file.path, file.kind, file.size) for file in list_files(tmp_path)]
    assert found[1:] == [("metrics.json", "json", 12), ("train/part-0.csv", "csv", len(CSV))]
    assert found[0][:2] == ("loop", "unknown")


def test_beyond_a_thousand_files_are_listed_but_not_opened(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of very many files costs no more than their names."""
    monkeypatch.setattr("cursus_rt_notebook.settings.FILES_LOOKED_INTO", 2)
    for i in range(4):
        write(f"{i}.csv", CSV)
    assert [file.kind for file in list_files(tmp_path)] == ["csv", "csv", "unknown", "unknown"]


def test_a_deep_or_damaged_json_is_no_trouble(write: Write) -> None:
    """A first look at nested JSON does not run out of stack."""
    assert kind_of(str(write("deep.csv", "[" * 5_000))).name == "csv"
    assert kind_of(str(write("deep.json", "[" * 5_000))).name == "json"
