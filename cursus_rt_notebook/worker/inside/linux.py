"""The few system calls that Python has no function for, and what /proc tells; harmless elsewhere."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_OOM_SCORE = 900

IS_LINUX = sys.platform.startswith("linux")
_libc: Any = ctypes.CDLL(None) if os.name == "posix" else None
# Kept from before the script runs: it may put anything in its place.
_open = open
# An allocation this far beyond twice the limit is refused at once, not noticed when it has taken the machine's memory.
_SLACK = 1 << 30


def become_subreaper() -> None:
    """Make every orphan among the descendants a child of this process, whatever session it is in."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(signal_number: int, parent: int) -> bool:
    """Get `signal_number` when the parent dies; False if `parent` is gone already."""
    _prctl(_PR_SET_PDEATHSIG, signal_number)
    return os.getppid() == parent


def _prctl(option: int, value: int) -> None:
    if IS_LINUX:
        _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def end_with(fd: int) -> None:
    """Let the system end this process when the other end of a socket closes, whatever it is doing then."""
    import fcntl  # not on Windows, where the kernel imports this module too

    fcntl.fcntl(fd, fcntl.F_SETOWN, os.getpid())
    # SIGIO then comes by itself, and ends a process that has no handler for it.
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | fcntl.FASYNC)


def live_without(fd: int) -> None:
    """Undo `end_with`."""
    import fcntl

    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) & ~fcntl.FASYNC)


def prefer_for_oom() -> None:
    """Let the system's out-of-memory killer take this process rather than the notebook."""
    _write_proc("/proc/self/oom_score_adj", str(_OOM_SCORE))


def reset_peak_memory() -> None:
    """Forget the peak (VmHWM) that came with the fork."""
    _write_proc("/proc/self/clear_refs", "5")


def _write_proc(path: str, text: str) -> None:
    # Not Linux, or a container that forbids it: the step runs all the same.
    with contextlib.suppress(OSError), _open(path, "w", encoding="ascii") as file:
        file.write(text)


def limit_data(limit: int) -> None:
    """Refuse an allocation that goes far beyond a memory limit.

    Only far beyond: libraries reserve much that they never touch, and that is no fault of the step's.
    """
    if limit and IS_LINUX:
        import resource  # not on Windows, where the kernel imports this module too

        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        wanted = status_bytes("VmData") + 2 * limit + _SLACK
        resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard < 0 else min(wanted, hard), hard))


def status_bytes(field: str) -> int:
    """A size from this process's /proc/self/status; 0 where there is none."""
    try:
        with _open("/proc/self/status", encoding="ascii", errors="replace") as file:
            return next((int(line.split()[1]) * 1024 for line in file if line.startswith(field)), 0)
    except (OSError, ValueError):
        return 0


def transferred() -> tuple[int, int] | None:
    """Bytes that this process and all that it has collected have read and written, by calls; None if nobody tells."""
    try:
        with _open("/proc/self/io", encoding="ascii") as file:
            counts = dict(line.split(": ") for line in file)
        return int(counts["rchar"]), int(counts["wchar"])
    except (OSError, ValueError, KeyError):
        return None


def flush_c_streams() -> None:
    """Write out what code in C has printed but not flushed."""
    if _libc is not None:
        _libc.fflush(None)


def descendants(root: int) -> list[int]:
    """Every process below `root`, parents before children; empty where there is no /proc."""
    below_of = _by_parent()
    found: list[int] = []
    queue = [root]
    while queue:
        below = below_of.get(queue.pop(), [])
        found += below
        queue += below
    return found


def children(parent: int) -> list[int]:
    """The processes whose parent is `parent`."""
    return _by_parent().get(parent, [])


def _by_parent() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    try:
        pids = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return found
    for pid in pids:
        parent = _parent(pid)
        if parent:
            found.setdefault(parent, []).append(int(pid))
    return found


def _parent(pid: str) -> int:
    try:
        with _open(f"/proc/{pid}/stat", "rb") as file:
            # The command's name is in brackets and may hold any character, brackets too.
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0
