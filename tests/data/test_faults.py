"""The fault table's rows on looking at data: A1, A2, A4 to A7, and what section 4.12 tried."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import struct
import time
import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.files import list_files
from cursus_rt_notebook.data.kinds import kind_of
from cursus_rt_notebook.data.preview import preview_file
from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.errors import DataError, ReaderKilled, TooLarge, Unreadable

Write = Callable[[str, str | bytes], Path]


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.canary),)


@pytest.fixture
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A path that is there only if a payload ran."""
    path = tmp_path_factory.mktemp("canary") / "ran"
    yield path
    assert not path.exists()


@contextmanager
def kernel_stays_small() -> Generator[None]:
    """Fail if the kernel grew: what is looked at is never loaded into it."""
    before = psutil.Process().memory_info().rss
    yield
    assert psutil.Process().memory_info().rss - before < 30 << 20


def look(path: Path, reader: Reader) -> None:
    """Look at a file in every way there is."""
    artifact = Artifact(path, reader=reader)
    list_files(path)
    preview_file(path)
    for ask in (artifact.summary, artifact.head, lambda: artifact.shape, lambda: artifact.schema, lambda: artifact.df):
        with suppress(DataError):
            ask()


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "data.csv", "data.parquet", "data.json", "part-00000"])
@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_A1_pickle_is_listed_never_loaded(reader: Reader, write: Write, canary: Path, name: str, protocol: int) -> None:
    """Whatever a pickle is called, nothing in it runs, and there is no way to load it anyway."""
    path = write(name, pickle.dumps(Payload(canary), protocol=protocol))
    assert protocol == 0 or kind_of(str(path)).name == "model"
    look(path, reader)


def test_A2_the_content_decides_over_the_suffix(reader: Reader, write: Write) -> None:
    """A table under another table's name is read as what it is, and its listing says so."""
    sink = io.BytesIO()
    pd.DataFrame({"a": [1, 2]}).to_parquet(sink)
    path = write("data.csv", sink.getvalue())
    assert Artifact(path, reader=reader).df["a"].tolist() == [1, 2]
    assert list_files(path)[0].note == "though named .csv"


@pytest.fixture
def low_cap(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """A reader of a test's own, for files that may end it."""
    reader = Reader(timeout=60)  # enough on a machine with other work; nothing here waits for it
    yield reader
    reader.close()


def test_A4_a_gzip_bomb_stops_at_the_cap(write: Write, low_cap: Reader) -> None:
    """Of a small file that unpacks to gigabytes a part is looked at, and that is said."""
    bomb = _gzip_bomb(b"a,b\n", b"1,2\n", 2 * settings.READER_UNPACKED)
    path = write("bomb.csv.gz", bomb)
    with kernel_stays_small():
        summary = low_cap.summary(path)
    assert (summary.rows, summary.cells[0]) == (None, ("1", "2"))
    assert "over 1,024 MB unpacked: rows not counted" in summary.note
    assert low_cap.size(path) is None
    with pytest.raises(Unreadable, match="not counted"):
        Artifact(path, reader=low_cap).shape  # noqa: B018  # reading it is the test


def _gzip_bomb(head: bytes, row: bytes, size: int) -> bytes:
    block = gzip.compress(row * (64 * settings.MIB // len(row)), 9)
    return gzip.compress(head) + block * (size // (64 * settings.MIB))


def test_A4_a_bomb_of_one_line_is_no_table(write: Write, low_cap: Reader) -> None:
    """Gigabytes of zeros in a few kilobytes are listed as an archive and not unpacked."""
    path = write("zeros.csv.gz", gzip.compress(b"\0" * (16 << 20)) * 200)
    with kernel_stays_small():
        assert kind_of(str(path)).name == "archive"
        look(path, low_cap)


def test_A4_a_zip_of_many_members_is_not_even_listed(write: Write, reader: Reader) -> None:
    """An archive of 200,000 members is told by its end alone."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for i in range(200_000):
            archive.writestr(zipfile.ZipInfo(f"{i}"), b"")
    path = write("many.csv.zip", sink.getvalue())
    del sink
    start = time.monotonic()
    with kernel_stays_small():
        assert kind_of(str(path)).name == "archive"
        look(path, reader)
    assert time.monotonic() - start < 1


def test_A4_a_zip_whose_directory_lies_is_refused(write: Write, reader: Reader) -> None:
    """A count of one before a directory of more, or sizes that are not true, end as unreadable."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("a.csv", "a\n1\n")
        archive.writestr("b.csv", "a\n1\n")
    content = bytearray(sink.getvalue())
    content[-14:-10] = struct.pack("<HH", 1, 1)
    path = write("lies.csv.zip", bytes(content))
    assert kind_of(str(path)).name == "archive"
    look(path, reader)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_A5_deep_json_is_unreadable(reader: Reader, write: Write, text: str) -> None:
    """Nesting without end is an error with its reason, and its text can still be seen, cut."""
    path = write("deep.json", text)
    with pytest.raises(Unreadable, match=r"deep\.json cannot be read as json"):
        reader.summary(path)
    with pytest.raises(Unreadable):
        Artifact(path, reader=reader).df  # noqa: B018  # reading it is the test
    shown = preview_file(path)
    assert shown.truncated
    assert len(shown.text or "") == settings.TEXT_PREVIEW
    assert reader.size(write("good.csv", "a\n1\n")) == (1, 1)


def test_A5_nan_in_json_is_a_missing_cell(reader: Reader, write: Write) -> None:
    """NaN and Infinity, which are no JSON, are read as pandas reads them."""
    path = write("nan.json", '[{"a": NaN, "b": Infinity}, {"a": 1.5, "b": 2.0}]')
    summary = reader.summary(path)
    assert summary.cells == ((None, "inf"), ("1.5", "2.0"))
    assert [c.missing for c in summary.columns] == [0.5, 0.0]


def test_A5_a_large_json_document_is_not_read_whole(reader: Reader, write: Write, monkeypatch: Any) -> None:
    """Over its limit, a document is refused with what to write instead, by the kernel too."""
    monkeypatch.setattr(settings, "JSON_LIMIT", 1_000)
    path = write("large.json", "[" + "1," * 1_000 + "1]")
    with pytest.raises(Unreadable, match="JSON lines"):
        Artifact(path, reader=reader).df  # noqa: B018  # reading it is the test


@pytest.mark.parametrize("name", ["lie.npy", "lie.csv"])
def test_A6_a_lying_npy_header_is_never_read(reader: Reader, write: Write, name: str) -> None:
    """An array that claims 72 TiB is listed."""
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000,), }\n"
    path = write(name, b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    assert kind_of(str(path)).name == "array"
    look(path, reader)


@pytest.mark.parametrize("dictionary", [False, True])
def test_A6_a_dictionary_bomb_shows_its_first_rows(low_cap: Reader, tmp_path: Path, dictionary: bool) -> None:  # noqa: FBT001  # a parameter
    """A Parquet file of 500 bytes that unfolds to 20 GB is shown in no time, and does not fit as `.df`."""
    once = pa.array(["x" * 1_000_000])
    rows = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), once)
    path = tmp_path / "bomb.parquet"
    if dictionary:
        pq.write_table(pa.table({"a": rows}), path, compression="zstd")
    else:
        with pq.ParquetWriter(path, pa.schema({"a": pa.string()}), compression="zstd") as writer:
            for _ in range(200):
                writer.write_table(pa.table({"a": rows[:100].cast(pa.string())}))
    with kernel_stays_small():
        summary = low_cap.summary(path)
    assert (summary.rows, summary.columns[0].missing) == (20_000, 0.0)
    assert summary.cells[0] == ("x" * 200 + "… (1,000,000 characters)",)
    if not dictionary:
        with pytest.raises(TooLarge, match=r"about 1\d\.\d GB"):
            Artifact(path, reader=low_cap).df  # noqa: B018  # reading it is the test


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_A6_of_200_000_columns_the_first_are_shown(low_cap: Reader, tmp_path: Path, kind: str) -> None:
    """A very wide table shows its first columns and says how many more there are."""
    names = [f"c{i}" for i in range(200_000)]
    path = tmp_path / f"wide.{kind}"
    if kind == "csv":
        path.write_text(",".join(names) + "\n" + ",".join(["1"] * len(names)) + "\n")
    else:
        pq.write_table(pa.table({name: [1] for name in names}), path)
    summary = low_cap.summary(path)
    assert (len(summary.columns), summary.truncated_columns, summary.column_count) == (200, 199_800, 200_000)
    assert len(summary.cells[0]) == 200
    assert low_cap.size(path) == (1, 200_000)


def test_A6_a_cell_of_300_MB_is_cut(low_cap: Reader, tmp_path: Path) -> None:
    """One huge cell is shown by its beginning and length, under the memory limit."""
    path = tmp_path / "cell.csv"
    with path.open("w") as file:
        file.write("a,b\n1,x\n2,")
        for _ in range(300):
            file.write("y" * 1_000_000)
        file.write("\n3,z\n")
    with kernel_stays_small():
        summary = low_cap.summary(path)
    assert [row[0] for row in summary.cells] == ["1", "2", "3"]
    assert summary.cells[1][1] == "y" * 200 + "… (300,000,000 characters)"


@pytest.mark.parametrize("name", ["t.parquet", "t.csv.gz", "t.csv.zip", "t.csv.xz", "t.json", "t.csv.bz2"])
def test_A7_a_cut_file_is_unreadable_with_its_reason(reader: Reader, tmp_path: Path, name: str) -> None:
    """Half a file is an error that names it, in the reader and for `.df`, and the reader goes on."""
    frame = pd.DataFrame({"a": range(5_000), "b": [f"text {i * 7919}" for i in range(5_000)]})
    path = tmp_path / name
    if name.endswith("parquet"):
        frame.to_parquet(path)
    elif name.endswith("json"):
        frame.to_json(path, orient="records")
    else:
        frame.to_csv(path, index=False)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    artifact = Artifact(path, reader=reader)
    before = reader.pid
    for ask in (artifact.head, lambda: artifact.shape, lambda: artifact.df):
        with pytest.raises(Unreadable, match=name.replace(".", r"\.")) as caught:
            ask()
        assert len(caught.value.message) > len(name) + 20
    assert reader.pid == before


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_A7_a_corrupt_parquet_never_harms(low_cap: Reader, tmp_path: Path, at: float) -> None:
    """Flipped bytes end in an error, never in a wrong answer about the file's size or a dead session."""
    path = tmp_path / "t.parquet"
    pd.DataFrame({"a": range(10_000), "b": [f"text {i}" for i in range(10_000)]}).to_parquet(path)
    content = bytearray(path.read_bytes())
    for i in range(50):
        content[int(len(content) * at) + i] ^= 0xFF
    path.write_bytes(bytes(content))
    ended = ""
    try:
        ended = f"{low_cap.summary(path).rows} rows"
    except (Unreadable, ReaderKilled) as error:
        ended = error.message
    assert ended == "10000 rows" or "t.parquet" in ended


def test_A7_an_empty_file_is_unreadable(reader: Reader, write: Write) -> None:
    """A file of no bytes says that it is empty."""
    with pytest.raises(Unreadable, match=r"t\.csv is empty"):
        reader.summary(write("t.csv", b""))


def test_412_hostile_files_leave_the_reader_as_it_was(reader: Reader, write: Write) -> None:
    """Text with control characters, one line without end, and a name full of markup are shown as they are."""
    path = write("<b>\x1b]8;;x.csv", "a\n\x1b[2J\x07\n")
    assert reader.summary(path).cells == (("\x1b[2J\x07",),)
    line = write("line.csv", "a" * 5_000_000)
    summary = reader.summary(line)
    assert (summary.rows, len(summary.columns[0].name)) == (0, 5_000_000)
