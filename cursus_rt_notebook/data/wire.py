"""How kernel and reader talk: frames of JSON with bytes after it, over a socket."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

_HEADER = struct.Struct("!IQ")
_PIECE = 1 << 20


def send(sock: socket.socket, message: dict[str, Any], payload: bytes = b"") -> None:
    """Send one message."""
    head = json.dumps(message).encode()
    sock.sendall(_HEADER.pack(len(head), len(payload)) + head)
    if payload:
        sock.sendall(payload)


class Incoming:
    """Puts messages together from what has arrived."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, sock: socket.socket) -> bool:
        """Take what has arrived; False if the other side is gone.

        Raises:
            TimeoutError: nothing came within the socket's own time limit.
        """
        try:
            piece = sock.recv(_PIECE)
        except ConnectionError:
            return False
        self._buffer += piece
        return bool(piece)

    def take(self) -> tuple[dict[str, Any], bytes] | None:
        """The next whole message and its payload, if there is one."""
        if len(self._buffer) < _HEADER.size:
            return None
        head, payload = _HEADER.unpack_from(self._buffer)
        start = _HEADER.size + head
        if len(self._buffer) < start + payload:
            return None
        message = json.loads(self._buffer[_HEADER.size : start])
        content = bytes(memoryview(self._buffer)[start : start + payload])
        del self._buffer[: start + payload]
        return message, content
