"""How much memory a step's processes hold that the zygote does not.

Exact is the sum of their shares (PSS); each reading walks the page tables, so at most five a second are made.
Between these, two small numbers of the step's own process tell whether it is growing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from cursus_rt_notebook import settings
from cursus_rt_notebook.worker.inside import linux

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_CONFIRM_INTERVAL = 0.05
# A reading may take this share of the time, on a machine with very many processes or very large ones.
_SHARE = 0.05


class Meter:
    """Measures one step's tree: `root` is the step's own process, `guardian` the one above it."""

    def __init__(self, root: int, guardian: int, zygote: int | None) -> None:
        self._root = root
        self._guardian = guardian
        self._zygote = zygote
        self._base = _resident(root)
        self._next = time.monotonic() + settings.SAMPLE_INTERVAL
        self._next_confirm = 0.0
        self.now = 0
        self.peak = 0
        self.processes = 1  # that held it, when it was read last

    def sample(self, limit: int | None) -> bool:
        """Read what is due; whether the tree holds more than `limit`."""
        at = time.monotonic()
        if at >= self._next or self._may_be_over(limit, at):
            self._read(at)
        return limit is not None and self.now > limit

    def _may_be_over(self, limit: int | None, at: float) -> bool:
        if limit is None or at < self._next_confirm:
            return False
        return _resident(self._root) - self._base > limit

    def _read(self, at: float) -> None:
        pids = [self._root, *(pid for pid in linux.descendants(self._root))]
        orphans = [pid for pid in linux.children(self._guardian) if pid not in pids]
        self.processes = len(pids) + len(orphans)
        self.now = _own_memory([*pids, *orphans], self._zygote)
        self.peak = max(self.peak, self.now)
        took = time.monotonic() - at
        self._next = at + max(settings.SAMPLE_INTERVAL, took / _SHARE)
        self._next_confirm = at + _CONFIRM_INTERVAL


def _own_memory(pids: Iterable[int], zygote: int | None) -> int:
    shares = [share for share in map(_share, pids) if share is not None]
    if not shares:
        return sum(map(_rss, pids))
    # What one process alone holds is its own. What it shares, it may share with the zygote, whose copy it is.
    common = _share(zygote) if zygote is not None and len(shares) > 1 else None
    zygotes = common[1] if common else 0
    if len(shares) == 1:
        return shares[0][0]
    return sum(private + max(0, shared - zygotes) for private, shared in shares)


def _share(pid: int) -> tuple[int, int] | None:
    """Bytes that only this process holds, and its share of those that several hold; swapped ones too."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()[1:]
    except (OSError, UnicodeDecodeError):
        return None
    values = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}
    private = values.get("Private_Clean", 0) + values.get("Private_Dirty", 0)
    return private + values.get("SwapPss", 0), max(0, values.get("Pss", 0) - private)


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return 0


def _rss(pid: int) -> int:
    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return 0
