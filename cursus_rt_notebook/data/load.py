"""Data for the kernel: what `.df` and `.batches` load, and whether it fits. Only what the user asks for by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.scan import frames
from cursus_rt_notebook.data.scan.result import different_columns
from cursus_rt_notebook.data.tables import TableFile, TableFiles
from cursus_rt_notebook.errors import TooLarge

if TYPE_CHECKING:
    import pandas as pd

    from cursus_rt_notebook.data.reader import Reader

# What a table can take in memory at most, in bytes for each of its file's: a cell is two bytes of text or more, and
# eight of a number; deflate packs a thousandfold at best.
_AT_MOST: Final = {"csv": 5, "tsv": 5, "jsonl": 10, "json": 20}
_PACKED_AT_MOST: Final = 1_032
_WHILE_READING: Final = 2  # a table is there twice while pandas puts it together
_CGROUP: Final = Path("/sys/fs/cgroup")


def load(table: TableFiles, reader: Reader) -> pd.DataFrame:
    """Read a whole table, its parts one below the other.

    Raises:
        TooLarge: it would not fit into the memory that is free.
        Unreadable: it cannot be read, or its parts have different columns.
    """
    import pandas as pd

    check_fits(table, reader)
    try:
        parts = [frames.read(file) for file in table.files]
        _check_same(table, parts)
        # A part without rows has columns without types, which the others would lose by it.
        filled = [part for part in parts if len(part)] or parts[:1]
        return parts[0] if len(parts) == 1 else pd.concat(filled, ignore_index=True)
    except MemoryError:
        raise _too_large(table, None, available_memory()) from None


def batches(table: TableFiles, rows: int | None = None) -> Iterator[pd.DataFrame]:
    """Read a table piece by piece."""
    for file in table.files:
        yield from frames.chunks(file, rows)


def check_fits(table: TableFiles, reader: Reader) -> None:
    """Make sure that a table fits into the memory that is free.

    Raises:
        TooLarge: it does not.
    """
    free = available_memory()
    # The reader is asked only where the files' sizes leave it open.
    if _at_most(table) * _WHILE_READING < free:
        return
    weight = reader.weigh(table.path)
    if weight * _WHILE_READING > free:
        raise _too_large(table, weight, free)


def available_memory() -> int:
    """Bytes this process can still have, by the machine and by its control group."""
    free = int(psutil.virtual_memory().available)
    try:
        limit = (_CGROUP / "memory.max").read_text().strip()
        used = int((_CGROUP / "memory.current").read_text())
    except (OSError, ValueError):
        return free
    return free if limit == "max" else min(free, max(0, int(limit) - used))


def _at_most(table: TableFiles) -> float:
    return sum(_file_at_most(file) for file in table.files)


def _file_at_most(file: TableFile) -> float:
    factor = _AT_MOST.get(file.kind)
    if factor is None:
        return float("inf")  # a Parquet file of one kilobyte may hold gigabytes
    return Path(file.path).stat().st_size * factor * (_PACKED_AT_MOST if file.packing else 1)


def _check_same(table: TableFiles, parts: list[pd.DataFrame]) -> None:
    first = tuple(map(str, parts[0].columns))
    for file, part in zip(table.files, parts, strict=True):
        names = tuple(map(str, part.columns))
        if names != first:
            raise different_columns(first, names, table.files[0].name, file.name)


def _too_large(table: TableFiles, weight: int | None, free: int) -> TooLarge:
    size = f"about {weight / settings.GIB:.1f} GB" if weight else "more than there is"
    return TooLarge(
        f"{Path(table.path).name} takes {size} as a DataFrame, and twice that while it is read; "
        f"{free / settings.GIB:.1f} GB of memory are free",
        fix="`.batches` gives it in pieces, `.head(1000)` its first rows",
        path=table.path,
        size=weight,
        free=free,
    )
