"""A step without a zygote: its guardian and the step itself each in a new interpreter, with the same messages."""

from __future__ import annotations

import os
import socket
import sys
from typing import List, Set, Tuple

from . import child, guardian


def guard(fd: int, startup: Set[str]) -> None:
    """Guard a step whose process is a new interpreter: where there is no zygote."""
    del startup
    guardian.run(socket.socket(fileno=fd), _exec_child, None)
    os._exit(0)


def _exec_child(guardians_fds: List[int]) -> Tuple[int, socket.socket]:
    del guardians_fds  # not inherited over exec
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        theirs.set_inheritable(True)
        boot = os.path.join(os.path.dirname(os.path.abspath(__file__)), "boot.py")
        os.execv(sys.executable, [sys.executable, "-B", boot, "child", str(theirs.fileno())])
    theirs.close()
    return pid, ours


def be_child(fd: int, startup: Set[str]) -> None:
    """Be the step's own process."""
    sock = socket.socket(fileno=fd)
    sock.set_inheritable(False)
    sys.dont_write_bytecode = False  # -B is for the processes that a step spawns; libraries may keep theirs
    child.run(sock, os.getppid(), startup)

