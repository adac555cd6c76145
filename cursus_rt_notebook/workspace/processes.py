"""Which process holds something, told so that another process, here or elsewhere, can say whether it lives."""

from __future__ import annotations

import os
import socket
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ProcessIdentity:
    """A process: the host's name, its boot (two containers on one machine share it), id and start time."""

    host: str
    boot: str
    pid: int
    start: str

    @classmethod
    def mine(cls) -> ProcessIdentity:
        """This process."""
        return _identity_of(os.getpid())

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> ProcessIdentity | None:
        """The identity written down as `facts`; None if it is not one."""
        try:
            return cls(str(facts["host"]), str(facts["boot"]), int(facts["pid"]), str(facts["start"]))
        except (KeyError, TypeError, ValueError):
            return None

    def facts(self) -> dict[str, Any]:
        """What to write down."""
        return asdict(self)

    @property
    def is_here(self) -> bool:
        """Whether it ran on this machine."""
        mine = ProcessIdentity.mine()
        return mine.host == self.host or bool(mine.boot and mine.boot == self.boot)

    @property
    def is_alive(self) -> bool:
        """Whether it still runs; True for another machine's, of which nothing is known."""
        if not self.is_here:
            return True
        mine = ProcessIdentity.mine()
        if self.boot != mine.boot:
            return False
        return self.pid == mine.pid or _start_of(self.pid) == self.start


@cache
def _identity_of(pid: int) -> ProcessIdentity:
    return ProcessIdentity(socket.gethostname(), _boot(), pid, _start_of(pid))


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _start_of(pid: int) -> str:
    """When a process started, in the kernel's own count; empty if it does not run."""
    try:
        # The name in parentheses may hold anything, so count from its end: the 22nd field is the start time.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return _start_elsewhere(pid) if not os.path.isdir("/proc/self") else ""
    return "" if fields[0] in {"Z", "X"} else fields[19]


def _start_elsewhere(pid: int) -> str:
    import psutil

    try:
        return str(psutil.Process(pid).create_time())
    except psutil.Error:
        return ""
