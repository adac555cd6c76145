"""The few system calls that Python has no function for, and what /proc tells; harmless elsewhere."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Dict, List

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_OOM_SCORE = 900

IS_LINUX = sys.platform.startswith("linux")
_libc = ctypes.CDLL(None) if os.name == "posix" else None


def become_subreaper() -> None:
    """Make every orphan among the descendants a child of this process, whatever session it is in."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(signal_number: int, parent: int) -> bool:
    """Get `signal_number` when the parent dies; False if `parent` is gone already."""
    _prctl(_PR_SET_PDEATHSIG, signal_number)
    return os.getppid() == parent


def _prctl(option: int, value: int) -> None:
    if IS_LINUX and _libc is not None:
        _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def prefer_for_oom() -> None:
    """Let the system's out-of-memory killer take this process rather than the notebook."""
    _write_proc("/proc/self/oom_score_adj", str(_OOM_SCORE))


def reset_peak_memory() -> None:
    """Forget the peak (VmHWM) that came with the fork."""
    _write_proc("/proc/self/clear_refs", "5")


def _write_proc(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    except OSError:
        pass  # not Linux, or a container that forbids it: the step runs all the same


def flush_c_streams() -> None:
    """Write out what code in C has printed but not flushed."""
    if _libc is not None:
        _libc.fflush(None)


def descendants(root: int) -> List[int]:
    """Every process below `root`, parents before children; empty where there is no /proc."""
    below_of = _by_parent()
    found: List[int] = []
    queue = [root]
    while queue:
        below = below_of.get(queue.pop(), [])
        found += below
        queue += below
    return found


def children(parent: int) -> List[int]:
    """The processes whose parent is `parent`."""
    return _by_parent().get(parent, [])


def _by_parent() -> Dict[int, List[int]]:
    found: Dict[int, List[int]] = {}
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
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The command's name is in brackets and may hold any character, brackets too.
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0
