"""Folders as the archives that production hands on, and back: equal bytes for equal folders, and nothing gets out."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import CursusError, Unreadable, WorkspaceError
from cursus_rt_notebook.workspace.archives import pack_folder, unpack_archive
from cursus_rt_notebook.workspace.digest import digest_tree
from cursus_rt_notebook.workspace.store import Workspace


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder as a training leaves it."""
    folder = tmp_path / "model"
    (folder / "code").mkdir(parents=True)
    (folder / "model.bst").write_bytes(os.urandom(3_000))
    (folder / "code" / "ä.json").write_text("{}")
    return folder


def _member(name: str, data: bytes = b"x", **facts: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in facts.items():
        setattr(info, key, value)
    return info, data


def _tar(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data) if info.isreg() else None)
    return path


def test_equal_folders_make_equal_archives(model: Path, tmp_path: Path):
    """Whatever their files' times, owners and order; only what is in them counts."""
    pack_folder(model, tmp_path / "one.tar.gz")
    os.utime(model / "model.bst", (1, 1))
    (model / "model.bst").chmod(0o600)
    pack_folder(model, tmp_path / "two.tar.gz")
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "two.tar.gz").read_bytes()
    with tarfile.open(tmp_path / "one.tar.gz") as tar:
        assert [(m.name, m.mtime, m.uid, m.mode) for m in tar] == [
            ("code/ä.json", 0, 0, 0o644),
            ("model.bst", 0, 0, 0o644),
        ]


def test_what_is_packed_comes_out_again(model: Path, tmp_path: Path):
    """The same files with the same content, in a folder that was not there."""
    pack_folder(model, tmp_path / "model.tar.gz")
    assert unpack_archive(tmp_path / "model.tar.gz", tmp_path / "deep" / "out") == ("code/ä.json", "model.bst")
    assert digest_tree(tmp_path / "deep" / "out") == digest_tree(model)


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_archives_of_others_are_unpacked(tmp_path: Path, compress: Callable[[bytes], bytes]):
    """However they are compressed, with folders, `./` before the names, and a name twice, of which the later counts."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for info, data in (
            _member(".", b"", type=tarfile.DIRTYPE),
            _member("./empty", b"", type=tarfile.DIRTYPE),
            _member("./code/a.py", b"old"),
            _member("./code/a.py", b"new"),
        ):
            tar.addfile(info, io.BytesIO(data))
    (tmp_path / "model.tar.gz").write_bytes(compress(buffer.getvalue()))
    assert unpack_archive(tmp_path / "model.tar.gz", tmp_path / "out") == ("code/a.py",)
    assert (tmp_path / "out/code/a.py").read_text() == "new"
    assert (tmp_path / "out/empty").is_dir()


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (_member("../out.txt"), "outside"),
        (_member("/etc/passwd"), "outside"),
        (_member("a/../../out.txt"), "outside"),
        (_member("link", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "no plain file"),
        (_member("link", b"", type=tarfile.LNKTYPE, linkname="first"), "no plain file"),
        (_member("pipe", b"", type=tarfile.FIFOTYPE), "no plain file"),
        (_member("disk", b"", type=tarfile.BLKTYPE), "no plain file"),
        (_member("first/below"), "as a file and as a folder"),
        (_member("holes", b"x" * 512, pax_headers={"GNU.sparse.major": "0", "GNU.sparse.size": "99999999999"}), ""),
    ],
)
def test_an_archive_that_means_harm_leaves_nothing(tmp_path: Path, member: tuple[tarfile.TarInfo, bytes], reason: str):
    """It is refused with the name of what is wrong; what came before it is gone, and nothing was written elsewhere."""
    path = _tar(tmp_path / "model.tar.gz", _member("first", b"1"), member)
    with pytest.raises(Unreadable, match=f"model.tar.gz cannot be unpacked: .*{reason}"):
        unpack_archive(path, tmp_path / "inner" / "out")
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["inner", "model.tar.gz"]


def test_an_archive_that_holds_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """By its bytes, its files, the length of a header; however well it is compressed."""
    monkeypatch.setattr(settings, "UNPACK_LIMIT", 10_000)
    path = _tar(tmp_path / "bytes.tar.gz", *(_member(f"{i}", b"0" * 4_000) for i in range(3)))
    with pytest.raises(Unreadable, match="more than 10,000 bytes"):
        unpack_archive(path, tmp_path / "out")
    monkeypatch.setattr(settings, "UNPACK_FILES", 5)
    path = _tar(tmp_path / "files.tar.gz", *(_member(f"{i}", b"") for i in range(9)))
    with pytest.raises(Unreadable, match="more than 5 files"):
        unpack_archive(path, tmp_path / "out")
    monkeypatch.undo()
    monkeypatch.setattr(settings, "UNPACK_HEADER", 10_000)
    path = _tar(tmp_path / "header.tar.gz", _member("x", pax_headers={"comment": "0" * 100_000}))
    with pytest.raises(Unreadable, match="a header that is too long"):
        unpack_archive(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_damaged_archive_leaves_nothing(model: Path, tmp_path: Path, share: float):
    """Cut off, or with other bytes in it."""
    path = tmp_path / "model.tar.gz"
    pack_folder(model, path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(Unreadable):
        unpack_archive(path, tmp_path / "out")
    path.write_bytes(data[:20] + bytes(byte ^ 0xFF for byte in data[20:200]) + data[200:])
    with pytest.raises(Unreadable):
        unpack_archive(path, tmp_path / "out")
    path.write_text("no archive")
    with pytest.raises(Unreadable):
        unpack_archive(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(WorkspaceError):
        unpack_archive(tmp_path / "gone.tar.gz", tmp_path / "out")


@pytest.fixture
def workspace(tmp_path: Path):
    """An open workspace."""
    opened = Workspace.open(tmp_path / "workspace")
    yield opened
    opened.close()


def test_an_artifact_is_packed_once(model: Path, workspace: Workspace):
    """The archive is kept by the content, write-protected; another content is another archive."""
    digest = digest_tree(model).digest
    folder = workspace.packed(model, digest, "model.tar.gz")
    (archive,) = folder.iterdir()
    before = archive.stat()
    assert (archive.name, before.st_mode & 0o777) == ("model.tar.gz", 0o444)
    assert workspace.packed(model, digest, "model.tar.gz") == folder
    assert archive.stat().st_ino == before.st_ino
    (model / "more").write_text("x")
    other = workspace.packed(model, digest_tree(model).digest, "model.tar.gz")
    assert other != folder
    with tarfile.open(other / "model.tar.gz") as tar:
        assert tar.getnames() == ["code/ä.json", "model.bst", "more"]


@pytest.mark.parametrize("harm", ["changed", "cut", "deleted", "unsaid"])
def test_a_kept_archive_that_was_damaged_is_made_again(model: Path, workspace: Workspace, harm: str):
    """Whoever did it."""
    digest = digest_tree(model).digest
    archive = workspace.packed(model, digest, "model.tar.gz") / "model.tar.gz"
    whole = archive.read_bytes()
    archive.chmod(0o644)
    if harm == "changed":
        archive.write_bytes(whole[:200] + bytes([whole[200] ^ 1]) + whole[201:])
    elif harm == "cut":
        archive.write_bytes(whole[:-100])
    elif harm == "deleted":
        archive.unlink()
    else:
        (archive.parent.parent / "digest").unlink()
    assert (workspace.packed(model, digest, "model.tar.gz") / "model.tar.gz").read_bytes() == whole


def test_what_is_such_an_archive_already_is_not_packed_again(model: Path, tmp_path: Path, workspace: Workspace):
    """A script that wrote model.tar.gz itself, and nothing beside it."""
    own = tmp_path / "own"
    own.mkdir()
    pack_folder(model, own / "model.tar.gz")
    assert workspace.packed(own, digest_tree(own).digest, "model.tar.gz") == own
    (own / "beside").write_text("")
    assert workspace.packed(own, digest_tree(own).digest, "model.tar.gz") != own


def test_errors_are_ours(tmp_path: Path):
    """Whatever bytes there are, no other error comes."""
    for seed in range(30):
        path = tmp_path / f"{seed}.tar.gz"
        path.write_bytes(gzip.compress(zlib.compress(bytes(range(seed, 200))) + bytes(seed * 40)))
        with pytest.raises(CursusError):
            unpack_archive(path, tmp_path / "out")
