"""A compressed table as a plain file, for those who read plain files: nameless, so that nothing of it ever stays behind."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.packing import BROKEN, open_inside
from cursus_rt_notebook.data.tables import TableFile
from cursus_rt_notebook.errors import Unreadable


@dataclass(frozen=True)
class Plain:
    """A file to be read as it is: the table's own, or a copy of what is packed in it, there as long as this object is.

    `size` counts its bytes; `whole` is False if it is only the beginning, of too much.
    """

    file: TableFile
    size: int
    whole: bool = True
    copy: IO[bytes] | None = None

    def __del__(self) -> None:
        if self.copy is not None:
            self.copy.close()


def unpack(file: TableFile) -> Plain:
    """Unpack a table, as much of it as we are willing to look at.

    Raises:
        Unreadable: it is damaged, or there is no room for it.
    """
    if file.packing is None:
        return Plain(file, Path(file.path).stat().st_size)
    copy = tempfile.TemporaryFile()  # noqa: SIM115  # who holds it closes it
    try:
        with open_inside(file.path, file.packing) as stream:
            whole = _copy(stream, copy)
    except BROKEN as error:
        copy.close()
        reason = str(error) or type(error).__name__
        raise Unreadable(f"{file.name} is cut or damaged ({file.packing}): {reason}", path=file.path) from error
    return Plain(TableFile(path_of(copy), file.kind, name=file.name), copy.tell(), whole, copy)


def path_of(copy: IO[bytes]) -> str:
    """A path by which this process can open a file that has no name."""
    # Linux and macOS let a process open its own descriptors by name.
    return f"/dev/fd/{copy.fileno()}" if not Path("/proc/self/fd").is_dir() else f"/proc/self/fd/{copy.fileno()}"


def _copy(stream: IO[bytes], copy: IO[bytes]) -> bool:
    left = settings.READER_UNPACKED
    while left > 0 and (block := stream.read(min(left, settings.MIB))):
        copy.write(block)
        left -= len(block)
    copy.flush()
    if left > 0 or not stream.read(1):
        return True
    _keep_beginning(copy)
    return False


def _keep_beginning(copy: IO[bytes]) -> None:
    """Shorten a copy that is not whole to some lines: counting in it would tell nothing, and take its time."""
    copy.seek(0)
    beginning = copy.read(settings.READER_BEGINNING)
    copy.truncate(beginning.rfind(b"\n") + 1 or len(beginning))
    copy.seek(0, os.SEEK_END)
