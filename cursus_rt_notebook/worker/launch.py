"""Starting steps: the way in to this room.

start_step ──> StepProcess ──> a zygote of the pool copies itself, or a new interpreter starts   (zygotes, process)
                   └─ wait ──> RunningStep.follow: log, memory, limits                            (step, logs, memory)
                                   └──> Outcome                                                  (judging, order)
"""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import StepNotStarted
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.worker import interpreters, process, sources
from cursus_rt_notebook.worker.environment import step_environment, zygote_environment
from cursus_rt_notebook.worker.inside import linux, protocol
from cursus_rt_notebook.worker.interpreters import Interpreter
from cursus_rt_notebook.worker.judging import judge
from cursus_rt_notebook.worker.logs import LogWriter
from cursus_rt_notebook.worker.order import Effect, Effects, Ended, OnProgress, Order, Outcome, Progress
from cursus_rt_notebook.worker.packages import versions_of
from cursus_rt_notebook.worker.sources import Sources
from cursus_rt_notebook.worker.step import Ends, RunningStep
from cursus_rt_notebook.worker.zygotes import Key, Pool, Zygote

__all__ = [
    "Effect",
    "Effects",
    "Ended",
    "Order",
    "Outcome",
    "Progress",
    "StepProcess",
    "shutdown",
    "start_step",
    "warm",
]

_pool = Pool()
_HAS_ZYGOTES = linux.IS_LINUX
_live: set[StepProcess] = set()


def warm(python: str | None, modules: Sequence[str], env: Mapping[str, str]) -> None:
    """Start the zygote that steps with these variables will need, in the background; returns at once."""
    if _HAS_ZYGOTES:
        with contextlib.suppress(StepNotStarted):  # the step itself will say so
            _pool.get(_key(interpreters.find(python), env), modules)


def shutdown() -> None:
    """End all zygotes and what still runs; when it returns no process of this room is left."""
    running = list(_live)
    for step in running:
        step.kill(grace=0.0)
    _pool.stop()
    for step in running:
        step.ended.wait(settings.KILL_GRACE)


atexit.register(shutdown)


def start_step(
    order: Order,
    *,
    python: str | None,
    modules: Sequence[str],
    log_path: Path,
    redactor: Redactor,
    timeout: float | None,
    memory: int | None,
    ahead: int = 1,
) -> StepProcess:
    """Start one attempt; it runs at once if a zygote is ready, else as soon as `wait` is called.

    Args:
        order: What to run, and with what.
        python: The interpreter; the kernel's own for None.
        modules: The third-party modules that the script imports, to have them loaded ahead.
        log_path: Where the log goes.
        redactor: Masks the step's secrets in the log and in the outcome.
        timeout: Seconds that it may run.
        memory: Bytes that it may hold.
        ahead: How many steps may be wanted at once after it, to have processes ready for them.
    """
    return StepProcess(order, python, tuple(modules), log_path, redactor, timeout, memory, ahead)


class StepProcess:
    """One attempt at a step, in its own process. `kill` from any thread; `wait` once."""

    def __init__(
        self,
        order: Order,
        python: str | None,
        modules: Sequence[str],
        log_path: Path,
        redactor: Redactor,
        timeout: float | None,
        memory: int | None,
        ahead: int,
    ) -> None:
        self._order = order
        self._python = python
        self._modules = modules
        self._redactor = redactor
        self._limits = (timeout, memory)
        self._ahead = ahead
        self._log_path = log_path
        self._log = LogWriter(log_path, redactor)
        self._killed = threading.Event()
        self.ended = threading.Event()
        self._running: RunningStep | None = None
        self._fallback: process.Process | None = None
        self._refused: Outcome | None = None
        self._problems: dict[str, str] = {}
        self._sources: Sources | None = None
        self._begin(wait=False)

    @property
    def pid(self) -> int | None:
        """The step's own process, while `wait` runs and once it has started."""
        return self._running.pid if self._running is not None else None

    def kill(self, grace: float | None = None) -> None:
        """End the step, or keep it from starting; returns at once."""
        self._killed.set()
        if self._running is not None:
            self._running.end("killed", grace)

    def wait(self, on_progress: OnProgress | None = None) -> Outcome:
        """See the step to its end: writes its log, watches its limits, calls `on_progress` four times a second."""
        _live.add(self)
        try:
            outcome = self._attempt(on_progress)
            if self._running is not None and self._running.facts.never_ran and not self._killed.is_set():
                # The zygote ended in the moment it was asked.
                self._running, self._log = None, LogWriter(self._log_path, self._redactor)
                outcome = self._attempt(on_progress)
            return outcome
        finally:
            self._log.close()
            self.ended.set()
            _live.discard(self)

    def _attempt(self, on_progress: OnProgress | None) -> Outcome:
        self._begin(wait=True)
        if self._running is None:
            return self._refused or Outcome("killed")
        if self._killed.is_set():
            self._running.end("killed")
        try:
            facts = self._running.follow(on_progress)
        finally:
            if self._fallback is not None:
                process.end(self._fallback, patience=settings.KILL_GRACE)
        self._log.close()
        outcome = judge(facts, self._log.tail_text(), tuple(self._log.error_lines), self._redactor)
        return replace(outcome, packages=self._packages(), preload_problems=self._problems)

    def _begin(self, *, wait: bool) -> None:
        """Hand the order over, if that is possible without waiting or if we may wait."""
        if self._running is not None or self._refused is not None:
            return
        try:
            if os.name != "posix":
                raise StepNotStarted("steps run on Linux and macOS", fix="on Windows, use WSL")  # noqa: TRY301
            interpreter = interpreters.find(self._python)
            if not Path(self._order.cwd).is_dir():
                raise StepNotStarted(f"its working folder {self._order.cwd} does not exist")  # noqa: TRY301
            self._sources = sources.scan(Path(self._order.script), Path(self._order.source_dir), self._python)
            self._hand_over(interpreter, wait=wait)
        except (StepNotStarted, OSError) as error:
            told = {"type": type(error).__name__, "message": str(error), "traceback": "", "frames": [], "cause": None}
            self._refused = Outcome("not_started", error=self._redactor.deep(told))

    def _hand_over(self, interpreter: Interpreter, *, wait: bool) -> None:
        ends = Ends()
        try:
            started = self._by_zygote(interpreter, ends, wait=wait) if _HAS_ZYGOTES else False
            if started is None:
                ends.close()
                return
            zygote = started or None
            if zygote is None:
                self._fallback = _start_fresh(interpreter, self._order.environ_vars, ends)
            ends.close_guardians()
            protocol.send(ends.channel, self._message())
        except BaseException:
            ends.close()
            raise
        self._running = RunningStep(ends, zygote.pid if zygote else None, self._log, *self._limits)

    def _by_zygote(self, interpreter: Interpreter, ends: Ends, *, wait: bool) -> Zygote | Literal[False] | None:
        """The zygote that now starts the step; False to do without one, None if there is none yet or ever."""
        for _ in range(2):  # the first may just have ended for want of work
            zygote = self._choose(interpreter, wait=wait)
            if zygote is None or zygote.stopped:
                return None
            self._problems = dict(zygote.problems) | ({"zygote": zygote.failed} if zygote.failed else {})
            if zygote.failed:
                return False
            if zygote.start(ends.for_guardian(), self._ahead):
                return zygote
        return False

    def _choose(self, interpreter: Interpreter, *, wait: bool) -> Zygote | None:
        """A zygote that has loaded nothing that a file of the step's hides; None if there is none yet."""
        key = _key(interpreter, self._order.environ_vars)
        names = _local_names(self._order)
        while True:
            zygote = _pool.get(key, self._modules)
            while not zygote.settled.wait(settings.WAIT_SLICE if wait else 0):
                if not wait or self._killed.is_set():
                    return None
            hidden = (zygote.loaded & names) - key.hidden
            if zygote.failed or not hidden:
                return zygote
            key = replace(key, hidden=key.hidden | hidden)

    def _packages(self) -> dict[str, str]:
        imported = (self._running.facts.report or {}).get("imported", ()) if self._running else ()
        known = self._sources.imports if self._sources else ()
        wanted = {name.partition(".")[0] for name in (*self._modules, *known, *imported)}
        return versions_of(interpreters.find(self._python), wanted)

    def _message(self) -> dict[str, Any]:
        order = self._order
        known = order.known_sources or (self._sources.paths if self._sources else ())
        limits = {
            "frames": settings.FRAMES,
            "variables": settings.LOCALS_PER_FRAME,
            "text": settings.VALUE_TEXT,
            "context": settings.SOURCE_CONTEXT,
        }
        return asdict(order) | {
            "known_sources": list(known),
            "environ": step_environment(order.environ_vars),
            "local": sorted(_local_names(order)),
            "memory": self._limits[1] or 0,
            "limits": limits,
        }


def _key(interpreter: Interpreter, env: Mapping[str, str]) -> Key:
    start = tuple(sorted(zygote_environment(env).items()))
    return Key(interpreter.path, interpreters.fingerprint(interpreter), start)


def _local_names(order: Order) -> frozenset[str]:
    """The top-level names that the step's own folders give to modules and packages: these hide all others."""
    names: set[str] = set()
    for folder in {os.path.dirname(order.script), order.source_dir}:
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                stem, dot, _ = entry.name.partition(".")
                if entry.name.endswith((".py", ".so", ".pyd")) or (not dot and _is_package(entry)):
                    names.add(stem)
    return frozenset(names)


def _is_package(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir() and os.path.exists(os.path.join(entry.path, "__init__.py"))


def _start_fresh(interpreter: Interpreter, declared: Mapping[str, str], ends: Ends) -> process.Process:
    """A guardian in a new interpreter, which starts the step in another: where there is no zygote."""
    ours, theirs = socket.socketpair()
    with ours:
        started = process.start_inside(interpreter.path, "guardian", theirs, zygote_environment(declared))
        protocol.send(ours, {}, ends.for_guardian())
    return started
