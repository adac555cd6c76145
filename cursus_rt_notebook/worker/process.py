"""The only place that starts processes (besides the graph's `dot`)."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_BOOT = str(Path(__file__).parent / "inside" / "boot.py")

Process = subprocess.Popen[bytes]


def start_inside(
    python: str, role: str, sock: socket.socket, env: Mapping[str, str], output: IO[Any] | None = None
) -> Process:
    """Start `python` in one of the roles of `worker.inside`, talking over `sock`.

    Args:
        python: The interpreter; it needs none of our packages.
        role: One of `inside.roles.ROLES`.
        sock: The new process's end of a socket pair; closed here once it is handed on.
        env: The whole environment.
        output: Where its own output goes; nowhere by default.

    Raises:
        OSError: there is no such interpreter, or it cannot be run.
    """
    # -B: what a step spawns (multiprocessing's spawn hands the flag on) writes no .pyc beside the user's files.
    argv = [python, "-B", _BOOT, role, str(sock.fileno())]
    with sock:
        return start_helper(argv, env=env, pass_fds=(sock.fileno(),), output=output)


def start_helper(
    argv: Sequence[str], *, env: Mapping[str, str], pass_fds: Sequence[int] = (), output: IO[Any] | None = None
) -> Process:
    """Start a process of our own: no terminal, its own session, only the descriptors named, in the root folder."""
    return subprocess.Popen(  # noqa: S603 - the user's own interpreter, or ours
        list(argv),
        stdin=subprocess.DEVNULL,
        stdout=output if output is not None else subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        env=dict(env),
        pass_fds=tuple(pass_fds),
        cwd=os.sep,
        start_new_session=True,
    )


def end(process: Process, patience: float = 0.0) -> int:
    """Wait up to `patience` seconds for a process to end by itself, then kill its session; its exit status."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.wait(patience)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()
