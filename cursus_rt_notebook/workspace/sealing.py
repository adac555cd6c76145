"""From what a step wrote to what is kept: looked through, hashed, write-protected, on disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cursus_rt_notebook.errors import WorkspaceError
from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.workspace.atomic import fsync_all
from cursus_rt_notebook.workspace.digest import FileEntry, combine, digest_file
from cursus_rt_notebook.workspace.known import KNOWN, seal_of
from cursus_rt_notebook.workspace.manifest import PortEntry
from cursus_rt_notebook.workspace.sharing import copy_file
from cursus_rt_notebook.workspace.walk import Listing, list_folder

WHOLE: Final = "."  # the path of the only file of a port that is a file


@dataclass(frozen=True)
class Sealed:
    """The ports of an artifact as they lie on disk, and the signature of all files together."""

    ports: Mapping[str, PortEntry]
    seal: str


def seal_outputs(folder: Path, ports: Iterable[str]) -> Sealed:
    """Make the outputs in `folder` ready to be kept.

    Files are write-protected; folders are not, or the user could not delete the workspace with his own tools.

    Raises:
        WorkspaceError: a port holds a symlink or a special file.
        OSError: the disk is full, or the like.
    """
    entries: dict[str, PortEntry] = {}
    statuses: dict[str, os.stat_result] = {}
    to_sync: list[str] = []
    for port in ports:
        name = folder_name(port)
        if not os.path.lexists(folder / name):  # the script deleted it
            os.mkdir(folder / name)
        listing = list_port(folder / name)
        if listing.odd:
            raise _refused(port, listing)
        paths = {file: port_file(folder, name, file) for file in listing.files}
        files = [_seal_file(file, paths[file], info, statuses, name) for file, info in listing.files.items()]
        tree = combine(files, listing.empty)
        entries[port] = PortEntry(name, tree.digest, tree.bytes, tree.files, tree.empty)
        to_sync += paths.values()
    # Contents must be on disk before anything says that they are: signatures are trusted without reading again. The
    # folders' own lists of names are not waited for: journaling filesystems bring a new file's name with the file, and
    # a name that is lost all the same is missed by the manifest.
    fsync_all(to_sync)
    return Sealed(entries, seal_of(statuses))


def list_port(path: Path) -> Listing:
    """What lies in a port's folder; of a port that is a file, that file. Links are not followed."""
    info = os.lstat(path)
    if stat.S_ISDIR(info.st_mode):
        return list_folder(path, follow=False)
    if stat.S_ISREG(info.st_mode):
        return Listing({WHOLE: info}, (), (), {})
    return Listing({}, (), (), {WHOLE: "a symlink" if stat.S_ISLNK(info.st_mode) else "a special file"})


def port_file(folder: Path, port_folder: str, name: str) -> str:
    """The path of one file of a port."""
    return os.path.join(folder, port_folder) if name == WHOLE else os.path.join(folder, port_folder, name)


def _seal_file(
    name: str, path: str, info: os.stat_result, statuses: dict[str, os.stat_result], port_folder: str
) -> FileEntry:
    if info.st_nlink > 1:
        _make_own(path)
    # Before reading: the script may have left it unreadable.
    os.chmod(path, 0o444)
    digest = digest_file(path)
    info = os.stat(path)
    KNOWN.learn(info, digest)
    statuses[f"{port_folder}/{name}"] = info
    return FileEntry(name, info.st_size, digest)


def _make_own(path: str) -> None:
    """Part a file from its other names: a script that moves its input to its output moves the user's own file."""
    own = f"{path}.own.tmp"
    copy_file(path, own)
    os.replace(own, path)


def _refused(port: str, listing: Listing) -> WorkspaceError:
    name, kind = next(iter(listing.odd.items()))
    more = f", and {len(listing.odd) - 1} more" if len(listing.odd) > 1 else ""
    shown = port if name == WHOLE else f"{port}/{name}"
    message = f"output {shown} is {kind}{more}: it cannot be kept"
    return WorkspaceError(message, fix="write regular files", port=port, path=name)
