"""Digests of files and folders."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from blake3 import blake3

from cursus_rt_notebook.workspace import unpacked
from cursus_rt_notebook.workspace.cache import DigestCache
from cursus_rt_notebook.workspace.digest import digest_file, digest_tree
from cursus_rt_notebook.workspace.store import Workspace

ROWS = b"a,b\n" + b"1,2\n" * 50_000


def zipped(path: Path, year: int) -> None:
    """A zip of two members that were written in that year."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("b.csv", "a.csv") if year % 2 else ("a.csv", "b.csv"):
            archive.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), ROWS)


PACKERS: dict[str, Callable[[Path, int], object]] = {
    "x.csv.gz": lambda path, time: gzip.GzipFile(path, "wb", mtime=time).write(ROWS),
    "x.csv.bz2": lambda path, time: path.write_bytes(bz2.compress(ROWS, 1 + time % 2)),
    "x.csv.xz": lambda path, time: path.write_bytes(lzma.compress(ROWS, preset=time % 2)),
    "x.zip": zipped,
}


@pytest.mark.parametrize("size", [0, 1, 262_143, 262_144, 262_145, 9_000_000])
def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path: Path, size: int) -> None:
    """Small and large files, read in one piece or in many, have the digest of their content."""
    path = tmp_path / "a.bin"
    path.write_bytes(os.urandom(size))
    assert digest_file(path) == blake3(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", PACKERS)
def test_a_compressed_file_counts_by_what_is_in_it(tmp_path: Path, name: str) -> None:
    """The same table compressed at another time, or harder, is the same; another table is not."""
    one, other = tmp_path / "1" / name, tmp_path / "2" / name
    for path, time in ((one, 2001), (other, 2002)):
        path.parent.mkdir()
        PACKERS[name](path, time)
    assert one.read_bytes() != other.read_bytes()
    assert digest_file(one) == digest_file(other)
    assert digest_file(one) != blake3(ROWS).hexdigest(), "compressed and plain are not the same file"


@pytest.mark.parametrize("name", PACKERS)
def test_a_damaged_archive_counts_by_its_bytes(tmp_path: Path, name: str) -> None:
    """What cannot be unpacked is no error, and a bit more or less is a difference."""
    path = tmp_path / name
    PACKERS[name](path, 2001)
    cut = path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(cut)
    assert digest_file(path) == blake3(cut).hexdigest()


def test_A4_a_bomb_counts_by_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unpacking stops at the limit."""
    monkeypatch.setattr(unpacked.settings, "UNPACK_LIMIT", 1_000_000)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(5_000_000), mtime=0))
    assert digest_file(path) == blake3(path.read_bytes()).hexdigest()


def test_memory_stays_flat(tmp_path: Path) -> None:
    """Hashing a file takes a few megabytes, whatever its size."""
    path = tmp_path / "big.bin"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    tracemalloc.start()
    digest_file(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_folder_counts_by_names_and_contents(tmp_path: Path) -> None:
    """Renaming, moving, adding an empty folder: each is another folder; a copy is the same."""

    def folder(name: str, files: dict[str, str], empty: str = "") -> str:
        for path, text in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text)
        if empty:
            (tmp_path / name / empty).mkdir()
        return digest_tree(tmp_path / name).digest

    first = folder("one", {"a.csv": "1", "sub/b.csv": "2"})
    assert folder("same", {"sub/b.csv": "2", "a.csv": "1"}) == first
    others = [
        folder("renamed", {"a2.csv": "1", "sub/b.csv": "2"}),
        folder("swapped", {"a.csv": "2", "sub/b.csv": "1"}),
        folder("flat", {"a.csv": "1", "b.csv": "2"}),
        folder("more", {"a.csv": "1", "sub/b.csv": "2"}, empty="train"),
    ]
    assert len({first, *others}) == 5


def test_what_file_browsers_leave_is_not_data(tmp_path: Path) -> None:
    """Looking at a folder in a file browser or in Jupyter does not change it."""
    (tmp_path / "a.csv").write_text("1")
    before = digest_tree(tmp_path)
    (tmp_path / ".DS_Store").write_text("x")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "a-checkpoint.csv").write_text("1")
    assert digest_tree(tmp_path) == before


def test_links_in_a_users_folder_are_followed_once(tmp_path: Path) -> None:
    """A linked file counts by content; a link to a folder above it, or to nowhere, ends nothing."""
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "real.csv").write_text("1")
    (data / "a.csv").symlink_to(tmp_path / "real.csv")
    (data / "up").symlink_to(data)
    (data / "gone").symlink_to(tmp_path / "nothing")
    os.mkfifo(data / "pipe")
    tree = digest_tree(data)
    assert [file.path for file in tree.files] == ["a.csv"]
    assert len(tree.empty) == 3


def age(path: Path) -> None:
    """Make a file look as if it had been written long ago; its status change time cannot be set."""
    os.utime(path, (1_000_000_000, 1_000_000_000))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that the cache had to read."""
    from cursus_rt_notebook.workspace import cache

    read: list[str] = []
    monkeypatch.setattr(cache, "digest_file", lambda path: read.append(str(path)) or digest_file(path))
    monkeypatch.setattr(cache, "KNOWN", type(cache.KNOWN)())
    return read


def test_a_settled_file_is_read_once(
    workspace: Workspace, tmp_path: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that nobody touched is not read again, also not by the next process."""
    from cursus_rt_notebook.workspace import cache

    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text("1")
    monkeypatch.setattr(cache, "is_settled", lambda info: True)
    first = DigestCache(workspace.journal).tree(folder)
    monkeypatch.setattr(cache, "KNOWN", type(cache.KNOWN)())  # as in a new process
    assert DigestCache(workspace.journal).tree(folder) == first
    assert len(reads) == 2


def test_a_file_changed_only_now_is_read_again(workspace: Workspace, tmp_path: Path, reads: list[str]) -> None:
    """Within the resolution of the clock another change might not show: such a digest is not kept."""
    path = tmp_path / "a.csv"
    path.write_text("1")
    cache = DigestCache(workspace.journal)
    assert cache.file(path) == cache.file(path)
    assert len(reads) == 2


def test_S10_same_size_and_mtime_other_content(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file rewritten with the same size and its time set back is another file."""
    from cursus_rt_notebook.workspace import cache

    monkeypatch.setattr(cache, "is_settled", lambda info: True)
    path = tmp_path / "a.csv"
    path.write_text("1,2")
    age(path)
    before = workspace.digest_path(path)
    path.write_text("3,4")
    age(path)
    assert workspace.digest_path(path).digest != before.digest
