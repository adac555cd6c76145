"""What turned out damaged is moved out of the way, never deleted: `<workspace>/damaged/`."""

from __future__ import annotations

import itertools
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cursus_rt_notebook.workspace.atomic import rename_new, storing
from cursus_rt_notebook.workspace.flock import briefly_locked

DAMAGED: Final = "damaged"
_SIDE_FILES: Final = ("", "-wal", "-shm", "-journal")


def set_aside_folder(folder: Path, damaged: Path) -> Path | None:
    """Move a folder under `damaged`; None if somebody else did already."""
    for number in itertools.count(1):
        target = damaged / f"{folder.name}-{number}"
        if target.exists():
            continue
        try:
            # A folder appearing in between is empty or not; either way nothing of ours is overwritten.
            if rename_new(folder, target):
                return target
        except FileNotFoundError:
            return None
    raise AssertionError("unreachable")


def set_aside_journal(journal: Path) -> Path | None:
    """Move a journal's files together under `damaged`; the new path of the main one, None if there was none."""
    damaged = journal.parent / DAMAGED
    damaged.mkdir(exist_ok=True)
    for number in itertools.count(1):
        folder = damaged / f"journal-{number}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        # The main file goes last: until then the next one to come finds a damaged journal, not a missing one.
        for suffix in reversed(_SIDE_FILES):
            source = journal.with_name(journal.name + suffix)
            if source.exists():
                os.rename(source, folder / source.name)
        moved = folder / journal.name
        return moved if moved.exists() else None
    raise AssertionError("unreachable")


@contextmanager
def rebuilding(journal: Path) -> Generator[None]:
    """Let one process at a time set the journal aside and make a new one.

    Raises:
        WorkspaceError: the disk does not let it.
    """
    with storing("make the journal anew", journal), briefly_locked(journal.with_name(journal.name + ".rebuild")):
        yield
