"""The files of an artifact: listed with kind and size, looked into no further than their first bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.kinds import Kind, kind_of


@dataclass(frozen=True)
class FileInfo:
    """One file: its path below the artifact, with `/`; its kind as in `kinds.Kind`; bytes; what else to know."""

    path: str
    kind: str
    size: int
    note: str = ""


def list_files(root: Path) -> tuple[FileInfo, ...]:
    """List a file, or every file below a folder, in the order of their names. Links to folders are not entered."""
    if not root.is_dir():
        return (_info(root, root.name, look=True),)
    paths = sorted(walk(root))
    return tuple(_info(root / path, path, look=i < settings.FILES_LOOKED_INTO) for i, path in enumerate(paths))


def walk(root: Path) -> Iterator[str]:
    """Every file below a folder, relative to it."""
    for folder, folders, names in os.walk(root):
        folders.sort()
        below = Path(folder).relative_to(root)
        yield from ((below / name).as_posix() for name in names)
        # What os.walk counts as a folder but does not enter.
        yield from ((below / name).as_posix() for name in folders if (root / below / name).is_symlink())


def subfolders(root: Path) -> tuple[str, ...]:
    """The folders in a folder, in the order of their names; none of a file."""
    if not root.is_dir():
        return ()
    with os.scandir(root) as entries:
        return tuple(sorted(e.name for e in entries if e.is_dir(follow_symlinks=False) and not is_hidden(e.name)))


def is_hidden(name: str) -> bool:
    """Whether a name marks a by-product: `_SUCCESS`, `.part-0.crc`, `__MACOSX`."""
    return name.startswith((".", "_"))


def _info(path: Path, name: str, *, look: bool) -> FileInfo:
    kind = kind_of(str(path)) if look else Kind("unknown", note="one of too many to look into")
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    return FileInfo(name, kind.name, size, kind.note)
