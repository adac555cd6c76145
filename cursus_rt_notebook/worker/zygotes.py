"""The zygotes that this kernel has: one per interpreter, installed packages, and environment at import.

A zygote that lacks a library is not taught it, since an import that dies would take the running steps along: a second
one is started with both lists, and takes over when it is ready.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cursus_rt_notebook import settings
from cursus_rt_notebook.worker import process
from cursus_rt_notebook.worker.inside import protocol

_RETRIES = 20  # modules that may fail before we do without a zygote
_LEAVING = 2.5


@dataclass(frozen=True)
class Key:
    """What makes a zygote fit a step; `hidden` are the names that files of the step's hide from the libraries."""

    python: str
    fingerprint: str
    env: tuple[tuple[str, str], ...]
    hidden: frozenset[str] = frozenset()


class Zygote:
    """One zygote process, from its start in the background to its end."""

    def __init__(self, key: Key, modules: Iterable[str], problems: Mapping[str, str]) -> None:
        self.key = key
        self.modules = frozenset(modules)
        self.problems = dict(problems)
        self.loaded: frozenset[str] = frozenset()
        self.failed = ""
        self.settled = threading.Event()  # ready or failed
        self._current: str | None = None  # the module that is being loaded
        self._told = False  # it said itself what was wrong
        self._hung = False
        self._stopping = threading.Event()
        self._sending = threading.Lock()
        self._process: process.Process | None = None
        self._control: socket.socket | None = None
        self._thread = threading.Thread(target=self._bring_up, name="cursus-zygote", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The process, if it is there."""
        return self._process.pid if self._process is not None else None

    @property
    def stopped(self) -> bool:
        """Whether it was told to end."""
        return self._stopping.is_set()

    @property
    def usable(self) -> bool:
        """Whether it is starting, or alive."""
        if not self.settled.is_set():
            return True
        return not self.failed and self._process is not None and self._process.poll() is None

    def start(self, fds: Sequence[int], ahead: int) -> bool:
        """Ask for a step with these descriptors, and to be ready for `ahead` more; False if the zygote is gone."""
        return self._say({"ahead": ahead}, fds)

    def retire(self) -> None:
        """Let it end as soon as the steps that it has started have."""
        self._say({"retire": True})

    def stop(self) -> None:
        """End it and its steps; returns when nothing is left of it."""
        self._stopping.set()
        if self._control is not None and self.settled.is_set():
            self._control.close()
        self._thread.join()
        if self._process is not None:
            process.end(self._process, patience=_LEAVING)
        if self._control is not None:
            self._control.close()

    def _say(self, message: protocol.Message, fds: Sequence[int] = ()) -> bool:
        with self._sending:
            try:
                assert self._control is not None
                protocol.send(self._control, message, fds)
            except OSError:
                return False
        return True

    def _bring_up(self) -> None:
        try:
            for _ in range(_RETRIES):
                if self._try() or self._stopping.is_set():
                    return
            self.failed = "too many modules failed: " + ", ".join(self.problems)
        except OSError as error:
            self.failed = str(error)
        finally:
            if self._stopping.is_set() and not self.loaded:
                self.failed = self.failed or "stopped"
            self.settled.set()

    def _try(self) -> bool:
        """Start the process and see it load its modules; False to try again without one that failed."""
        ours, theirs = socket.socketpair()
        with tempfile.TemporaryFile() as output:
            self._process = process.start_inside(self.key.python, "zygote", theirs, dict(self.key.env), output)
            self._control = ours
            wanted = sorted(self.modules - set(self.problems))
            setup = {"modules": wanted, "hidden": sorted(self.key.hidden), "idle": settings.IDLE_TIMEOUT}
            protocol.send(ours, setup)
            if self._follow(ours):
                return True
            ours.close()
            code = process.end(self._process, patience=1.0 if not self._stopping.is_set() else 0.0)
            if self._current is None and not self._told:
                output.seek(0)
                words = output.read().decode("utf-8", "replace").strip()[-2000:]
                self.failed = f"it ended with status {code}: {words}"
                return True
            if not self._told and self._current is not None:
                self.problems[self._current] = self._how_it_died(code)
        return False

    def _follow(self, sock: socket.socket) -> bool:
        """Hear which module is being loaded, until all are; False if one failed, hung or ended the process."""
        self._current, self._told, self._hung = None, False, False
        while True:
            if not self._readable(sock, settings.PRELOAD_TIMEOUT if self._current else settings.START_TIMEOUT):
                self._hung = True
                return False
            message, _ = protocol.receive(sock)
            if message is None:
                return False
            if "importing" in message:
                self._current = message["importing"]
            elif "problems" in message:
                self.problems.update(message["problems"])
                self._told = True
                return False
            else:
                self.loaded = frozenset(message["loaded"])
                return True

    def _readable(self, sock: socket.socket, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while not self._stopping.is_set():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            if select.select([sock], [], [], min(left, settings.WAIT_SLICE))[0]:
                return True
        return False

    def _how_it_died(self, code: int) -> str:
        if self._hung:
            return f"its import took longer than {settings.PRELOAD_TIMEOUT:g} s"
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        return f"its import ended the process ({how})"


class Pool:
    """All zygotes of this kernel; every method may be called from any thread, and none waits but `stop`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._current: dict[Key, Zygote] = {}
        self._next: dict[Key, Zygote] = {}
        self._retired: list[Zygote] = []

    def get(self, key: Key, modules: Iterable[str]) -> Zygote:
        """The zygote for a key, started if there is none; it may still be loading, or lack some of `modules`."""
        wanted = frozenset(modules)
        with self._lock:
            self._forget_ended()
            current = self._current.get(key)
            if current is None or not (current.usable or current.failed):
                self._current[key] = current = Zygote(key, wanted, {})
            elif not wanted <= current.modules and not current.failed:
                self._prepare_next(current, wanted)
            return self._take_over(key)

    def stop(self) -> None:
        """End all zygotes and the steps that they have started."""
        if os.getpid() != self._pid:
            return  # a copy of the kernel, made by a fork: they are not its own
        with self._lock:
            zygotes = [*self._current.values(), *self._next.values(), *self._retired]
            self._current, self._next, self._retired = {}, {}, []
        for zygote in zygotes:
            zygote.stop()

    def _prepare_next(self, current: Zygote, wanted: frozenset[str]) -> None:
        coming = self._next.get(current.key)
        if coming is None or not (wanted <= coming.modules):
            if coming is not None:
                self._retired.append(coming)
                threading.Thread(target=coming.stop, daemon=True).start()
            known = coming.modules if coming is not None else frozenset[str]()
            self._next[current.key] = Zygote(current.key, current.modules | known | wanted, current.problems)

    def _take_over(self, key: Key) -> Zygote:
        coming = self._next.get(key)
        if coming is not None and coming.settled.is_set():
            del self._next[key]
            if coming.usable:
                self._current[key].retire()
                self._retired.append(self._current[key])
                self._current[key] = coming
        return self._current[key]

    def _forget_ended(self) -> None:
        ended = [z for z in self._retired if not z.usable]
        self._retired = [z for z in self._retired if z.usable]
        for zygote in ended:
            zygote.stop()
