"""Compressed files: how they are packed, their first bytes, and a stream of what is in them. Never a path outside."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, Literal

from cursus_rt_notebook import settings

Packing = Literal["gzip", "bz2", "xz", "zip"]
PACKED_SUFFIXES: Final[dict[str, Packing]] = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".zip": "zip"}
BROKEN: Final = (
    EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, ValueError, NotImplementedError,
    struct.error,
)  # fmt: skip
_MAGIC: Final[tuple[tuple[bytes, Packing], ...]] = (
    (b"\x1f\x8b", "gzip"), (b"BZh", "bz2"), (b"\xfd7zXZ\x00", "xz"), (b"PK\x03\x04", "zip"),
)  # fmt: skip
_ZIP_END: Final = b"PK\x05\x06"
_DIRECTORY_LIMIT: Final = 64 * settings.KIB  # of a zip with one member


def packing_of(start: bytes) -> Packing | None:
    """How a file that begins with `start` is packed; None if it is not."""
    return next((packing for magic, packing in _MAGIC if start.startswith(magic)), None)


def peek_inside(path: str, packing: Packing, size: int) -> bytes | None:
    """The first bytes of what is packed in a file; None if it is damaged, or a zip that holds more than one file."""
    try:
        if packing == "zip":
            with open_inside(path, packing) as stream:
                return stream.read(size)
        with Path(path).open("rb") as file:
            # A bz2 block gives nothing before its end, which is up to 900 kB away.
            return _first(packing, file.read(settings.MIB), size)
    except BROKEN:
        return None


@contextmanager
def open_inside(path: str, packing: Packing) -> Generator[IO[bytes]]:
    """Open what is packed in a file as a stream.

    Raises:
        ValueError: a zip that holds more or less than one file.
    """
    if packing == "zip":
        _check_one_entry(path)
        with zipfile.ZipFile(path) as archive, archive.open(_only_member(archive)) as stream:
            yield stream
    else:
        opener: Any = {"gzip": gzip.open, "bz2": bz2.open, "xz": lzma.open}[packing]
        with opener(path, "rb") as stream:
            yield stream


def zip_entries(path: str) -> tuple[int, int]:
    """How many entries a zip says it has, and the bytes of its directory, without reading the directory."""
    with Path(path).open("rb") as file:
        length = file.seek(0, 2)
        file.seek(max(0, length - 22 - 0xFFFF))
        tail = file.read()
    at = tail.rfind(_ZIP_END)
    if at < 0:
        raise zipfile.BadZipFile("no directory at its end")
    entries, directory = struct.unpack_from("<HI", tail, at + 10)
    return entries, directory


def _check_one_entry(path: str) -> None:
    # A directory of 200,000 entries costs seconds and 100 MB to read, so the count is asked first.
    entries, directory = zip_entries(path)
    if entries != 1 or directory > _DIRECTORY_LIMIT:
        raise ValueError(f"holds {entries:,} files")


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = archive.infolist()
    if len(members) != 1 or members[0].is_dir():
        raise ValueError("does not hold one file")
    return members[0]


def _first(packing: Packing, packed: bytes, size: int) -> bytes:
    if packing == "gzip":
        return zlib.decompressobj(wbits=31).decompress(packed, size)
    if packing == "bz2":
        return bz2.BZ2Decompressor().decompress(packed, size)
    return lzma.LZMADecompressor(memlimit=64 * settings.MIB).decompress(packed, size)
