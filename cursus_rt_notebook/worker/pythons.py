"""The Pythons that are on this machine: the kernel's own, pyenv's, those on the PATH, those that uv knows."""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.worker import process
from cursus_rt_notebook.worker.environment import base_environment

OLDEST = (3, 8)
_NAME = re.compile(r"python3(\.\d+)?")
# The interpreter itself, and not the virtual environment that it may be in: `base` is where another starts from.
_ASK = """
import json, platform, sys
base = getattr(sys, "_base_executable", "") or sys.executable
free = getattr(sys, "abiflags", "").count("t")
final = sys.version_info.releaselevel == "final"
print(json.dumps([platform.python_implementation(), list(sys.version_info[:3]), base, final and not free]))
"""


@dataclass(frozen=True)
class Python:
    """An interpreter to make environments with; `version` has three numbers."""

    path: str
    version: tuple[int, int, int]

    @property
    def shown(self) -> str:
        """`3.9.18`."""
        return ".".join(map(str, self.version))


def on_this_machine(uv: str | None) -> tuple[Python, ...]:
    """One CPython of each minor version from 3.8 on, the newest first; of several, the kernel's own, then pyenv's.

    Previews and builds without the global lock are left out: few packages have wheels for them.

    Args:
        uv: The program uv, which knows of more; None where there is none.
    """
    found: dict[tuple[int, int], Python] = {}
    seen: set[str] = set()
    for path in (*_near(), *_told_by(uv)):
        real = os.path.realpath(path)
        if real in seen:
            continue
        seen.add(real)
        python = _ask(path, os.stat(real).st_mtime_ns) if os.path.isfile(real) else None
        if python is not None and python.version >= OLDEST:
            found.setdefault(python.version[:2], python)
    return tuple(sorted(found.values(), key=lambda python: python.version, reverse=True))


def _near() -> Iterator[str]:
    yield sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    newest = sorted(pyenv.glob("versions/*/bin/python"), key=lambda path: _numbers(path.parts[-3]), reverse=True)
    yield from map(str, newest)
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if folder == str(pyenv / "shims"):  # they lead to the same, or to nothing
            continue
        names = os.listdir(folder) if folder and os.path.isdir(folder) else ()
        yield from (os.path.join(folder, name) for name in sorted(names, reverse=True) if _NAME.fullmatch(name))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


def _told_by(uv: str | None) -> Iterator[str]:
    """Those that uv installed. All others `uv python list` would find as we do, and ask each once more."""
    if uv is not None:
        told = process.run_helper([uv, "python", "dir"], env=os.environ, timeout=settings.ASK_TIMEOUT)
        folders = [line for line in told.output.splitlines() if line.startswith(os.sep)] if told.well else []
        for folder in folders[-1:]:
            yield from sorted(map(str, Path(folder).glob("cpython-*/bin/python3")), key=_numbers, reverse=True)


@functools.lru_cache(maxsize=64)
def _ask(path: str, changed: int) -> Python | None:
    """What an interpreter is; None where it is no CPython that runs (a pyenv shim is there for versions that are not)."""
    del changed  # part of the cache's key: an interpreter that was exchanged is asked again
    argv = [path, "-I", "-S", "-c", _ASK]
    told = process.run_helper(argv, env=base_environment(), timeout=settings.ASK_TIMEOUT)
    try:
        answer: Any = json.loads(told.output) if told.well else None
        kind, (major, minor, patch), base, usual = answer
    except (ValueError, TypeError):
        return None
    if kind != "CPython" or not usual or not os.path.exists(base):
        return None
    return Python(base, (major, minor, patch))
