"""The zygote: a process that has imported the libraries, and is copied for each step.

It imports and never computes, so that its copies can use every library. Guardians, each with its child, are made ahead
of need: one, or as many as the kernel says may be wanted at once.
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

from . import child, crew, forget, guardian, linux, loader, preload, protocol

_TICK = 1.0
_LEAVING = 1.5
# What every step needs, though none of it is needed here.
_AHEAD = ("argparse", "logging", "pathlib", "random", "subprocess", "threading", "typing")
_SPARE = 3  # guardians that may rest; each holds the page tables of a copy


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
    forget.forget_libraries()
    loader.install()
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
        self._crew = crew.Crew(self._be_guardian)
        self._wakeup = self._hear_children()
        self._used = time.monotonic()
        self._retired = False
        self._ahead = 1

    def run(self, hello: protocol.Message) -> NoReturn:
        """Serve until the end; then leave, without what the libraries registered for it."""
        self._crew.make_ready()
        protocol.send(self._control, hello)
        while self._wanted():
            finished = self._crew.sockets()
            lacking = not self._retired and self._crew.lacks(self._ahead)
            ready, _, _ = select.select([self._control, self._wakeup[0], *finished], [], [], 0 if lacking else _TICK)
            for sock in finished:
                if sock in ready:
                    self._crew.hear(sock, keep=0 if self._retired else _SPARE)
            self._reap()
            if self._control in ready:
                if not self._obey():
                    break
            elif lacking:  # one at a time, and only while nobody asks for anything
                self._crew.make_ready()
        self._leave()

    def _leave(self) -> NoReturn:
        """End every step, and wait until the guardians have left nothing behind."""
        self._crew.end()
        deadline = time.monotonic() + _LEAVING
        while not self._crew.empty and time.monotonic() < deadline:
            select.select([self._wakeup[0]], [], [], 0.05)
            self._reap()
        os._exit(0)

    def _wanted(self) -> bool:
        if os.getppid() != self._kernel:
            return False  # the kernel is gone, though a copy of it may hold our socket open
        return self._crew.busy or not (self._retired or time.monotonic() - self._used > self._idle)

    @staticmethod
    def _hear_children() -> tuple[int, int]:
        hear, tell = os.pipe()
        for end in (hear, tell):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        return hear, tell

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wakeup[0], 512)
        self._crew.reap()

    def _obey(self) -> bool:
        message, fds = protocol.receive(self._control)
        if message is None:
            return False
        self._used = time.monotonic()
        if "retire" in message:
            self._retired = True
            self._crew.dismiss()
        else:
            self._ahead = message["ahead"]
            self._crew.hand_over(fds)
        return True

    def _be_guardian(self, sock: socket.socket) -> NoReturn:
        _never_return(lambda: self._guard(sock))

    def _guard(self, sock: socket.socket) -> None:
        signal.set_wakeup_fd(-1)
        for end in self._wakeup:
            os.close(end)
        self._control.close()
        os.setsid()
        guardian.run(sock, self._fork_child, self._pid)

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
