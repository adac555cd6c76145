"""One running step, as the kernel sees it: its log pumped, its memory watched, its end judged."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading
import time

import psutil

from cursus_rt_notebook import settings
from cursus_rt_notebook.worker import judging
from cursus_rt_notebook.worker.inside import protocol
from cursus_rt_notebook.worker.logs import LogWriter
from cursus_rt_notebook.worker.memory import Meter
from cursus_rt_notebook.worker.order import OnProgress, Progress

# What the guardian may take beyond the grace before we end it ourselves.
_GUARDIAN_GRACE = 3.0
_READ = settings.MIB
_LIMIT_SLICE = 0.02


class Ends:
    """The kernel's and the guardian's ends of a step's channel and pipes."""

    def __init__(self) -> None:
        self.channel, self._theirs = socket.socketpair()
        self.report, self._report_in = os.pipe()
        self.log, self._log_in = os.pipe()
        for fd in (self.report, self.log):
            os.set_blocking(fd, False)
        _widen(self.log)

    def for_guardian(self) -> tuple[int, int, int]:
        """What the guardian is given: channel, report pipe, log pipe."""
        return self._theirs.fileno(), self._report_in, self._log_in

    def close_guardians(self) -> None:
        """Close the guardian's ends here, once it has them."""
        self._theirs.close()
        for fd in (self._report_in, self._log_in):
            with contextlib.suppress(OSError):
                os.close(fd)
        self._report_in = self._log_in = -1

    def close(self) -> None:
        """Close everything: the guardian then ends the step."""
        self.close_guardians()
        self.channel.close()
        for fd in (self.report, self.log):
            os.close(fd)


def _widen(pipe: int) -> None:
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _READ)


class RunningStep:
    """A step that was handed to a guardian; `follow` sees it to its end."""

    def __init__(
        self, ends: Ends, zygote: int | None, log: LogWriter, timeout: float | None, memory: int | None
    ) -> None:
        self.facts = judging.Facts(limit=memory, timeout=timeout)
        self._ends = ends
        self._zygote = zygote
        self._log = log
        self._frames = protocol.Frames()
        self._meter: Meter | None = None
        self._began = self._sent = time.monotonic()
        self._told = 0.0
        self._grace_from: float | None = None
        self._deadline: float | None = None
        self._selector = selectors.DefaultSelector()
        self._ending = threading.Lock()
        for fd in (ends.channel.fileno(), ends.report, ends.log):
            self._selector.register(fd, selectors.EVENT_READ)

    @property
    def pid(self) -> int | None:
        """The step's own process, once it has its order."""
        return self.facts.pid

    def end(self, why: str, grace: float | None = None) -> None:
        """Have the step ended, for a reason; only the first reason counts. Any thread; returns at once."""
        grace = settings.KILL_GRACE if grace is None else grace
        with self._ending:
            if self.facts.why:
                return
            self.facts.why = why
            self._deadline = time.monotonic() + grace + _GUARDIAN_GRACE
        with contextlib.suppress(OSError):
            protocol.send(self._ends.channel, {"end": grace})

    def follow(self, on_progress: OnProgress | None) -> judging.Facts:
        """Pump and watch until the guardian says that nothing of the step is left."""
        try:
            while not self.facts.over:
                for key, _ in self._selector.select(self._slice()):
                    self._read(key.fd)
                self._check()
                self._tell(on_progress)
            self._drain()
        finally:
            self._selector.close()
            self._ends.close()
        self._finish()
        return self.facts

    def _slice(self) -> float:
        if self.facts.limit is not None:
            return _LIMIT_SLICE
        return min(settings.WAIT_SLICE, settings.SAMPLE_INTERVAL)

    def _read(self, fd: int) -> None:
        if fd == self._ends.log:
            self._read_log()
        elif fd == self._ends.report:
            self._read_report()
        else:
            self._read_channel()

    def _read_log(self) -> bool:
        data = _read_some(self._ends.log)
        if data is None:
            return False
        if data:
            self._log.feed(data)
        else:
            self._unwatch(self._ends.log)
        return bool(data)

    def _read_report(self) -> bool:
        data = _read_some(self._ends.report)
        if not data:
            if data is not None:
                self._unwatch(self._ends.report)
            return False
        for kind, content in self._frames.feed(data):
            if kind == protocol.REPORT:
                self.facts.report = content
                self._grace_from = self._grace_from or time.monotonic()
            elif kind == protocol.OPENED:
                path, size, mtime_ns = content
                self.facts.opened.setdefault(path, (size, mtime_ns))
            elif kind == protocol.READ:
                self.facts.read.add(content)
            elif kind == protocol.PIP:
                self.facts.skipped_pip.append(content)
            elif kind == protocol.EFFECT:
                self.facts.add_effect(*content)
        return True

    def _unwatch(self, fd: int) -> None:
        with contextlib.suppress(KeyError):
            self._selector.unregister(fd)

    def _read_channel(self) -> None:
        message, _ = protocol.receive(self._ends.channel)
        if message is None:
            self.facts.over = self.facts.lost = True
        elif "started" in message:
            self._began = time.monotonic()
            self.facts.pid, self.facts.guardian = message["started"], message["guardian"]
            self._meter = Meter(message["started"], message["guardian"], self._zygote)
        else:
            self.facts.over = True
            self.facts.status = message["ended"]
            self.facts.cpu = message["cpu"]
            self.facts.transferred = message["io"]
            self.facts.left = message["left"]

    def _check(self) -> None:
        now = time.monotonic()
        if self.facts.pid is None and now - self._sent > settings.START_TIMEOUT:
            self.facts.over = self.facts.lost = True
        if self._meter is not None and not self.facts.over and self._meter.sample(self.facts.limit):
            self.facts.over_limit_at = self.facts.over_limit_at or now - self._began
            self.facts.processes = self._meter.processes
            self.end("out_of_memory", grace=0.0)
        if self._grace_from is not None:
            if now - self._grace_from > settings.EXIT_GRACE:
                self.end("lingered")
        elif self.facts.timeout is not None and self.facts.pid and now - self._began > self.facts.timeout:
            self.end("timed_out")
        if self._deadline is not None and now > self._deadline:
            self._force()

    def _force(self) -> None:
        """The guardian does not answer (somebody stopped it): end the tree from here."""
        self.facts.over = self.facts.lost = True
        for pid in (self.facts.guardian, self.facts.pid):
            with contextlib.suppress(psutil.Error, TypeError):
                family = psutil.Process(pid)
                for member in [*family.children(recursive=True), family]:
                    member.kill()

    def _tell(self, on_progress: OnProgress | None) -> None:
        now = time.monotonic()
        if on_progress is None or now - self._told < settings.PROGRESS_INTERVAL:
            return
        self._told = now
        on_progress(Progress(now - self._began, self._meter.now if self._meter else 0, self._log.last_line()))

    def _drain(self) -> None:
        while self._read_report():
            pass
        while self._read_log():
            pass

    def _finish(self) -> None:
        facts = self.facts
        facts.seconds = time.monotonic() - self._began
        facts.peak = max(self._meter.peak if self._meter else 0, (facts.report or {}).get("peak", 0))
        facts.log_problem = self._log.problem


def _read_some(fd: int) -> bytes | None:
    """What there is; None if there is nothing now, nothing at all at the end."""
    try:
        return os.read(fd, _READ)
    except BlockingIOError:
        return None
