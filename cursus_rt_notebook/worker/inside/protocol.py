"""What the kernel and a step's processes say to each other: JSON in frames.

Two forms. On sockets, messages of any length, with file descriptors where needed. On the report pipe, to which every
process of the step may write at once, small frames that the system writes whole::

    kernel  <── socket ──>  zygote      modules to load; steps to start, each with its three descriptors
    kernel  <── socket ──>  guardian    the order; started, ended; an end to make
    child   ─── pipe ───>   kernel      the report, files opened, pip calls skipped, effects
"""

from __future__ import annotations

import array
import json
import os
import select
import socket
import struct
from typing import Any, Dict, Iterator, Sequence

Message = Dict[str, Any]

_LENGTH = struct.Struct("!I")
_FRAME = struct.Struct("!cH")
_MAX_FDS = 4
# PIPE_BUF: a write of up to this size is never mixed with another process's.
_PAYLOAD = getattr(select, "PIPE_BUF", 512) - _FRAME.size

# Kept from before the script runs: it may put anything in their place.
_dumps, _write = json.dumps, os.write

PART, REPORT, OPENED, READ, PIP, EFFECT = b"p", b"r", b"o", b"n", b"i", b"e"


def encode(message: Message) -> bytes:
    """The bytes of a message without its length."""
    return _dumps(message).encode("ascii")


def send(sock: socket.socket, message: Message, fds: Sequence[int] = ()) -> None:
    """Send one message, with file descriptors if there are any."""
    send_raw(sock, encode(message), fds)


def send_raw(sock: socket.socket, data: bytes, fds: Sequence[int] = ()) -> None:
    """Send one message that is encoded already."""
    frame = _LENGTH.pack(len(data)) + data
    if not fds:
        sock.sendall(frame)
        return
    rights = array.array("i", fds)
    sent = sock.sendmsg([frame], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    if sent < len(frame):  # sending nothing to a peer that is done and gone already would be an error
        sock.sendall(frame[sent:])


def receive(sock: socket.socket) -> tuple[Message | None, list[int]]:
    """The next message and its file descriptors; None when the other side is gone, however it went."""
    data, fds = receive_raw(sock)
    return (None if data is None else json.loads(data.decode("ascii"))), fds


def receive_raw(sock: socket.socket) -> tuple[bytes | None, list[int]]:
    """The next message, not decoded. A peer that was killed shows as an end or as a reset connection."""
    try:
        head, fds = _receive_head(sock)
        body = _exactly(sock, _LENGTH.unpack(head)[0]) if head else None
    except (ConnectionError, TimeoutError):
        return None, []
    return body, fds


def _receive_head(sock: socket.socket) -> tuple[bytes, list[int]]:
    space = socket.CMSG_SPACE(_MAX_FDS * struct.calcsize("i"))
    # The descriptors come with the first byte.
    head, ancillary, _, _ = sock.recvmsg(_LENGTH.size, space, getattr(socket, "MSG_CMSG_CLOEXEC", 0))
    fds = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    if head and len(head) < _LENGTH.size:
        rest = _exactly(sock, _LENGTH.size - len(head))
        head = head + rest if rest is not None else b""
    for fd in fds:
        os.set_inheritable(fd, False)  # noqa: FBT003 - its only spelling; macOS has no flag for it
    return head, list(fds)


def _exactly(sock: socket.socket, count: int) -> bytes | None:
    parts: list[bytes] = []
    while count:
        part = sock.recv(min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def write_report(fd: int, message: Message) -> None:
    """Write a report of any length as small frames; one process at a time may do this."""
    data = encode(message)
    for start in range(0, len(data), _PAYLOAD):
        _write_frame(fd, PART, data[start : start + _PAYLOAD])
    _write_frame(fd, REPORT, b"")


def write_note(fd: int, kind: bytes, note: Any) -> bool:
    """Write a short note, from any process of the step; False if it is too long for a frame, and so dropped."""
    data = _dumps(note).encode("ascii")
    if len(data) > _PAYLOAD:
        return False
    _write_frame(fd, kind, data)
    return True


def _write_frame(fd: int, kind: bytes, payload: bytes) -> None:
    _write(fd, _FRAME.pack(kind, len(payload)) + payload)


class Frames:
    """Puts the frames of a report pipe together again, from whatever pieces a read returns."""

    def __init__(self) -> None:
        self._pending = b""
        self._parts: list[bytes] = []

    def feed(self, data: bytes) -> Iterator[tuple[bytes, Any]]:
        """Yield (kind, content) of each note and each whole report."""
        self._pending += data
        while len(self._pending) >= _FRAME.size:
            kind, length = _FRAME.unpack_from(self._pending)
            end = _FRAME.size + length
            if len(self._pending) < end:
                return
            payload, self._pending = self._pending[_FRAME.size : end], self._pending[end:]
            if kind == PART:
                self._parts.append(payload)
            elif kind == REPORT:
                parts, self._parts = self._parts, []
                yield REPORT, json.loads(b"".join(parts).decode("ascii"))
            else:
                yield kind, json.loads(payload.decode("ascii"))
