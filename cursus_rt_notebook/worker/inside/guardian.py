"""A step's guardian: the process above the step's, which outlives it, reports its end and leaves nothing behind.

Being a subreaper it inherits every orphan below it, also one that forked twice or made a session of its own. While it
has no children, nothing of the step is alive. It ends the step when the kernel says so, when the kernel is gone, and
when the zygote is gone.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import time
from typing import Any, Callable, List, Tuple

from . import linux, protocol

# Processes that end by themselves soon after the script (a resource tracker, a pool's workers) get this long.
LINGER = 0.5
_TICK = 1.0
_GIVEN = 3

StartChild = Callable[[List[int]], Tuple[int, socket.socket]]


def run(parent: socket.socket, start_child: StartChild, zygote: int | None) -> None:
    """Guard steps, one after the other: each begins with the kernel's descriptors, which come over `parent`.

    Args:
        parent: Where the three descriptors come from: the channel to the kernel, the report pipe, the log pipe.
        start_child: Starts the step's process, which waits for its order on the socket that this returns, and closes
            the descriptors that it is given.
        zygote: The process whose death ends the step too; None if the kernel itself started this one, for one step.
    """
    wakeup, tell = _hear_signals()
    linux.become_subreaper()
    if zygote is not None and not linux.die_with_parent(signal.SIGTERM, zygote):
        return
    with contextlib.suppress(OSError):  # the zygote is gone
        while _guard_one(parent, start_child, zygote, (wakeup, tell)) and zygote is not None:
            protocol.send(parent, {"finished": True})
            # Not before it is asked: the next fork would only be in the way of those who work on this step's end.
            if protocol.receive(parent)[0] is None:
                return


def _guard_one(parent: socket.socket, start_child: StartChild, zygote: int | None, signals: tuple[int, int]) -> bool:
    """See one step to its end; False if nobody is left to work for."""
    used, moved = _cpu_seconds(), linux.transferred()
    own = [parent.fileno(), *signals]
    # Started before it is needed: the fork of a large image is most of what a step costs.
    child, to_child = start_child(own)
    _, fds = protocol.receive(parent)
    if len(fds) != _GIVEN:
        kill(child)
        return False
    if os.waitpid(child, os.WNOHANG)[0]:  # it did not live to see its order
        to_child.close()
        child, to_child = start_child([*own, *fds])
    guard = _Guard(child, socket.socket(fileno=fds[0]), signals[0], zygote)
    if guard.hand_over(to_child, fds[1:]):
        guard.watch()
    guard.sweep()
    guard.report(_cpu_seconds() - used, _since(moved))
    return not guard.alone


def _cpu_seconds() -> float:
    """What all descendants that have been collected have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _since(before: tuple[int, int] | None) -> tuple[int, int] | None:
    """Bytes read and written since then; a little of it was the guardian's own."""
    now = linux.transferred()
    return (now[0] - before[0], now[1] - before[1]) if now and before else None


def _hear_signals() -> tuple[int, int]:
    hear, tell = os.pipe()
    for fd in (hear, tell):
        os.set_blocking(fd, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return hear, tell


class _Guard:
    def __init__(self, child: int, channel: socket.socket, wakeup: int, zygote: int | None) -> None:
        self._child = child
        self._channel = channel
        self._wakeup = wakeup
        self._zygote = zygote
        self._status: int | None = None
        self._deadline: float | None = None
        self.alone = False  # nobody is left to report to, or to be patient for
        self._left = 0

    def hand_over(self, to_child: socket.socket, fds: list[int]) -> bool:
        """Pass the kernel's order on to the child, with the pipes; False if the kernel is gone."""
        order, _ = protocol.receive_raw(self._channel)
        if order is None:
            self._end_now()
            return False
        # Told before it is so: a step of which the kernel has not heard this has not run, and may be tried again.
        self._tell({"started": self._child, "guardian": os.getpid()})
        try:
            protocol.send_raw(to_child, order, fds)
        except OSError:
            return True  # the child died before its order: its status says how
        finally:
            to_child.close()
            for fd in fds:
                os.close(fd)
        return True

    def watch(self) -> None:
        """Return when the child has ended, by itself or because it was told to."""
        while self._reap():
            ready, _, _ = select.select([self._channel, self._wakeup], [], [], self._wait_time())
            if self._wakeup in ready and signal.SIGTERM in os.read(self._wakeup, 512):
                self._end_now()
            if self._channel in ready:
                self._obey()
            if self._zygote is not None and os.getppid() != self._zygote:
                self._end_now()
            if self._deadline is not None and time.monotonic() >= self._deadline:
                kill(self._child)
                self._deadline = None

    def sweep(self) -> None:
        """End every process that the step left behind."""
        if not linux.IS_LINUX:
            kill(-self._child)  # no subreaper there: the child's own session is all that can be found
        patience = time.monotonic() + LINGER
        while self._reap_any():
            if not self.alone and time.monotonic() < patience:
                select.select([self._wakeup], [], [], 0.02)
                _drain(self._wakeup)
                continue
            left = linux.descendants(os.getpid())
            self._left = max(self._left, len(left))
            for pid in left:
                kill(pid)
            select.select([self._wakeup], [], [], 0.01)
            _drain(self._wakeup)

    def report(self, cpu: float, moved: tuple[int, int] | None) -> None:
        """Tell the kernel how the child ended, what the whole tree cost and how many processes were left."""
        self._tell({"ended": self._status, "cpu": cpu, "io": moved, "left": self._left})
        self._channel.close()

    def _obey(self) -> None:
        command, _ = protocol.receive(self._channel)
        if command is None:
            self._end_now()
        elif self._deadline is None:
            self._deadline = time.monotonic() + float(command["end"])
            kill(self._child, signal.SIGTERM)

    def _end_now(self) -> None:
        self.alone = True
        kill(self._child)

    def _reap(self) -> bool:
        """Collect who has ended; whether the child has not."""
        while self._status is None:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return True
            if pid == self._child:
                self._status = status
        return False

    def _reap_any(self) -> bool:
        """Collect who has ended; whether anybody has not."""
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return True
                if pid == self._child:
                    self._status = status
        except ChildProcessError:
            return False

    def _wait_time(self) -> float:
        if self._deadline is None:
            return _TICK
        return max(0.0, min(_TICK, self._deadline - time.monotonic()))

    def _tell(self, message: Any) -> None:
        try:
            protocol.send(self._channel, message)
        except OSError:
            self.alone = True


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to a process that may have ended already."""
    with contextlib.suppress(OSError):
        os.kill(pid, number)


def _drain(fd: int) -> None:
    with contextlib.suppress(BlockingIOError):
        os.read(fd, 512)
