"""The kernel's end of the reader: its process, the socket to it, and the watch over its memory and time."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final, Literal

import psutil

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.wire import Incoming, send
from cursus_rt_notebook.errors import DataError
from cursus_rt_notebook.worker.process import Process, start_helper

_SLICE: Final = 0.02  # between two looks at the reader's memory, which can grow by gigabytes a second
_ROOT: Final = str(Path(settings.__file__).parents[1])
_CODE: Final = (
    "import sys; sys.path[:0] = [p for p in {root!r} if p not in sys.path]; "
    "sys.path += [p for p in {paths!r} if p not in sys.path]; "
    "from cursus_rt_notebook.data.scan.process import main; main({arguments})"
)
Why = Literal["ended", "memory", "time", "cancelled", "signal"]


class LinkEnded(Exception):  # it is no error until somebody is to blame
    """The reader's process is gone: why, by which signal, and which file it was looking at, or copying meanwhile."""

    def __init__(self, why: Why, at: str, code: int | None, copying: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.at = at
        self.copying = copying
        self.code = code


class Link:
    """One reader process, started in the background. One question at a time.

    A thread of its own starts the process and waits for its end: a process that asks to die with its parent dies with
    the thread that started it.
    """

    def __init__(self, memory: int, idle: float, copies: int) -> None:
        self.memory = memory
        self._sock, self._theirs = socket.socketpair()
        self._arguments = (os.getpid(), memory, idle, copies)
        self._incoming = Incoming()
        self._process: Process | None = None
        self._why: Why = "ended"
        self._ready = False
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._live, name="cursus-reader", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The process's id, once it has one."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether the process runs, or is about to."""
        return self._thread.is_alive()

    def wait_ready(self) -> None:
        """Wait until the process can answer.

        Raises:
            DataError: it could not start.
            LinkEnded: it was ended by somebody.
        """
        if self._ready:
            return
        try:
            message, _ = self._receive(settings.START_TIMEOUT)
        except LinkEnded as ended:
            if ended.why == "cancelled":
                raise
            raise DataError("the reader, which looks at data, could not start", fix=_CHECK, code=ended.code) from None
        if "failed" in message:
            raise DataError(f"the reader, which looks at data, could not start: {message['failed']}", fix=_CHECK)
        self._ready = True

    def ask(self, question: dict[str, Any], limit: float) -> tuple[dict[str, Any], bytes]:
        """Ask, and wait for the answer no longer than `limit` seconds.

        Raises:
            LinkEnded: the process ended, or was ended because it took too long or too much memory.
        """
        self.wait_ready()
        files = question["files"]
        self._at = str(files[0]["path"]) if files else ""
        try:
            self._sock.settimeout(limit)
            send(self._sock, question)
        except OSError:
            raise self._gone() from None
        return self._receive(limit)

    def kill(self, why: Why) -> None:
        """End the process at once; whoever waits for an answer learns why. From any thread."""
        self._why = why
        self._started.wait(settings.START_TIMEOUT)
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the process and wait until nothing of it is left."""
        with contextlib.suppress(OSError):  # the other side was first
            self._sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(settings.WAIT_SLICE)
        if self._thread.is_alive():
            self.kill(self._why)
            self._thread.join(settings.KILL_GRACE)
        self._sock.close()

    _at = ""
    _copying = ""

    def _live(self) -> None:
        try:
            self._process = _start(self._theirs.fileno(), *self._arguments)
        except OSError:
            return
        finally:
            self._theirs.close()
            self._started.set()
        self._process.wait()

    def _receive(self, limit: float) -> tuple[dict[str, Any], bytes]:
        deadline = time.monotonic() + limit
        self._sock.settimeout(_SLICE)
        while True:
            message = self._incoming.take()
            if message is None:
                self._feed(deadline)
            elif "at" in message[0]:
                self._at = message[0]["at"]
            elif "copying" in message[0]:
                self._copying = message[0]["copying"]
            else:
                return message

    def _feed(self, deadline: float) -> None:
        try:
            alive = self._incoming.feed(self._sock)
        except TimeoutError:
            alive = True
        except OSError:
            alive = False
        if not alive:
            raise self._gone()
        if time.monotonic() > deadline:
            self.kill("time")
        elif _private_memory(self.pid) > self.memory:
            self.kill("memory")

    def _gone(self) -> LinkEnded:
        self._thread.join(settings.KILL_GRACE)
        code = self._process.returncode if self._process else None
        why: Why = "signal" if self._why == "ended" and code != 0 else self._why
        return LinkEnded(why, self._at, code, self._copying)


_CHECK: Final = f"try it by hand: {sys.executable} -c 'import polars'"


def signal_name(code: int | None) -> str:
    """How a process ended, for people."""
    if code is None or code >= 0:
        return f"exit code {code}"
    return signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"


def _start(fd: int, *arguments: float) -> Process:
    paths = [str(Path(path).absolute()) for path in sys.path if path]
    code = _CODE.format(root=[_ROOT], paths=paths, arguments=", ".join(map(str, (fd, *arguments))))
    threads = str(min(settings.READER_THREADS, os.cpu_count() or 1))
    env = {**os.environ, "POLARS_MAX_THREADS": threads, "OMP_NUM_THREADS": "1", "RUST_BACKTRACE": "0"}
    env["_RJEM_MALLOC_CONF"] = "retain:false"  # polars' allocator keeps address space otherwise, which is limited
    return start_helper([sys.executable, "-B", "-P", "-c", code], env=env, pass_fds=(fd,))


def _private_memory(pid: int | None) -> int:
    """Bytes a process holds for itself: pages of the files it reads do not count."""
    if pid is None:
        return 0
    try:
        memory = psutil.Process(pid).memory_info()
    except psutil.Error:
        return 0
    return int(memory.rss) - int(getattr(memory, "shared", 0))
