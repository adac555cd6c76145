"""Archives as production hands folders on: made so that equal folders make equal bytes, unpacked so that nothing gets out."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import tarfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, cast

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import Unreadable
from cursus_rt_notebook.workspace.atomic import remove_tree, storing
from cursus_rt_notebook.workspace.walk import list_folder

_BROKEN: Final = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, tarfile.TarError, ValueError)


def pack_folder(folder: Path, archive: Path) -> None:
    """Write the regular files of a folder into a new `.tar.gz`, by names in order, without times and owners.

    Raises:
        OSError: a file cannot be read, or the archive not be written.
    """
    with archive.open("xb") as raw:
        # mtime and no name: gzip would put both into the file.
        packed = gzip.GzipFile("", "wb", settings.PACK_LEVEL, raw, mtime=0)
        with packed, tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name, info in list_folder(folder, follow=False).files.items():
                member = tarfile.TarInfo(name)
                member.size = info.st_size
                with (folder / name).open("rb") as content:
                    tar.addfile(member, content)
        raw.flush()
        os.fsync(raw.fileno())


def unpack_archive(path: Path, folder: Path) -> tuple[str, ...]:
    """Unpack a tar archive, however it is compressed, into a folder that is not there yet; the files' names.

    Regular files and folders only, and nothing of the folder is there unless all of it could be unpacked.

    Raises:
        Unreadable: it is no such archive, is damaged, names anything outside, holds a link or a device, or too much.
        WorkspaceError: the disk does not take it.
    """
    beside = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    with storing("unpack an archive", folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            remove_tree(beside)
        try:
            beside.mkdir()
            names = _unpack(path, beside)
            os.rename(beside, folder)
        except (*_BROKEN, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:  # bz2's own have none
                raise
            reason = str(error) or type(error).__name__
            raise Unreadable(f"{path.name} cannot be unpacked: {reason}", path=str(path)) from error
        finally:
            with suppress(FileNotFoundError):
                remove_tree(beside)
    return names


def _unpack(path: Path, folder: Path) -> tuple[str, ...]:
    names: dict[str, None] = {}
    left, count = settings.UNPACK_LIMIT, 0
    with _opened(path) as tar:
        while (member := tar.next()) is not None:
            tar.members = []  # pyright: ignore[reportAttributeAccessIssue]  # else it remembers them all
            count += 1
            if count > settings.UNPACK_FILES:
                raise ValueError(f"it holds more than {settings.UNPACK_FILES:,} files")
            name = _checked(member)
            left -= member.size
            if left < 0:
                raise ValueError(f"it holds more than {settings.UNPACK_LIMIT:,} bytes")
            try:
                _unpack_member(tar, member, folder / name)
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                raise ValueError(f"it holds {name!r} as a file and as a folder") from None
            if member.isreg():
                names[name] = None
    return tuple(sorted(names))


def _checked(member: tarfile.TarInfo) -> str:
    """The member's name as a path below the folder."""
    parts = PurePosixPath(member.name).parts
    if member.name.startswith("/") or ".." in parts:
        raise ValueError(f"it names {member.name!r}, which is outside")
    if not member.isdir() and (not member.isreg() or member.issparse() or not parts):
        raise ValueError(f"it holds {member.name!r}, which is no plain file")
    return "/".join(parts)


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file():  # of two with one name the later counts
        path.unlink()
    content = cast("IO[bytes]", tar.extractfile(member))
    with path.open("xb") as file:
        while block := content.read(settings.MIB):
            file.write(block)
        if file.tell() != member.size:
            raise EOFError(f"it ends within {member.name!r}")


@contextmanager
def _opened(path: Path) -> Generator[tarfile.TarFile]:
    with path.open("rb") as raw:
        start = raw.read(6)
        raw.seek(0)
        with (
            _unpacked(raw, start) as stream,
            tarfile.open(fileobj=cast("IO[bytes]", _Bounded(stream)), mode="r:") as tar,
        ):
            yield tar


def _unpacked(raw: IO[bytes], start: bytes) -> Any:
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw)
    if start.startswith(b"BZh"):
        return bz2.BZ2File(raw)
    if start == b"\xfd7zXZ\x00":
        return lzma.LZMAFile(raw)
    return raw


class _Bounded:
    """A stream that is read only so far, and never much at once: a header may claim to be as long as it likes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > settings.UNPACK_HEADER:
            raise ValueError("it has a header that is too long")
        self._check(self.tell() + size)
        return self._stream.read(size)

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        self._check(position)
        return self._stream.seek(position, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def _check(self, position: int) -> None:
        if position > settings.UNPACK_LIMIT + settings.UNPACK_FILES * settings.KIB:
            raise ValueError(f"it holds more than {settings.UNPACK_LIMIT:,} bytes")
