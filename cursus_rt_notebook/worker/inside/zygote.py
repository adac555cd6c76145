"""The zygote: a process that has imported the libraries, and is copied for each step.

It imports and never computes, so that its copies can use every library. One guardian with its child is always made
ahead of need, while nobody waits.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import time
import traceback
from typing import Callable, NoReturn

from . import child, guardian, linux, preload, protocol

_TICK = 1.0
_LEAVING = 1.5
# What every step needs, though none of it is needed here.
_AHEAD = ("argparse", "logging", "random", "subprocess", "threading")


def serve(fd: int, startup: set[str]) -> None:
    """Load what the kernel names, then start steps for it until it is gone or nothing has come for long."""
    control = socket.socket(fileno=fd)
    setup, _ = protocol.receive(control)
    if setup is None:
        return
    linux.end_with(fd)  # an import may take long, and meanwhile nobody listens
    problems = preload.preload(
        setup["modules"], setup["hidden"], startup, lambda name: protocol.send(control, {"importing": name})
    )
    linux.live_without(fd)
    if not setup["hidden"]:
        for name in _AHEAD:
            importlib.import_module(name)
    if problems:
        protocol.send(control, {"problems": problems})
        return
    linux.become_subreaper()
    gc.collect()
    # Else each child's first collection would touch, and so copy, every object of every library.
    gc.freeze()
    loaded = sorted({name.partition(".")[0] for name in set(sys.modules) - startup})
    _Zygote(control, startup, float(setup["idle"])).run({"ready": True, "loaded": loaded})


class _Zygote:
    def __init__(self, control: socket.socket, startup: set[str], idle: float) -> None:
        self._control = control
        self._startup = startup
        self._idle = idle
        self._pid = os.getpid()
        self._kernel = os.getppid()
        self._guardians: set[int] = set()
        self._spare: tuple[int, socket.socket] | None = None
        self._wakeup = self._hear_children()
        self._used = time.monotonic()
        self._retired = False

    def run(self, hello: protocol.Message) -> NoReturn:
        """Serve until the end; then leave, without what the libraries registered for it."""
        self._make_spare()
        protocol.send(self._control, hello)
        while self._wanted():
            ready, _, _ = select.select([self._control, self._wakeup[0]], [], [], _TICK)
            self._reap()
            if self._control in ready and not self._obey():
                break
            if not self._retired:
                self._make_spare()
        self._leave()

    def _leave(self) -> NoReturn:
        """End every step, and wait until the guardians have left nothing behind."""
        self._drop_spare()
        for pid in self._guardians:
            guardian.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _LEAVING
        while self._guardians and time.monotonic() < deadline:
            select.select([self._wakeup[0]], [], [], 0.05)
            self._reap()
        os._exit(0)

    def _wanted(self) -> bool:
        if os.getppid() != self._kernel:
            return False  # the kernel is gone, though a copy of it may hold our socket open
        busy = len(self._guardians) > (0 if self._spare is None else 1)
        return busy or not (self._retired or time.monotonic() - self._used > self._idle)

    @staticmethod
    def _hear_children() -> tuple[int, int]:
        hear, tell = os.pipe()
        for end in (hear, tell):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        return hear, tell

    def _obey(self) -> bool:
        message, fds = protocol.receive(self._control)
        if message is None:
            return False
        if "retire" in message:
            self._retired = True
            self._drop_spare()
            return True
        self._used = time.monotonic()
        self._hand_over(fds)
        return True

    def _hand_over(self, fds: list[int]) -> None:
        """Give a step's descriptors to the spare guardian; without one the kernel sees its channel close."""
        self._make_spare()
        if self._spare is not None:
            with contextlib.suppress(OSError):  # it died meanwhile: the kernel sees its channel close
                protocol.send(self._spare[1], {}, fds)
            self._spare[1].close()
            self._spare = None
        for fd in fds:
            os.close(fd)

    def _make_spare(self) -> None:
        if self._spare is not None:
            return
        ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError:  # too many processes: the next step may find room
            ours.close()
            theirs.close()
            return
        if pid == 0:
            self._be_guardian(ours, theirs)
        theirs.close()
        self._guardians.add(pid)
        self._spare = (pid, ours)

    def _drop_spare(self) -> None:
        if self._spare is not None:
            self._spare[1].close()
            self._spare = None

    def _be_guardian(self, ours: socket.socket, theirs: socket.socket) -> NoReturn:
        _never_return(lambda: self._guard(ours, theirs))

    def _guard(self, ours: socket.socket, theirs: socket.socket) -> None:
        signal.set_wakeup_fd(-1)
        for end in self._wakeup:
            os.close(end)
        ours.close()
        self._control.close()
        os.setsid()
        guardian.run(theirs, self._fork_child, self._pid)

    def _fork_child(self, guardians_fds: list[int]) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            ours.close()
            for fd in guardians_fds:
                os.close(fd)
            _never_return(lambda: child.run(theirs, parent, self._startup))
        theirs.close()
        return pid, ours

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wakeup[0], 512)
        strays = False
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            strays = strays or status != 0 or pid not in self._guardians
            self._guardians.discard(pid)
            if self._spare is not None and self._spare[0] == pid:
                self._drop_spare()
        if strays:
            self._end_strays()

    def _end_strays(self) -> None:
        """End what a guardian that was killed has left: being a subreaper too, this process inherits it."""
        for stray in set(linux.children(self._pid)) - self._guardians:
            for pid in (*linux.descendants(stray), stray):
                guardian.kill(pid)


def _never_return(run: Callable[[], object]) -> NoReturn:
    """Run the rest of a forked process; what it raises must not go up into a copy of its parent's code."""
    status = 1
    try:
        run()
        status = 0
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        os._exit(status)
