"""The workspace's folder: is it ours, is it safe, can it be written; and its marker, which says in which format."""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from cursus_rt_notebook.errors import WorkspaceError, WorkspaceForeign, WorkspaceNewer
from cursus_rt_notebook.workspace.aside import DAMAGED
from cursus_rt_notebook.workspace.atomic import storing, write_atomic, write_synced

FORMAT: Final = 1
MARKER: Final = "cursus-workspace.json"
ARTIFACTS, STAGING, LOCKS, RUNS, SOURCES, PACKED = "artifacts", "staging", "locks", "runs", "sources", "packed"
JOURNAL: Final = "journal.sqlite"
_FOLDERS: Final = (ARTIFACTS, STAGING, LOCKS, RUNS, SOURCES, DAMAGED)
# What may lie in a folder that becomes a workspace: the user's own inputs for it, and what tools leave everywhere.
_WELCOME: Final = {"local", ".gitignore", ".gitkeep", ".DS_Store", ".ipynb_checkpoints", "Thumbs.db", "desktop.ini"}
_GITIGNORE: Final = b"# Written by cursus_rt_notebook: what a workspace holds is made anew, and may be large.\n*\n"
_ANOTHER: Final = "give another workspace_dir"


def open_folder(path: str | os.PathLike[str], *, create: bool) -> Path:
    """Return the absolute path of a workspace that can be used, made first if `create` allows.

    Raises:
        WorkspaceNewer: a newer version wrote it; nothing was touched.
        WorkspaceForeign: it is somebody else's, open to everybody, a link, or a folder of other things.
        WorkspaceError: it is not there, or cannot be written.
    """
    folder = absolute_folder(path)
    with storing("open the workspace", folder):
        if not os.path.lexists(folder):
            _make(folder, create=create)
        _check_owner(folder)
        if not _check_marker(folder):
            _adopt(folder, create=create)
        _check_writable(folder)
        for name in _FOLDERS:
            _check_subfolder(folder, name)
    return folder


def absolute_folder(path: str | os.PathLike[str]) -> Path:
    """The folder that is meant by a workspace's path, whatever is there.

    Raises:
        WorkspaceError: it is no path.
    """
    if not isinstance(path, (str, os.PathLike)):  # pyright: ignore[reportUnnecessaryIsInstance]  of a user's call
        raise WorkspaceError(f"workspace_dir={path!r:.40} is no path", fix='give workspace_dir="FOLDER"')
    with storing("find the workspace", path):
        return Path(os.path.abspath(os.path.expanduser(path)))


def still_there(folder: Path) -> None:
    """Check that a workspace has not been deleted or moved since it was opened.

    Raises:
        WorkspaceError: it has.
    """
    with storing("use the workspace", folder):
        os.stat(folder / MARKER)


def is_workspace(folder: Path) -> bool:
    """Whether a folder holds a workspace's marker."""
    return (folder / MARKER).is_file()


def _make(folder: Path, *, create: bool) -> None:
    if not create:
        raise WorkspaceError(f"there is no workspace at {folder}", fix="give the workspace_dir that a session used")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):  # another session was quicker
        folder.mkdir(mode=0o700)


def _check_owner(folder: Path) -> None:
    info = os.lstat(folder)
    facts: dict[str, Any] = {"path": str(folder)}
    if stat.S_ISLNK(info.st_mode):
        raise WorkspaceForeign(
            f"{folder} is a link", fix=f"give the folder itself: {os.path.realpath(folder)}", **facts
        )
    if not stat.S_ISDIR(info.st_mode):
        raise WorkspaceForeign(f"{folder} is not a folder", fix=_ANOTHER, **facts)
    if os.name == "nt":  # has neither numbers for owners nor these permissions
        return
    if info.st_uid != os.geteuid():
        raise WorkspaceForeign(f"{folder} belongs to another user (uid {info.st_uid})", fix=_ANOTHER, **facts)
    if info.st_mode & stat.S_IWOTH:
        fix = f"chmod 700 {folder} if you trust what is in it, or {_ANOTHER}"
        raise WorkspaceForeign(f"every user of this machine may write to {folder}", fix=fix, **facts)


def _check_marker(folder: Path) -> bool:
    """Whether the marker is there and of a format that this version can read."""
    try:
        facts = json.loads((folder / MARKER).read_bytes())
        version = int(facts["format"])
    except FileNotFoundError:
        return False
    except (ValueError, KeyError, TypeError) as error:
        fix = f"{_ANOTHER}, or write {json.dumps({'format': FORMAT})} into {MARKER} if you know that it is yours"
        raise WorkspaceForeign(f"{folder / MARKER} cannot be read", fix=fix, path=str(folder)) from error
    if version > FORMAT:
        message = f"{folder} was made by a newer version (format {version}, this one reads {FORMAT})"
        fix = f"pip install --upgrade cursus_rt_notebook, or {_ANOTHER}"
        raise WorkspaceNewer(message, fix=fix, path=str(folder), format=version)
    return True


def _adopt(folder: Path, *, create: bool) -> None:
    """Make a folder without a marker a workspace, if it holds nothing of others."""
    strangers = sorted(n for n in os.listdir(folder) if n not in _WELCOME and not n.startswith(MARKER))
    if strangers and not is_workspace(folder):  # or another session is making it one just now
        shown = ", ".join(strangers[:3])
        message = f"{folder} is no workspace, and holds other things: {shown}"
        raise WorkspaceForeign(message, fix="give a new or empty folder as workspace_dir", path=str(folder))
    if not create:
        raise WorkspaceError(f"there is no workspace at {folder}", fix="give the workspace_dir that a session used")
    os.chmod(folder, 0o700)
    with suppress(FileExistsError):
        write_synced(folder / ".gitignore", _GITIGNORE)
    write_atomic(folder / MARKER, json.dumps({"format": FORMAT, "made_by": "cursus_rt_notebook"}).encode())


def _check_writable(folder: Path) -> None:
    """Try it: permissions alone do not tell of read-only disks, full ones, or root."""
    probe = folder / f".{MARKER}.{os.getpid()}-{os.urandom(4).hex()}.tmp"
    try:
        write_probe = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.close(write_probe)
    finally:
        with suppress(OSError):
            os.unlink(probe)


def _check_subfolder(folder: Path, name: str) -> None:
    path = folder / name
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    info = os.lstat(path)
    if not stat.S_ISDIR(info.st_mode):
        raise WorkspaceForeign(f"{path} is not a folder of its own", fix=f"remove it, or {_ANOTHER}", path=str(path))
    if info.st_dev != os.stat(folder).st_dev:
        # A rename across filesystems is a copy, which a crash can leave half done.
        raise WorkspaceForeign(f"{path} lies on another disk than {folder}", fix=_ANOTHER, path=str(path))
