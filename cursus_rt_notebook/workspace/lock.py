"""One lock a key: across processes and threads, freed at once when its holder dies."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import StepInterrupted, WorkspaceError
from cursus_rt_notebook.workspace.atomic import storing
from cursus_rt_notebook.workspace.flock import lies_at, lock_now, unlock
from cursus_rt_notebook.workspace.processes import ProcessIdentity

_FIRST_SLICE: Final = 0.005
_NOFOLLOW: Final[int] = getattr(os, "O_NOFOLLOW", 0)  # Windows has none


@dataclass(frozen=True)
class Holder:
    """Who holds a lock. All None while it is only just being taken."""

    process: ProcessIdentity | None = None
    run_id: str | None = None
    step: str | None = None
    since: float | None = None

    def __str__(self) -> str:
        if self.process is None:
            return "another session"
        return f"run {self.run_id} (process {self.process.pid} on {self.process.host})"


@contextmanager
def hold(
    path: Path,
    *,
    step: str,
    run_id: str,
    on_wait: Callable[[Holder], None],
    cancelled: Callable[[], bool],
) -> Generator[None]:
    """Hold the lock whose file is `path`, waiting while somebody else does.

    Args:
        on_wait: Told who holds it, once for each holder that is waited for.
        cancelled: Asked between slices of waiting.

    Raises:
        StepInterrupted: `cancelled` said so.
        WorkspaceError: a process on another machine left the lock behind, and nobody here can know if it lives.
    """
    with storing("lock the step", path):
        fd = _acquire(path, step, on_wait, cancelled)
    try:
        _refuse_foreign(fd, path)
        with contextlib.suppress(OSError):  # a full disk: the lock holds all the same
            _write_holder(fd, Holder(ProcessIdentity.mine(), run_id, step, time.time()))
        try:
            yield
        finally:
            # Emptied, never unlinked: a waiter may have it open already.
            with contextlib.suppress(OSError):
                os.ftruncate(fd, 0)
    finally:
        unlock(fd)
        os.close(fd)


def prune(folder: Path, most: int) -> None:
    """Remove lock files that nobody holds if there are more than `most`."""
    names = os.listdir(folder)
    if len(names) <= most:
        return
    for name in names:
        path = folder / name
        with contextlib.suppress(OSError):
            fd = os.open(path, os.O_RDWR | _NOFOLLOW)
            # Whoever opened the file before it went notices, in `_acquire`, that it is no longer the one at its path.
            try:
                if lock_now(fd) and not os.fstat(fd).st_size:
                    os.unlink(path)
            finally:
                os.close(fd)


def _acquire(path: Path, step: str, on_wait: Callable[[Holder], None], cancelled: Callable[[], bool]) -> int:
    told: Holder | None = None
    pause = _FIRST_SLICE
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | _NOFOLLOW, 0o600)
        try:
            if lock_now(fd) and lies_at(fd, path):
                kept, fd = fd, -1
                return kept
            holder = _read_holder(fd)
        finally:
            if fd >= 0:
                os.close(fd)
        if cancelled():
            raise StepInterrupted(f"stopped while waiting for {holder} to finish {step}", step=step)
        if holder != told and (holder.process or told is None):
            told = holder
            on_wait(holder)
        time.sleep(pause)
        pause = min(pause * 2, settings.WAIT_SLICE)


def _refuse_foreign(fd: int, path: Path) -> None:
    """Somebody died holding the lock. On this machine that is sure; of another machine's locks we may know nothing."""
    left = _read_holder(fd)
    if left.process is None or left.process.is_here:
        return
    raise WorkspaceError(
        f"{left.step} is locked by {left}, on another machine",
        fix=f"wait for it; if it no longer runs there, delete {path}",
        path=str(path),
        holder=left,
    )


def _read_holder(fd: int) -> Holder:
    try:
        facts: dict[str, Any] = json.loads(os.pread(fd, 4096, 0))
        process = ProcessIdentity.from_facts(facts["process"])
        return Holder(process, facts["run_id"], facts["step"], facts["since"])
    except (ValueError, KeyError, TypeError):
        return Holder()


def _write_holder(fd: int, holder: Holder) -> None:
    process = holder.process.facts() if holder.process else None
    facts = {"process": process, "run_id": holder.run_id, "step": holder.step, "since": holder.since}
    os.ftruncate(fd, 0)
    os.pwrite(fd, json.dumps(facts).encode(), 0)
