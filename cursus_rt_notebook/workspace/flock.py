"""Locks on open files, as the operating system has them. They end with the process that holds them."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    # Locked is a byte far behind the text, which stays readable so.
    _OFFSET = 1 << 30

    def lock_now(fd: int) -> bool:
        """Lock an open file if nobody else has."""
        os.lseek(fd, _OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def unlock(fd: int) -> None:
        """Let go of it."""
        os.lseek(fd, _OFFSET, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

    def lock_patiently(fd: int) -> None:
        """Lock an open file, waiting for it."""
        os.lseek(fd, _OFFSET, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_LOCK, 1)

else:
    import fcntl

    # flock, not fcntl's own locks: those are lost when the process closes any descriptor of the file, and do not
    # keep two threads apart.
    def lock_now(fd: int) -> bool:
        """Lock an open file if nobody else has."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(fd: int) -> None:
        """Let go of it."""
        fcntl.flock(fd, fcntl.LOCK_UN)

    def lock_patiently(fd: int) -> None:
        """Lock an open file, waiting for it."""
        fcntl.flock(fd, fcntl.LOCK_EX)


def lies_at(fd: int, path: Path) -> bool:
    """Whether an open file is still the one at `path`: a lock on one that was deleted keeps nobody out."""
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False


@contextmanager
def briefly_locked(path: Path) -> Generator[None]:
    """Hold a lock that nobody holds for long; its file stays."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        lock_patiently(fd)
        yield
    finally:
        os.close(fd)
