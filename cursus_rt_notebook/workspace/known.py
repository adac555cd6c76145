"""What is known of files without reading them: a file with the signature of when it was read has the same content.

A signature is size, time of change and time of status change, which no script can set back. Linking a file changes the
last of these, so links are made and removed through `carried`, which moves what is known along.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Final

from blake3 import blake3

from cursus_rt_notebook import settings

Inode = tuple[int, int]
Signature = tuple[int, int, int]
_SECOND: Final = 1_000_000_000
_MOST: Final = 100_000  # about 30 MB


def signature(info: os.stat_result) -> Signature:
    """What changes whenever a file's content does."""
    return info.st_size, info.st_mtime_ns, info.st_ctime_ns


def signature_text(info: os.stat_result) -> str:
    """Inode and signature, to be written down."""
    return f"{info.st_ino}:{info.st_size}:{info.st_mtime_ns}:{info.st_ctime_ns}"


def is_settled(info: os.stat_result) -> bool:
    """Whether the next change of the file will show in its times: not if the last was only just now.

    A clock that is ahead (mtime in the future) settles nothing either.
    """
    newest = max(info.st_mtime_ns, info.st_ctime_ns)
    return time.time_ns() - newest > settings.FRESH_WINDOW * _SECOND


def is_fine(info: os.stat_result) -> bool:
    """Whether the filesystem's times are finer than a second: coarse ones could hide a change that came right after."""
    return info.st_ctime_ns % _SECOND != 0


def seal_of(files: dict[str, os.stat_result]) -> str:
    """One signature over many files, by relative path."""
    hasher = blake3()
    for path, info in files.items():
        hasher.update(f"{signature_text(info)} {path}\n".encode(errors="surrogateescape"))
    return hasher.hexdigest(length=20)


class Known:
    """The content digests of files seen by this process, by inode. Safe to use from several threads."""

    def __init__(self) -> None:
        self._files: dict[Inode, tuple[Signature, str]] = {}
        self._lock = threading.Lock()

    def digest(self, info: os.stat_result) -> str | None:
        """The digest of the file that this is the status of, if it has not changed since it was learnt."""
        found = self._files.get((info.st_dev, info.st_ino))
        return found[1] if found and found[0] == signature(info) else None

    def learn(self, info: os.stat_result, digest: str) -> None:
        """Remember what is in a file."""
        if len(self._files) >= _MOST:
            self._files.clear()
        self._files[info.st_dev, info.st_ino] = signature(info), digest

    def carried(self, original: str, link: str, relink: Callable[[str], object]) -> os.stat_result:
        """Make or remove a link to a file, and go on knowing its content, which that does not change."""
        with self._lock:
            before = os.stat(original)
            digest = self.digest(before)
            relink(link)
            after = os.stat(original)
            if digest and is_fine(after) and signature(before)[:2] == signature(after)[:2]:
                self.learn(after, digest)
            return after


KNOWN: Final = Known()
