"""Which distribution, in which version, an import gets in a given interpreter.

Read from the names of the dist-info folders; their lists of files are only looked into for a module whose
distribution has another name (sklearn is scikit-learn), once for each state of the site-packages.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from cursus_rt_notebook.worker import interpreters
from cursus_rt_notebook.worker.interpreters import Interpreter

_INFO = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info$")


def versions_of(interpreter: Interpreter, modules: Iterable[str]) -> dict[str, str]:
    """Version by distribution, for these top-level modules; those of the standard library and unknown ones are left out."""
    state = interpreters.fingerprint(interpreter)
    found: dict[str, str] = {}
    for module in modules:
        if module not in interpreter.stdlib:
            found.update(_providers(interpreter, state, module))
    return dict(sorted(found.items()))


def all_versions(interpreter: Interpreter) -> dict[str, str]:
    """Version of every distribution that it has, by normalised name."""
    installed = _installed(interpreter, interpreters.fingerprint(interpreter))
    return {name: installed[name].version for name in sorted(installed)}


@functools.lru_cache(maxsize=4096)
def _providers(interpreter: Interpreter, state: str, module: str) -> tuple[tuple[str, str], ...]:
    installed = _installed(interpreter, state)
    same = installed.get(_normal(module))
    if same is not None:
        return ((same.name, same.version),)
    return tuple((d.name, d.version) for d in installed.values() if d.provides(module))


class _Distribution:
    def __init__(self, name: str, version: str, folder: Path) -> None:
        self.name = name
        self.version = version
        self._folder = folder
        self._files: bytes | None = None

    def provides(self, module: str) -> bool:
        """Whether one of its files is the module, or lies in it."""
        start = b"\n" + module.encode()
        return any(start + end in self._listing() for end in (b"/", b".py", b".so", b".abi3", b".cpython", b"\n"))

    def _listing(self) -> bytes:
        if self._files is None:
            texts = (_read(self._folder / name) for name in ("top_level.txt", "RECORD"))
            self._files = b"\n" + b"\n".join(texts)
        return self._files


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@functools.lru_cache(maxsize=8)
def _installed(interpreter: Interpreter, state: str) -> dict[str, _Distribution]:
    del state  # part of the cache's key
    return {_normal(d.name): d for folder in reversed(interpreter.site) for d in _in(folder)}


def _in(folder: str) -> Iterator[_Distribution]:
    for name in os.listdir(folder):
        match = _INFO.match(name)
        if match:
            yield _Distribution(match["name"].replace("_", "-"), match["version"], Path(folder, name))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
