"""Compressed files by what is in them: the same table compressed twice differs in bytes, as gzip holds the time."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, Any, Final

from cursus_rt_notebook import settings

PACKED_SUFFIXES: Final = (".gz", ".tgz", ".bz2", ".xz", ".zip")
# Whatever is wrong with a damaged archive, it then counts by its own bytes.
_BROKEN: Final = (
    EOFError,
    OSError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    RuntimeError,
    ValueError,
    NotImplementedError,
)
_Update = Callable[[Any], object]


class _TooMuchError(ValueError):
    """More came out than we are willing to read."""


def unpacked_parts(path: str, update: _Update) -> bool:
    """Feed `update` with what a compressed file holds; False if it is none, is damaged, or holds too much."""
    kind = _kind(path)
    if kind is None:
        return False
    update(f"unpacked {kind}\n".encode())
    try:
        if kind == "zip":
            _feed_members(path, update)
        else:
            opener: Any = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}[kind]
            with opener(path, "rb") as stream:
                _feed(stream, update, settings.UNPACK_LIMIT)
    except _BROKEN:
        return False
    return True


def _kind(path: str) -> str | None:
    with open(path, "rb") as file:
        start = file.read(6)
    suffix = os.path.splitext(path)[1].lower()
    if suffix in {".gz", ".tgz"} and start.startswith(b"\x1f\x8b"):
        return "gzip"
    if suffix == ".bz2" and start.startswith(b"BZh"):
        return "bzip2"
    if suffix == ".xz" and start == b"\xfd7zXZ\x00":
        return "xz"
    if suffix == ".zip" and start.startswith(b"PK\x03\x04"):
        return "zip"
    return None


def _feed_members(path: str, update: _Update) -> None:
    left = settings.UNPACK_LIMIT
    with zipfile.ZipFile(path) as archive:
        for member in sorted(archive.infolist(), key=lambda info: info.filename):
            update(f"{len(member.filename)}:{member.filename}:{member.file_size}\n".encode(errors="surrogatepass"))
            with archive.open(member) as stream:
                left -= _feed(stream, update, left)


def _feed(stream: IO[bytes], update: _Update, limit: int) -> int:
    total = 0
    while chunk := stream.read(settings.MIB):
        total += len(chunk)
        if total > limit:
            raise _TooMuchError
        update(chunk)
    return total
