"""The reader's own process: waits for questions, answers them, and ends with the kernel, when idle, or when told to."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.tables import TableFile
from cursus_rt_notebook.data.wire import Incoming, send
from cursus_rt_notebook.errors import DataError

_PR_SET_PDEATHSIG = 1


def main(fd: int, parent: int, memory: int, idle: float, copies: int) -> None:
    """Serve the socket `fd` until the kernel, process `parent`, is gone or asked nothing for `idle` seconds."""
    sock = socket.socket(fileno=fd)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with(parent)
    _limit(memory, copies)
    threading.Thread(target=_watch, args=(sock,), daemon=True).start()
    code = 1
    try:
        looker = _ready(sock, copies)
        sock.settimeout(idle)
        _serve(sock, looker)
        code = 0
    except (ConnectionError, TimeoutError):
        code = 0  # the kernel is gone, or has not asked for long
    finally:
        os._exit(code)


def _ready(sock: socket.socket, copies: int) -> Any:
    try:
        looker = _looker(sock, copies)
    except BaseException as error:
        send(sock, {"failed": f"{type(error).__name__}: {error}"[:300]})
        raise
    send(sock, {"ready": True})
    return looker


def _looker(sock: socket.socket, copies: int) -> Any:
    import polars as pl

    from cursus_rt_notebook.data.scan.look import Looker

    # The first query of a process takes 30 ms more than the next.
    pl.DataFrame({"a": ["1"]}).lazy().select(pl.col("a").cast(pl.Int64, strict=False).count()).collect()
    return Looker(lambda path: tell(sock, {"at": path}), lambda path: tell(sock, {"copying": path}), copies)


def tell(sock: socket.socket, message: dict[str, Any], payload: bytes = b"") -> None:
    """Send one message, from any thread."""
    with _sending:
        send(sock, message, payload)


_sending = threading.Lock()


def _serve(sock: socket.socket, looker: Any) -> None:
    incoming = Incoming()
    while True:
        question = incoming.take()
        if question is not None:
            message, payload = _answer(looker, question[0])
            tell(sock, message, payload)
            continue
        if not incoming.feed(sock):
            return


def _answer(looker: Any, question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        files = [TableFile(**file) for file in question["files"]]
        result = getattr(looker, question["ask"])(files, **question["with"])
    except DataError as error:
        told = {"error": type(error).__name__, "message": error.message, "fix": error.fix, "path": error.path}
        return told, b""
    except MemoryError:
        return {"error": "memory"}, b""
    except BaseException as error:  # noqa: BLE001  # polars' panics are BaseExceptions
        reason = " ".join(str(error).split())[:300]
        return {"error": "Unreadable", "message": f"{files_named(question)} cannot be read: {reason}", "fix": ""}, b""
    if isinstance(result, list) and all(isinstance(part, bytes) for part in result):
        return {"answer": [len(part) for part in result]}, b"".join(result)
    return {"answer": result}, b""


def files_named(question: dict[str, Any]) -> str:
    """The files of a question, for a message."""
    names = [Path(file["path"]).name for file in question["files"]]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1:,} more"


def _watch(sock: socket.socket) -> None:
    """End the process when the kernel closes its end, also in the middle of a question."""
    poller = select.poll()
    poller.register(sock, getattr(select, "POLLRDHUP", 0))
    poller.poll()
    os._exit(0)


def _die_with(parent: int) -> None:
    # The end of the socket says the same, but only to who holds the interpreter's lock.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)


def _limit(memory: int, copies: int) -> None:
    """Stop a sudden growth. The limit itself is the kernel's to keep: allocators reserve many times what they use."""
    if sys.platform != "linux":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (16 * memory, 16 * memory))
    largest = max(copies, settings.READER_UNPACKED)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    with contextlib.suppress(OSError), Path("/proc/self/oom_score_adj").open("w") as file:
        file.write("900")
