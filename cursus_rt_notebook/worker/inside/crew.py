"""The zygote's guardians: those that see a step to its end, those that wait for one, child at hand, and those that rest.

A guardian that has finished, and so has no process left below it, is made ready for another step when one may be
wanted: a step then costs one fork of the image, not two, and that fork is done while nobody waits.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from typing import Callable, NoReturn

from . import guardian, linux, protocol

BeGuardian = Callable[[socket.socket], NoReturn]


class Crew:
    """Guardians by process number; `be_guardian` is what each one becomes after its fork."""

    def __init__(self, be_guardian: BeGuardian) -> None:
        self._be_guardian = be_guardian
        self._waiting: dict[int, socket.socket] = {}
        self._busy: dict[int, socket.socket] = {}
        self._resting: dict[int, socket.socket] = {}
        self._leaving: set[int] = set()

    @property
    def busy(self) -> bool:
        """Whether any step runs."""
        return bool(self._busy)

    @property
    def empty(self) -> bool:
        """Whether every guardian has ended."""
        return not (self._waiting or self._busy or self._resting or self._leaving)

    def sockets(self) -> list[socket.socket]:
        """Those on which a guardian tells that it has finished."""
        return list(self._busy.values())

    def lacks(self, count: int) -> bool:
        """Whether fewer than `count` guardians wait."""
        return len(self._waiting) < count

    def make_ready(self) -> None:
        """Add one guardian to those that wait: one that rests, else a new one."""
        while self._resting:
            pid, sock = self._resting.popitem()
            self._waiting[pid] = sock
            with contextlib.suppress(OSError):  # it has died; the next step will find that out
                protocol.send(sock, {"ready": True})
                return
            self._let_go(self._waiting, pid)
        self._fork()

    def _fork(self) -> None:
        ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError:  # too many processes: the next step may find room
            pid = -1
        if pid == 0:
            # Held open here, the others would never see the zygote close them.
            for sock in (ours, *self._waiting.values(), *self._busy.values(), *self._resting.values()):
                sock.close()
            self._be_guardian(theirs)
        theirs.close()
        if pid > 0:
            self._waiting[pid] = ours
        else:
            ours.close()

    def hand_over(self, fds: list[int]) -> None:
        """Give a step's descriptors to a guardian; where there is none the kernel sees its channel close."""
        if not self._waiting:
            self.make_ready()
        if self._waiting:
            pid = next(iter(self._waiting))
            self._busy[pid] = self._waiting.pop(pid)
            with contextlib.suppress(OSError):  # it died meanwhile
                protocol.send(self._busy[pid], {}, fds)
        for fd in fds:
            os.close(fd)

    def hear(self, sock: socket.socket, *, keep: int) -> None:
        """Let a guardian that has finished rest, or go if `keep` rest already."""
        pid = next(pid for pid, held in self._busy.items() if held is sock)
        message, _ = protocol.receive(sock)
        if message is not None and len(self._resting) < keep:
            self._resting[pid] = self._busy.pop(pid)
        else:
            self._let_go(self._busy, pid)

    def dismiss(self) -> None:
        """Let those go that wait or rest."""
        for held in (self._waiting, self._resting):
            for pid in list(held):
                self._let_go(held, pid)

    def _let_go(self, held: dict[int, socket.socket], pid: int) -> None:
        held.pop(pid).close()
        self._leaving.add(pid)

    def end(self) -> None:
        """Have every step ended."""
        self.dismiss()
        for pid in list(self._busy):
            guardian.kill(pid, signal.SIGTERM)
            self._let_go(self._busy, pid)

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
        held_by = (self._waiting, self._busy, self._resting)
        known = pid in self._leaving or any(pid in held for held in held_by)
        self._leaving.discard(pid)
        for held in held_by:
            sock = held.pop(pid, None)
            if sock is not None:
                sock.close()
        return known

    def _end_strays(self) -> None:
        # Being a subreaper too, the zygote inherits what a killed guardian leaves.
        known = {*self._waiting, *self._busy, *self._resting, *self._leaving}
        for stray in set(linux.children(os.getpid())) - known:
            for pid in (*linux.descendants(stray), stray):
                guardian.kill(pid)
