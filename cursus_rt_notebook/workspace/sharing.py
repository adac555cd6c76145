"""One file in two places, by the cheapest way that the filesystem has."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from contextlib import suppress
from typing import Final

from cursus_rt_notebook.workspace.known import KNOWN

_FICLONE: Final = 0x40049409
_TOO_MANY_LINKS: Final = errno.EMLINK
_NO_LINK: Final = {errno.EXDEV, errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
# Filesystems that turned out to have no reflinks, by device: they are not asked again for every file.
_cannot_clone: set[tuple[int, int]] = set()


def share_file(original: str, path: str) -> os.stat_result | None:
    """Make `path` show the file `original`; return how the original stands then, or None if `path` is a file of its own.

    Raises:
        OSError: not even a copy can be made.
    """
    if clone_file(original, path):
        return None
    try:
        return KNOWN.carried(original, path, lambda target: os.link(original, target))
    except OSError as error:
        if error.errno == _TOO_MANY_LINKS:
            copy_file(original, path)
            return None
        if error.errno not in _NO_LINK:
            raise
    try:
        os.symlink(original, path)
    except OSError:  # Windows lets few users make symlinks
        copy_file(original, path)
        return None
    return os.stat(original)


def copy_file(original: str, path: str) -> None:
    """Copy a file, writable, with its time of change."""
    if not clone_file(original, path):
        shutil.copyfile(original, path)
        _keep_time(original, path)


def clone_file(original: str, path: str) -> bool:
    """Copy a file without copying its data, on filesystems that can; both may then be changed separately."""
    if sys.platform != "linux":
        return False
    devices = os.stat(original).st_dev, os.stat(os.path.dirname(path)).st_dev
    if devices in _cannot_clone or devices[0] != devices[1]:
        return False
    if not _clone(original, path):
        _cannot_clone.add(devices)
        return False
    _keep_time(original, path)
    return True


def _clone(original: str, path: str) -> bool:
    import fcntl

    source = os.open(original, os.O_RDONLY)
    try:
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            fcntl.ioctl(target, _FICLONE, source)
        except OSError:
            with suppress(OSError):
                os.unlink(path)
            return False
        finally:
            os.close(target)
    finally:
        os.close(source)
    return True


def _keep_time(original: str, path: str) -> None:
    info = os.stat(original)
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
