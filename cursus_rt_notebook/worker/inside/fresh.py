"""A step without a zygote: its guardian and the step itself each in a new interpreter, with the same messages."""

from __future__ import annotations

import os
import socket
import sys

from . import child, guardian, loader


def guard(fd: int, startup: set[str]) -> None:
    """Guard a step whose process is a new interpreter: where there is no zygote."""
    del startup
    guardian.run(socket.socket(fileno=fd), _exec_child, None)
    os._exit(0)


def _exec_child(guardians_fds: list[int]) -> tuple[int, socket.socket]:
    del guardians_fds  # not inherited over exec
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        theirs.set_inheritable(True)
        boot = os.path.join(os.path.dirname(os.path.abspath(__file__)), "boot.py")
        # Not a plain fork: on macOS many libraries do not survive one.
        os.execv(  # noqa: S606 - no shell is meant
            sys.executable, [sys.executable, "-B", boot, "child", str(theirs.fileno())]
        )
    theirs.close()
    return pid, ours


def be_child(fd: int, startup: set[str]) -> None:
    """Be the step's own process."""
    sock = socket.socket(fileno=fd)
    sock.set_inheritable(False)
    loader.install()
    child.run(sock, os.getppid(), startup)
