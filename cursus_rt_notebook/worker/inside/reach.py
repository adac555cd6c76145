"""The events by which Python tells of connections and of new processes."""

from __future__ import annotations

import os
import re
import shlex
import socket
from typing import Any, Sequence

from .audit import Handlers
from .effects import NETWORK, PROCESS, Place, Watch

_LOCAL = {getattr(socket, name) for name in ("AF_UNIX", "AF_NETLINK", "AF_ALG") if hasattr(socket, name)}
_SEPARATOR = re.compile(r"\|\||&&|[;\n|&]")
_SHELL = re.compile(r"(?:ba|da|z|k)?sh$")
# By these, libraries ask the machine what it is; they change nothing.
_ASKING = {
    *("uname", "lscpu", "nproc", "sysctl", "ldconfig", "file", "gcc", "cc", "ld", "objdump"),
    *("arp", "ifconfig", "ip", "netstat", "nvidia-smi", "rocm-smi", "lsb_release", "stty"),
}
_WORKERS = ("multiprocessing", "joblib.externals.loky", "loky")


def handlers(watch: Watch) -> Handlers:
    """What to do at each event."""
    network, processes = _Network(watch), _Processes(watch)
    return {
        "socket.connect": network.connect,
        "socket.sendto": network.connect,
        "socket.sendmsg": network.connect,
        "socket.getaddrinfo": network.look_up,
        "socket.gethostbyname": network.look_up,
        "socket.gethostbyaddr": network.look_up,
        "subprocess.Popen": processes.popen,
        "os.system": processes.system,
        "os.exec": processes.exec,
        "os.posix_spawn": processes.spawn,
    }


class _Network:
    """Connections, under the name that was looked up for them: the address alone says little."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        # By place and port: the name, and whether the looking up has counted already.
        self._names: dict[tuple[Place, int], tuple[str, bool]] = {}

    def connect(self, arguments: tuple[Any, ...]) -> None:
        sock, address = arguments[:2]
        if address is None or getattr(sock, "family", None) in _LOCAL:
            return
        place = self._watch.place()
        if not isinstance(address, tuple) or len(address) < 2:
            self._watch.saw(NETWORK, str(address), place)
            return
        host, port = str(address[0]), _port(address[1])
        name, counted = self._names.get((place, port), (host, False))
        if not counted:
            self._watch.saw(NETWORK, _written(name, port), place)

    def look_up(self, arguments: tuple[Any, ...]) -> None:
        host = _text(arguments[0])
        port = _port(arguments[1]) if len(arguments) > 1 else 0
        if not host or _is_address(host):
            return  # nobody is asked; a connection may follow
        place = self._watch.place()
        local = host == "localhost" or host == socket.gethostname()
        self._names[place, port] = (host, not local)
        if not local:
            self._watch.saw(NETWORK, _written(host, port), place)


def _port(port: Any) -> int:
    text = _text(port)
    if text.isdigit():
        return int(text)
    try:
        return socket.getservbyname(text)
    except (OSError, ValueError):
        return 0


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _is_address(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host.partition("%")[0])
        except (OSError, ValueError):
            continue
        return True
    return False


def _written(host: str, port: int) -> str:
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if port else host


class _Processes:
    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def popen(self, arguments: tuple[Any, ...]) -> None:
        self._saw(arguments[1] if arguments[1] is not None else arguments[0])

    def system(self, arguments: tuple[Any, ...]) -> None:
        self._saw(arguments[0])

    def exec(self, arguments: tuple[Any, ...]) -> None:
        self._saw([arguments[0], *list(arguments[1])[1:]])

    def spawn(self, arguments: tuple[Any, ...]) -> None:
        if self._watch.caller()[0] != "subprocess":  # it has told of it already
            self.exec(arguments)

    def _saw(self, command: Any) -> None:
        text = _command(command)
        words = _words(text)
        if not words:  # what is left of a call of pip
            return
        module, library = self._watch.caller("subprocess", "os")
        asks = library and os.path.basename(words[0]) in _ASKING
        if not asks and not module.startswith(_WORKERS):
            self._watch.saw(PROCESS, text)


def _command(command: Any) -> str:
    if isinstance(command, (str, bytes, os.PathLike)):
        return os.fsdecode(command)
    words = [os.fsdecode(word) for word in command]
    if len(words) > 2 and _SHELL.fullmatch(os.path.basename(words[0])) and words[1] == "-c":
        return words[2]
    return " ".join(map(shlex.quote, words))


def _words(text: str) -> Sequence[str]:
    """The command's words; none if all that it does is to succeed."""
    parts = [part.strip() for part in _SEPARATOR.split(text)]
    if all(os.path.basename(part) in {"", "true"} for part in parts):
        return ()
    return text.split()
