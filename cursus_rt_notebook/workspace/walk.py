"""What lies in a folder: its files, its empty folders, and what is neither."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Left behind by file browsers, never data: a folder that was looked at is still the same folder.
_LITTER: Final = {".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints"}


@dataclass(frozen=True)
class Listing:
    """A folder's contents by relative path ("/" between parts), in order.

    `folders` are all real folders; `empty` those that hold nothing; `odd` maps symlinks (if not followed),
    broken links and special files to what they are.
    """

    files: dict[str, os.stat_result]
    folders: tuple[str, ...]
    empty: tuple[str, ...]
    odd: dict[str, str]


def list_folder(root: Path, *, follow: bool) -> Listing:
    """List everything below `root`.

    Args:
        follow: See a link as what it points to (a user's folder), rather than as something odd (a step's output).
    """
    files: dict[str, os.stat_result] = {}
    folders: list[str] = []
    empty: list[str] = []
    odd: dict[str, str] = {}
    seen = {_identity(os.stat(root))}
    todo = [("", os.fspath(root))]
    while todo:
        prefix, folder = todo.pop()
        names = 0
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name in _LITTER:
                    continue
                names += 1
                relative = prefix + entry.name
                kind, info = _look(entry, follow=follow)
                if kind == "file":
                    files[relative] = info
                elif kind != "folder":
                    odd[relative] = kind
                elif (found := _identity(info)) in seen and entry.is_symlink():
                    odd[relative] = "a link to a folder that is listed already"
                else:
                    seen.add(found)
                    folders.append(relative)
                    todo.append((relative + "/", entry.path))
        if not names and prefix:
            empty.append(prefix[:-1])
    in_order = dict(sorted(files.items()))
    return Listing(in_order, tuple(sorted(folders)), tuple(sorted(empty)), dict(sorted(odd.items())))


def _look(entry: os.DirEntry[str], *, follow: bool) -> tuple[str, os.stat_result]:
    info = entry.stat(follow_symlinks=False)
    if stat.S_ISLNK(info.st_mode):
        if not follow:
            return "a symlink", info
        try:
            info = entry.stat(follow_symlinks=True)
        except OSError:
            return "a link that leads nowhere", info
    if stat.S_ISREG(info.st_mode):
        return "file", info
    if stat.S_ISDIR(info.st_mode):
        return "folder", info
    return "a special file (pipe, socket or device)", info


def _identity(info: os.stat_result) -> tuple[int, int]:
    return info.st_dev, info.st_ino
