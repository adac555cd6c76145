"""Which files a step reads: those beside its sources belong to what its result depends on; and those of its inputs.

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
_INPUTS_TOLD = 10_000  # files of its inputs; of more, nothing can be said


def handlers(
    source_dir: str, known: Sequence[str], note: Note, inputs: Sequence[str], note_input: Callable[[str], None]
) -> Handlers:
    """Tell of each file when it is first opened for reading.

    Args:
        source_dir: Under it, `note` hears path, size and mtime_ns.
        known: Files of which nothing is told.
        note: For what lies beside the sources.
        inputs: Folders; of what lies below them `note_input` hears the path.
        note_input: For what lies in the inputs.
    """
    root = os.path.join(source_dir, "")
    given = tuple(os.path.join(folder, "") for folder in inputs)
    seen: set[str] = set(known)
    read: set[str] = set()

    def handle(arguments: tuple[Any, ...]) -> None:
        path, _, flags = arguments
        if flags & os.O_ACCMODE == os.O_WRONLY or not isinstance(path, (str, bytes)):
            return
        full = _normpath(_join(_getcwd(), _fsdecode(path)))
        if full.startswith(given) and full not in read and len(read) < _INPUTS_TOLD:
            read.add(full)
            note_input(full)
        elif full.startswith(root) and full not in seen:
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
