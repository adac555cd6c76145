"""The zygote's guardians: those that see a step to its end, and those that wait for one, child at hand.

A guardian that has finished, and so has no process left below it, waits for the next step: a step then costs one fork
of the image, not two, and that fork is done while nobody waits.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from typing import Callable, NoReturn

from . import guardian, linux, protocol

_KEPT = 3  # that wait; each holds the page tables of two copies
BeGuardian = Callable[[socket.socket], NoReturn]


class Crew:
    """Guardians by process number; `be_guardian` is what each one becomes after its fork."""

    def __init__(self, be_guardian: BeGuardian) -> None:
        self._be_guardian = be_guardian
        self._waiting: dict[int, socket.socket] = {}
        self._busy: dict[int, socket.socket] = {}
        self._leaving: set[int] = set()

    @property
    def busy(self) -> bool:
        """Whether any step runs."""
        return bool(self._busy)

    @property
    def empty(self) -> bool:
        """Whether every guardian has ended."""
        return not (self._waiting or self._busy or self._leaving)

    def sockets(self) -> list[socket.socket]:
        """Those on which a guardian tells that it has finished."""
        return list(self._busy.values())

    def make_ready(self) -> None:
        """See that one guardian waits."""
        if self._waiting:
            return
        ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError:  # too many processes: the next step may find room
            pid = -1
        if pid == 0:
            # Held open here, the others would never see the zygote close them.
            for sock in (ours, *self._waiting.values(), *self._busy.values()):
                sock.close()
            self._be_guardian(theirs)
        theirs.close()
        if pid > 0:
            self._waiting[pid] = ours
        else:
            ours.close()

    def hand_over(self, fds: list[int]) -> None:
        """Give a step's descriptors to a guardian; where there is none the kernel sees its channel close."""
        self.make_ready()
        if self._waiting:
            pid = next(iter(self._waiting))
            self._busy[pid] = self._waiting.pop(pid)
            with contextlib.suppress(OSError):  # it died meanwhile
                protocol.send(self._busy[pid], {}, fds)
        for fd in fds:
            os.close(fd)

    def hear(self, sock: socket.socket, *, keep: bool) -> None:
        """Take back a guardian that has finished, or let it go."""
        pid = next(pid for pid, held in self._busy.items() if held is sock)
        del self._busy[pid]
        message, _ = protocol.receive(sock)
        if message is not None and keep and len(self._waiting) < _KEPT:
            self._waiting[pid] = sock
        else:
            sock.close()
            self._leaving.add(pid)

    def dismiss(self) -> None:
        """Let those go that wait."""
        self._leaving.update(self._waiting)
        _close_all(self._waiting)

    def end(self) -> None:
        """Have every step ended."""
        self.dismiss()
        for pid in self._busy:
            guardian.kill(pid, signal.SIGTERM)
        self._leaving.update(self._busy)
        _close_all(self._busy)

    def reap(self) -> None:
        """Collect the guardians that have ended, and end what one that was killed has left."""
        suspicious = False
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                suspicious = suspicious or status != 0 or not self._forget(pid)
                self._forget(pid)
        if suspicious:
            self._end_strays()

    def _forget(self, pid: int) -> bool:
        known = pid in self._leaving or pid in self._waiting or pid in self._busy
        self._leaving.discard(pid)
        for held in (self._waiting, self._busy):
            sock = held.pop(pid, None)
            if sock is not None:
                sock.close()
        return known

    def _end_strays(self) -> None:
        # Being a subreaper too, the zygote inherits what a killed guardian leaves.
        known = {*self._waiting, *self._busy, *self._leaving}
        for stray in set(linux.children(os.getpid())) - known:
            for pid in (*linux.descendants(stray), stray):
                guardian.kill(pid)


def _close_all(held: dict[int, socket.socket]) -> None:
    for sock in held.values():
        sock.close()
    held.clear()
