"""The events by which Python tells that files are written, moved and removed, where these are not the step's own."""

from __future__ import annotations

import os
from typing import Any, Iterable

from .audit import Handler, Handlers
from .effects import REMOVE, WRITE, Watch

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NOWHERE = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/stdout", "/dev/stderr")
_OF_THE_PROCESS = ("/dev/shm/", "/dev/fd/", "/dev/pts/", "/proc/self/", "/proc/thread-self/")  # noqa: S108
_FOLDERS_KNOWN = 1000
_COMPILED = "__pycache__"
_CHANGING = ("os.chmod", "os.chown", "os.utime", "os.truncate", "os.setxattr", "os.removexattr")

# Kept from before the script runs: it may put anything in their place.
_realpath, _lexists, _islink, _getcwd, _readlink = (
    os.path.realpath,
    os.path.lexists,
    os.path.islink,
    os.getcwd,
    os.readlink,
)
_join, _split, _fsdecode, _isabs = os.path.join, os.path.split, os.fsdecode, os.path.isabs


def handlers(watch: Watch, own: Iterable[str], source_dir: str) -> Handlers:
    """What to do at each event.

    Args:
        watch: Hears of what is not allowed.
        own: The files and folders that the step may write to, beside the folder for temporary files.
        source_dir: The user's project, which is never taken for temporary.
    """
    files = _Files(watch, own, source_dir)
    changing: dict[str, Handler] = dict.fromkeys(_CHANGING, files.change)
    return {
        "open": files.open,
        "os.mkdir": files.make,
        "os.rename": files.rename,
        "os.link": files.link,
        "os.symlink": files.symlink,
        "os.remove": files.remove,
        "os.rmdir": files.remove,
        "shutil.rmtree": files.remove_tree,
        **changing,
    }


def temporary_folder() -> str:
    """Where the step's temporary files go, as `tempfile` finds it, which would write there to try it."""
    named = (os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    return next((folder for folder in (*named, "/tmp", "/var/tmp") if folder and os.path.isdir(folder)), "")  # noqa: S108


class _Files:
    def __init__(self, watch: Watch, own: Iterable[str], source_dir: str) -> None:
        self._watch = watch
        self._own = _below(own)
        temporary = temporary_folder()
        self._temporary = _below([temporary])
        self._folders: dict[str, str] = {}
        project = _below([source_dir])
        # Where all lies in the temporary folder, the project does not, unless it is that folder.
        is_around = bool(temporary) and _join(_realpath(temporary), "").startswith(project)
        self._project = ("\0",) if is_around else project

    def open(self, arguments: tuple[Any, ...]) -> None:
        path, _, flags = arguments
        if isinstance(flags, int) and flags & _WRITING and not isinstance(path, int):
            self._check(WRITE, path)

    def make(self, arguments: tuple[Any, ...]) -> None:
        path, _, folder = arguments
        # What is there already stays as it is: scripts make sure of their folders.
        self._check(WRITE, path, folder, link=True, there=False)

    def rename(self, arguments: tuple[Any, ...]) -> None:
        source, target, source_folder, target_folder = arguments
        self._check(WRITE, target, target_folder, link=True)
        if self._is_own(self._full(target, target_folder, link=True)):
            self._check(REMOVE, source, source_folder, link=True, there=True)

    def link(self, arguments: tuple[Any, ...]) -> None:
        self._check(WRITE, arguments[1], arguments[3], link=True)

    def symlink(self, arguments: tuple[Any, ...]) -> None:
        self._check(WRITE, arguments[1], arguments[2], link=True)

    def remove(self, arguments: tuple[Any, ...]) -> None:
        if self._watch.caller()[0] != "shutil":  # it has told of the whole tree
            self._check(REMOVE, arguments[0], arguments[1], link=True, there=True)

    def remove_tree(self, arguments: tuple[Any, ...]) -> None:
        path, *rest = arguments  # until 3.10 the path alone
        self._check(REMOVE, path, *rest[:1], link=True, there=True)

    def change(self, arguments: tuple[Any, ...]) -> None:
        if not isinstance(arguments[0], int):  # of a file that is open already
            self._check(WRITE, arguments[0], there=True)

    def _check(
        self, kind: str, path: Any, folder: Any = None, *, link: bool = False, there: bool | None = None
    ) -> None:
        """Tell of a path that is not the step's own.

        Args:
            kind: What happens to it.
            path: As the script gave it.
            folder: The open folder that it is relative to, if there is one.
            link: Whether a link is meant itself, not what it points to.
            there: Whether anything happens only if it exists, or only if it does not.
        """
        full = self._full(path, folder, link=link)
        if not self._is_own(full) and (there is None or _lexists(full) is there):
            self._watch.saw(kind, full)

    def _full(self, path: Any, folder: Any, *, link: bool) -> str:
        text = _fsdecode(path)
        if text in _NOWHERE or text.startswith(_OF_THE_PROCESS):
            return ""
        if not _isabs(text):
            inside = isinstance(folder, int) and folder >= 0
            text = _join(_readlink(f"/proc/self/fd/{folder}") if inside else _getcwd(), text)
        head, tail = _split(text.rstrip(os.sep))
        full = _join(self._real(head), tail)
        return _realpath(full) if not link and _islink(full) else full

    def _real(self, folder: str) -> str:
        """The folder without links: asked once, for a script that writes ten thousand files into it."""
        known = self._folders.get(folder)
        if known is None:
            if len(self._folders) >= _FOLDERS_KNOWN:
                self._folders.clear()
            known = self._folders[folder] = _realpath(folder)
        return known

    def _is_own(self, full: str) -> bool:
        if not full:
            return True
        path = _join(full, "")
        if path.startswith(self._own) or f"{os.sep}{_COMPILED}{os.sep}" in path:
            return True
        return path.startswith(self._temporary) and not path.startswith(self._project)


def _below(folders: Iterable[str]) -> tuple[str, ...]:
    return tuple(_join(_realpath(folder), "") for folder in folders if folder)
