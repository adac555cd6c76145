"""Which files beside its sources a step reads: they belong to what its result depends on.

An audit hook sees every open that goes through Python; libraries that open files on their own are not seen.
"""

from __future__ import annotations

import os
import stat
from typing import Any, Callable, Sequence, Tuple

from . import loader
from .audit import Handlers

# Kept from before the script runs: it may put anything in their place.
_getcwd, _fsdecode, _join, _normpath, _stat = os.getcwd, os.fsdecode, os.path.join, os.path.normpath, os.stat

Note = Callable[[Tuple[str, int, int]], None]


def handlers(source_dir: str, known: Sequence[str], note: Note) -> Handlers:
    """Tell `note` path, size and mtime_ns of each file under `source_dir` when it is first opened for reading."""
    root = os.path.join(source_dir, "")
    seen: set[str] = set(known)

    def handle(arguments: tuple[Any, ...]) -> None:
        path, _, flags = arguments
        if flags & os.O_ACCMODE == os.O_WRONLY or not isinstance(path, (str, bytes)):
            return
        full = _normpath(_join(_getcwd(), _fsdecode(path)))
        if full.startswith(root) and full not in seen:
            seen.add(full)
            _tell(full, note)

    return {"open": handle}


def _tell(path: str, note: Note) -> None:
    if loader.is_library(path):
        return  # a virtual environment inside the project: its versions count, not its files
    try:
        found = _stat(path)
    except OSError:
        return  # it will not open either
    if stat.S_ISREG(found.st_mode):
        note((path, found.st_size, found.st_mtime_ns))
