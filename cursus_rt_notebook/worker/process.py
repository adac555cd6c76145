"""The only place that starts processes (besides the graph's `dot`)."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cursus_rt_notebook import settings

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


@dataclass(frozen=True)
class Finished:
    """How a helper ended: its exit status, what it wrote (the end of it, where it was much), whether its time was up."""

    status: int
    output: str
    timed_out: bool = False

    @property
    def well(self) -> bool:
        """Whether it did what it was to do."""
        return self.status == 0 and not self.timed_out


def run_helper(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    timeout: float,
    on_line: Callable[[str], object] | None = None,
) -> Finished:
    """Run a process of our own to its end, and read what it writes.

    Whatever interrupts the wait, a KeyboardInterrupt too, ends the process and all that it started in its session.

    Args:
        argv: The program and its arguments.
        env: The whole environment.
        timeout: Seconds that it may take.
        on_line: Called with each line as it is written.

    Returns:
        How it ended; a program that is not there, or cannot be run, has ended with status 127, as in a shell.
    """
    reading, writing = os.pipe()
    with open(reading, "rb", buffering=0) as output:
        try:
            with open(writing, "wb", buffering=0) as theirs:
                process = start_helper(argv, env=env, output=theirs)
        except OSError as error:
            return Finished(127, f"{argv[0]} cannot be run: {error}")
        try:
            text, in_time = _read_all(process, output, time.monotonic() + timeout, on_line)
        finally:
            status = end(process)
    return Finished(status, text, timed_out=not in_time)


def _read_all(
    process: Process, output: IO[bytes], deadline: float, on_line: Callable[[str], object] | None
) -> tuple[str, bool]:
    """What the process writes until it has ended; and whether it has, in time."""
    kept, line = b"", b""
    while True:
        ended = process.poll() is not None
        ready = select.select([output], [], [], 0 if ended else settings.WAIT_SLICE)[0]
        piece = output.read(settings.HELPER_OUTPUT) if ready else b""
        if ready and not piece:  # nobody can write any more; it may take a moment to end
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(settings.KILL_GRACE)
        if ended and not piece:
            return kept.decode("utf-8", "replace"), True
        kept = (kept + piece)[-settings.HELPER_OUTPUT :]
        *lines, line = (line + piece).replace(b"\r", b"\n").split(b"\n")
        if on_line is not None:
            for each in lines:
                on_line(each.decode("utf-8", "replace"))
        if time.monotonic() > deadline:
            return kept.decode("utf-8", "replace"), False


def end(process: Process, patience: float = 0.0) -> int:
    """Wait up to `patience` seconds for a process to end by itself, then kill its session; its exit status."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.wait(patience)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()
