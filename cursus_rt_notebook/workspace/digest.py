"""Digests of files and folders by what is in them. Memory stays flat, however large they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from blake3 import blake3

from cursus_rt_notebook import settings
from cursus_rt_notebook.workspace.unpacked import PACKED_SUFFIXES, unpacked_parts
from cursus_rt_notebook.workspace.walk import list_folder

_SMALL: Final = 256 * settings.KIB


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file: its path relative to its port ("/" between parts), size in bytes, and digest."""

    path: str
    size: int
    digest: str


@dataclass(frozen=True)
class TreeDigest:
    """A file or folder by content: one digest for all, its files, the folders that hold nothing, the bytes."""

    digest: str
    files: tuple[FileEntry, ...]
    empty: tuple[str, ...]
    bytes: int


def digest_file(path: str | os.PathLike[str]) -> str:
    """The digest of a file's content; of a compressed file, of what is in it (gzip holds the time).

    Raises:
        OSError: the file cannot be read.
    """
    name = os.fspath(path)
    if name.lower().endswith(PACKED_SUFFIXES):
        hasher = blake3(max_threads=blake3.AUTO)
        if unpacked_parts(name, hasher.update):
            return hasher.hexdigest()
    return _digest_bytes(name)


def digest_tree(path: Path, of_file: Callable[[str], str] = digest_file) -> TreeDigest:
    """The digest of a file or a folder by names and contents; links are followed.

    Args:
        of_file: How to get one file's digest: by reading it, or from a cache.
    """
    if not path.is_dir():
        entry = FileEntry(path.name, path.stat().st_size, of_file(os.fspath(path)))
        return combine([entry], ())
    listing = list_folder(path, follow=True)
    base = os.path.join(path, "")
    entries = [FileEntry(name, info.st_size, of_file(base + name)) for name, info in listing.files.items()]
    return combine(entries, (*listing.empty, *(f"{name} ({kind})" for name, kind in listing.odd.items())))


def combine(entries: Iterable[FileEntry], empty: tuple[str, ...]) -> TreeDigest:
    """One digest over files that are in order already, and the names of empty folders."""
    files = tuple(entries)
    hasher = blake3()
    for entry in files:
        # The length keeps apart a name that ends in what looks like a digest.
        name = os.fsencode(entry.path)
        hasher.update(b"f%d:%b%b" % (len(name), name, entry.digest.encode()))
    for folder in empty:
        name = os.fsencode(folder)
        hasher.update(b"d%d:%b" % (len(name), name))
    return TreeDigest(hasher.hexdigest(), files, empty, sum(entry.size for entry in files))


def _digest_bytes(path: str) -> str:
    # Not mapped into memory: a file that is cut short while it is read would end the process with SIGBUS.
    with open(path, "rb", buffering=0) as file:
        first = file.read(_SMALL)
        if len(first) < _SMALL:
            rest = file.read(_SMALL)
            if not rest:
                return blake3(first).hexdigest()
            first += rest
        hasher = blake3(max_threads=blake3.AUTO)
        hasher.update(first)
        buffer = memoryview(bytearray(settings.HASH_CHUNK))
        while count := file.readinto(buffer):
            hasher.update(buffer[:count])
        return hasher.hexdigest()
