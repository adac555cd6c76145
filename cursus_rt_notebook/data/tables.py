"""Which files of a folder make up its table: one file, or the parts of one.

A port's folder holds, by what is in it:

- one table file: that is the table. Papers beside it (JSON, text, pictures, models) do not count;
- several files whose names differ only in their numbers (`part-00000.csv`, `shard_1.parquet`), or that all begin with
  `part-`, of one kind: they are parts of one table, in the order of their names, numbers by value;
- several others: unrelated tables. Which one is meant has to be said;
- no table file but JSON documents: as above, with them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cursus_rt_notebook.data.files import is_hidden
from cursus_rt_notebook.data.kinds import kind_of
from cursus_rt_notebook.data.packing import Packing
from cursus_rt_notebook.errors import DataError, Unreadable


@dataclass(frozen=True)
class TableFile:
    """One file of a table. `name` is what it is called in messages; its path may be that of an unpacked copy."""

    path: str
    kind: str
    packing: Packing | None = None
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or Path(self.path).name)


@dataclass(frozen=True)
class TableFiles:
    """The files of one table, all of one kind. `path` is the file or folder that was asked for."""

    path: str
    kind: str
    files: tuple[TableFile, ...]


def find_table(path: Path) -> TableFiles:
    """Find the table in a file or folder; subfolders are not looked into.

    Raises:
        Unreadable: there is none; `no_table` tells this from a table that cannot be read.
        DataError: there are several; `tables` names their files.
    """
    if not path.is_dir():
        return _single(path)
    found = table_files(path)
    if not _are_parts(found):
        raise several_tables(path, [file.name for file in found])
    for first in found:
        return TableFiles(str(path), first.kind, found)
    raise _no_table(f"{path.name} holds no table", path)


def several_tables(path: Path, names: Sequence[str]) -> DataError:
    """The error for a folder in which several tables could be meant."""
    listed = ", ".join(names[:10]) + (f" and {len(names) - 10:,} more" if len(names) > 10 else "")
    return DataError(
        f"{path.name} holds several tables: {listed}",
        fix=f'say which one: artifact["{next(iter(names))}"]',
        path=str(path),
        tables=tuple(names),
    )


def table_files(folder: Path) -> tuple[TableFile, ...]:
    """The table files in a folder; JSON documents only where there is nothing else."""
    found = tuple(_tables_in(folder))
    return tuple(file for file in found if file.kind != "json") or found


def _tables_in(folder: Path) -> Sequence[TableFile]:
    with os.scandir(folder) as entries:
        paths = sorted((e.path for e in entries if not is_hidden(e.name) and not e.is_dir()), key=_natural)
    kinds = ((path, kind_of(path)) for path in paths)
    return [TableFile(path, kind.name, kind.packing) for path, kind in kinds if kind.is_table]


def _single(path: Path) -> TableFiles:
    if not path.exists():
        raise Unreadable(f"{path} is not there", path=str(path))
    kind = kind_of(str(path))
    if not kind.is_table:
        raise _no_table(f"{path.name} is {kind.described}, not a table", path)
    return TableFiles(str(path), kind.name, (TableFile(str(path), kind.name, kind.packing),))


def _no_table(message: str, path: Path) -> Unreadable:
    return Unreadable(message, fix="`.files` lists what is there", path=str(path), no_table=True)


def _are_parts(files: Sequence[TableFile]) -> bool:
    if len({(file.kind, file.packing) for file in files}) > 1:
        return False
    names = [file.name for file in files]
    return all(name.startswith("part-") for name in names) or len({re.sub(r"\d+", "0", name) for name in names}) == 1


def _natural(path: str) -> tuple[list[int | str], str]:
    pieces = re.split(r"(\d+)", Path(path).name)
    return [int(piece) if i % 2 else piece for i, piece in enumerate(pieces)], path
