"""How much memory is left for steps: what the machine has, and what its control group lets this process have.

In a container the machine's own figures say nothing: there the group's limit is what ends a process.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

_PROC = Path("/proc/self/cgroup")
_MOUNT = Path("/sys/fs/cgroup")
_NO_LIMIT = 2**60  # version 1 says so by a number near 2**63


class _Files(NamedTuple):
    """Where a version of control groups keeps its figures: limit, use, and what it could give back of that."""

    limit: str
    used: str
    cache: str


_V2 = _Files("memory.max", "memory.current", "inactive_file")
_V1 = _Files("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def free_memory(proc: Path = _PROC, mount: Path = _MOUNT) -> int:
    """Bytes that may still be taken without swapping or being ended for it."""
    rooms = (limit - used for limit, used in _groups(proc, mount))
    return max(0, min(psutil.virtual_memory().available, *rooms, _NO_LIMIT))


def all_memory(proc: Path = _PROC, mount: Path = _MOUNT) -> int:
    """Bytes that there are at most for everything: the machine's, or the limit of its control group."""
    return min(psutil.virtual_memory().total, *(limit for limit, _ in _groups(proc, mount)), _NO_LIMIT)


def _groups(proc: Path, mount: Path) -> Iterator[tuple[int, int]]:
    """Limit and use of this process's group and of each one above it that has a limit."""
    for line in _text(proc).splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            yield from _limited(mount, path, _V2)
        elif "memory" in controllers.split(","):
            yield from _limited(mount / "memory", path, _V1)


def _limited(root: Path, path: str, files: _Files) -> Iterator[tuple[int, int]]:
    # Inside a container the path may be the host's, of which only the root is to be seen.
    folder = root / path.lstrip("/")
    for group in [folder, *(parent for parent in folder.parents if parent.is_relative_to(root))]:
        limit, used = _number(_text(group / files.limit)), _number(_text(group / files.used))
        if limit is not None and limit < _NO_LIMIT and used is not None:
            yield limit, used - _cache(group, files)


def _cache(group: Path, files: _Files) -> int:
    """What the group holds of files that nobody reads just now: it is given back before anything is ended."""
    for line in _text(group / "memory.stat").splitlines():
        name, _, amount = line.partition(" ")
        if name == files.cache:
            return _number(amount) or 0
    return 0


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isdecimal() else None


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return ""
