"""The world that a step finds: its environment, folder, arguments, streams and `__main__`, as production has them."""

from __future__ import annotations

import builtins
import faulthandler
import fcntl
import os
import sys
import time
import types
from typing import Any

from . import protocol

_NO_TERMINAL = "steps have no terminal"
_HIGH_FD = 512


def enter(order: protocol.Message, log: int) -> None:
    """Set up all that a script may look at, except how it imports."""
    _streams(log)
    _environment(order["environ"])
    os.chdir(order["cwd"])
    sys.argv[:] = [order["script"], *order["argv"]]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = [sys.executable, *sys.argv]
    _remember_folder(order["cwd"])


def _environment(wanted: dict[str, str]) -> None:
    if dict(os.environ) != wanted:
        os.environ.clear()
        os.environ.update(wanted)
    if hasattr(time, "tzset"):
        time.tzset()


def _streams(log: int) -> None:
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    # What a library kept of the zygote's streams writes to the same descriptors.
    old: list[Any] = [sys.stdout, sys.stderr]
    for stream in old:
        stream.reconfigure(line_buffering=True)
    sys.stdout = sys.__stdout__ = _stream(1)
    sys.stderr = sys.__stderr__ = _stream(2)
    faulthandler.enable(2)


def _stream(fd: int) -> Any:
    return open(fd, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)


def fresh_main() -> None:
    """A `__main__` of the step's own: multiprocessing's spawn imports whatever file `__main__` names."""
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = main


def _remember_folder(cwd: str) -> None:
    process: Any = sys.modules.get("multiprocessing.process")
    if process is not None:
        process.ORIGINAL_DIR = cwd


def no_terminal() -> None:
    """Make input() and breakpoint() end at once, and say why: nobody can answer them."""
    builtins.input = _input  # type: ignore[assignment]
    sys.breakpointhook = _breakpoint


def _input(prompt: Any = "") -> str:
    _say(f"{prompt}\n{_NO_TERMINAL}: input() finds the end of its input")
    raise EOFError(f"{_NO_TERMINAL}: input() finds the end of its input")


def _breakpoint(*args: Any, **kwargs: Any) -> Any:
    if "PYTHONBREAKPOINT" in os.environ:
        return sys.__breakpointhook__(*args, **kwargs)  # noqa: T100 - the step has declared what it wants
    _say(f"{_NO_TERMINAL}: breakpoint() cannot stop here")
    raise EOFError(f"{_NO_TERMINAL}: breakpoint() cannot stop here; give the session a breakpoint at this step")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def move_high(fd: int) -> int:
    """The same pipe under a high number, which scripts that close "all" low descriptors leave alone."""
    try:
        high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _HIGH_FD)
    except OSError:
        return fd  # a low limit of open files
    os.close(fd)
    return high
