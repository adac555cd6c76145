"""The interpreters that steps run under: what is known of each, asked once."""

from __future__ import annotations

import functools
import hashlib
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import StepNotStarted
from cursus_rt_notebook.worker import process
from cursus_rt_notebook.worker.environment import base_environment
from cursus_rt_notebook.worker.inside import facts, protocol

_OLDEST = (3, 8)
_SEE = "see `python:` of the step"


@dataclass(frozen=True)
class Interpreter:
    """One Python: `site` are the folders of its packages, `editable` those of projects installed in place."""

    path: str
    version: str
    site: tuple[str, ...]
    editable: tuple[str, ...]
    stdlib: frozenset[str]

    @property
    def is_ours(self) -> bool:
        """Whether it is the kernel's own."""
        return self.path == sys.executable


def find(python: str | None) -> Interpreter:
    """What is known of an interpreter; the kernel's own for None.

    Raises:
        StepNotStarted: it does not exist, or is no Python 3.8 or later.
    """
    if python is None or python == sys.executable:
        return _ours()
    path = os.path.abspath(os.path.expanduser(python))  # not resolved: a virtual environment's link is its identity
    try:
        changed = Path(path).stat().st_mtime_ns
    except OSError as error:
        raise StepNotStarted(f"the interpreter {python} does not exist", fix=_SEE) from error
    return _asked(path, changed)


def fingerprint(interpreter: Interpreter) -> str:
    """Changes whenever a package is installed, removed or exchanged."""
    return _fingerprint(tuple((folder, _changed(folder)) for folder in interpreter.site))


def _changed(folder: str) -> int:
    try:
        return Path(folder).stat().st_mtime_ns
    except OSError:
        return 0


@functools.lru_cache(maxsize=64)
def _fingerprint(folders: tuple[tuple[str, int], ...]) -> str:
    # Not the folder's time itself: writing a __pycache__ changes that, too.
    names: list[str] = []
    for folder, _ in folders:
        with os.scandir(folder) as entries:
            found = [e for e in entries if e.name.endswith((".dist-info", ".egg-info", ".pth", ".egg-link", ".egg"))]
            names += sorted(f"{folder}/{e.name}:{e.stat().st_mtime_ns}" for e in found)
    return hashlib.sha256("\n".join(names).encode("utf-8", "replace")).hexdigest()[:16]


@functools.cache
def _ours() -> Interpreter:
    return _from(sys.executable, facts.gather())


@functools.lru_cache(maxsize=32)
def _asked(path: str, changed: int) -> Interpreter:
    del changed  # part of the cache's key: an interpreter that was exchanged is asked again
    with Questions(path) as questions:
        return questions.interpreter


class Questions:
    """A short-lived process of another interpreter that tells its facts and reads sources."""

    def __init__(self, path: str) -> None:
        ours, theirs = socket.socketpair()
        self._sock = ours
        try:
            self._process = process.start_inside(path, "reader", theirs, base_environment())
        except OSError as error:
            ours.close()
            raise StepNotStarted(f"the interpreter {path} cannot be run: {error}", fix=_SEE) from error
        ours.settimeout(settings.START_TIMEOUT)
        try:
            self.interpreter = _from(path, self._receive())
        except BaseException:
            self.close()
            raise

    def ask(self, question: protocol.Message) -> protocol.Message:
        """The answer to one question."""
        protocol.send(self._sock, question)
        return self._receive()

    def _receive(self) -> protocol.Message:
        answer, _ = protocol.receive(self._sock)
        if answer is None:
            code = process.end(self._process)
            raise StepNotStarted(
                f"the interpreter {self._process.args[0]} is no Python 3.8 or later that runs (exit status {code})",  # type: ignore[index]
                fix=_SEE,
            )
        return answer

    def close(self) -> None:
        """End the process."""
        self._sock.close()
        process.end(self._process, patience=1.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _from(path: str, told: dict[str, Any]) -> Interpreter:
    version = str(told["version"])
    if tuple(map(int, version.split(".")[:2])) < _OLDEST:
        raise StepNotStarted(f"the interpreter {path} is Python {version}; steps need 3.8 or later", fix=_SEE)
    return Interpreter(path, version, tuple(told["site"]), tuple(told["editable"]), frozenset(told["stdlib"]))
