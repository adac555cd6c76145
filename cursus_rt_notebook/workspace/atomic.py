"""Changes to the filesystem that are there wholly or not at all, and the typed errors when it refuses them."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import stat
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from cursus_rt_notebook.errors import WorkspaceError

_FIXES: Final = {
    errno.ENOSPC: "free some space on that disk, then run the step again",
    errno.EDQUOT: "free some of your disk quota, then run the step again",
    errno.EFBIG: "raise the limit on file sizes (ulimit -f), then run the step again",
    errno.EROFS: "the disk is read-only: give another workspace_dir",
    errno.EACCES: "make the folder writable for you, or give another workspace_dir",
    errno.EPERM: "make the folder writable for you, or give another workspace_dir",
    errno.ENOENT: "it was deleted or moved: run the session anew",
}
_ALREADY_THERE: Final = {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR}
# One fsync waits for the disk; several at once share one journal commit of the filesystem.
_FSYNC_THREADS: Final = 16
_FEW: Final = 4
_counter = itertools.count()


@contextmanager
def storing(doing: str, path: str | os.PathLike[str]) -> Generator[None]:
    """Turn an OSError into a WorkspaceError that says what could not be done, to which path, and the way out."""
    try:
        yield
    except OSError as error:
        raise storage_error(doing, path, error) from error


def storage_error(doing: str, path: str | os.PathLike[str], error: OSError) -> WorkspaceError:
    """The WorkspaceError for an OSError met while `doing` something to `path`."""
    where = os.fsdecode(error.filename if isinstance(error.filename, str | bytes) else path)  # it may be a descriptor
    facts: dict[str, Any] = {"path": where, "errno": error.errno}
    fix = _FIXES.get(error.errno or 0, "")
    return WorkspaceError(f"cannot {doing}: {error.strerror or error}: {where}", fix=fix, **facts)


def write_atomic(path: Path, data: bytes) -> None:
    """Put a file in place so that a crash leaves the old one or the new one; on disk when this returns."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}-{next(_counter)}.tmp")
    try:
        write_synced(temporary, data)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    fsync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Put a text file in place, whole."""
    with storing("write", path):
        write_atomic(path, text.encode(errors="surrogateescape"))


def write_synced(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a new file and wait until it is on disk."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
        os.fsync(fd)
    finally:
        os.close(fd)


def fsync_folder(path: str | os.PathLike[str]) -> None:
    """Wait until a folder's list of names is on disk."""
    if os.name == "nt":  # Windows cannot open folders
        return
    _fsync(path)


def fsync_all(paths: Iterable[str | os.PathLike[str]]) -> None:
    """Wait until all these files are on disk."""
    paths = list(paths)
    if len(paths) <= _FEW:
        for path in paths:
            _fsync(path)
        return
    with ThreadPoolExecutor(_FSYNC_THREADS, thread_name_prefix="cursus-fsync") as pool:
        for _ in pool.map(_fsync, paths, chunksize=8):
            pass


def rename_new(source: Path, target: Path) -> bool:
    """Move a folder to a name that nobody has; False if somebody has it."""
    try:
        os.rename(source, target)
    except OSError as error:
        if error.errno in _ALREADY_THERE:
            return False
        raise
    return True


def remove_tree(path: Path) -> None:
    """Delete a folder, also one whose folders a script has protected; links are deleted, never followed."""
    shutil.rmtree(path, onerror=_unprotect_and_retry)


def _fsync(path: str | os.PathLike[str]) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _unprotect_and_retry(function: Any, path: str, failure: Any) -> None:
    error = failure[1]
    if isinstance(error, FileNotFoundError):
        return
    if not isinstance(error, PermissionError):
        raise error
    for place in (os.path.dirname(path), path):
        if stat.S_ISDIR(os.lstat(place).st_mode):
            os.chmod(place, 0o700)
    if function in (os.unlink, os.rmdir):
        function(path)
    else:  # the folder could not be listed: begin again with it
        shutil.rmtree(path)
