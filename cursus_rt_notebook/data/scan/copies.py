"""Copies of tables that need no reading: Arrow files mapped into memory, nameless, so that nothing of them stays behind.

What is mapped costs disk, not memory. The least used are given up when there are too many.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cursus_rt_notebook.data.scan.unpack import path_of
from cursus_rt_notebook.errors import TooLarge

if TYPE_CHECKING:
    import polars as pl

_NO_ROOM: Final = {errno.EFBIG, errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True)
class Copy:
    """A frame whose cells lie in mapped files of so many bytes."""

    frame: pl.DataFrame
    size: int


class Copies:
    """Copies by what they are copies of. Asked from one thread; made in another.

    Args:
        limit: Bytes that all of them together may take.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._made: OrderedDict[Hashable, Future[Copy]] = OrderedDict()
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="copies")

    def get(self, key: Hashable, make: Callable[[], Copy]) -> pl.DataFrame:
        """The copy, once it is made."""
        self.start(key, make)
        self._made.move_to_end(key)
        frame = self._made[key].result().frame
        self._give_up_old()
        return frame

    def start(self, key: Hashable, make: Callable[[], Copy]) -> None:
        """Begin to make a copy, unless it is there or on its way. One that failed is not tried again."""
        if key not in self._made:
            self._made[key] = self._maker.submit(make)

    def has(self, key: Hashable) -> bool:
        """Whether a copy is there."""
        made = self._made.get(key)
        return made is not None and made.done() and made.exception() is None

    def find(self, key: Hashable) -> pl.DataFrame | None:
        """The copy, if it is there."""
        if not self.has(key):
            return None
        self._made.move_to_end(key)
        return self._made[key].result().frame

    def keep(self, key: Hashable, copy: Copy) -> pl.DataFrame:
        """Keep a copy made elsewhere."""
        self._made[key] = Future()
        self._made[key].set_result(copy)
        self._give_up_old()
        return copy.frame

    def _give_up_old(self) -> None:
        sizes = {key: made.result().size for key, made in self._made.items() if made.done() and not made.exception()}
        total = sum(sizes.values())
        for key in list(sizes)[:-1]:
            if total <= self._limit:
                return
            total -= sizes[key]
            del self._made[key]


def mapped(write: Callable[[str], object]) -> Copy:
    """Map an Arrow file that `write` writes to the path it is given.

    Raises:
        TooLarge: there is no room for it.
    """
    import polars as pl
    import pyarrow as pa

    with tempfile.TemporaryFile() as file:
        path = path_of(file)
        try:
            write(path)
        except (OSError, pl.exceptions.PolarsError) as error:
            if not _lacks_room(error):
                raise
            raise TooLarge(
                f"there is no room for the copy by which the table is paged, sorted and filtered: {error}",
                fix=f"make room in {tempfile.gettempdir()}, or write the table as Parquet, which is copied by columns",
            ) from error
        size = os.fstat(file.fileno()).st_size
        with pa.memory_map(path) as content:
            table = pa.ipc.open_file(content).read_all()
    frame = pl.from_arrow(table, rechunk=False)
    assert isinstance(frame, pl.DataFrame)
    return Copy(frame, size)


def joined(copies: Sequence[Copy]) -> Copy:
    """Copies of the parts of a table as one."""
    import polars as pl

    if len(copies) == 1:
        return copies[0]
    return Copy(pl.concat([copy.frame for copy in copies], how="vertical_relaxed"), sum(copy.size for copy in copies))


def _lacks_room(error: Exception) -> bool:
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return True
    return any(os.strerror(number) in str(error) for number in _NO_ROOM)
