"""The columns of table files, from their first line or their footer; the keys of JSON files."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cursus_rt_notebook.data.files import is_hidden, walk
from cursus_rt_notebook.settings import FILES_LOOKED_INTO, MIB
from cursus_rt_notebook.suffixes import TABLES, separator_of

_KEY = re.compile(rb"\"([^\"\n]+)\"\s*:")
_LOOKED_AT = 4 * MIB  # of a JSON file, for the names in it


def table_files(root: Path) -> tuple[Path, ...]:
    """The table files below a folder, by name; by-products of theirs are left out."""
    names = sorted(walk(root))[:FILES_LOOKED_INTO] if root.is_dir() else [""]
    paths = [root / name if name else root for name in names]
    return tuple(path for path in paths if path.suffix.lower() in TABLES and not is_hidden(path.name))


def names_in(path: Path) -> frozenset[str]:
    """The columns of a table, or the keys of a JSON file; none, where it cannot be read."""
    with suppress(OSError, ValueError, csv.Error):
        return frozenset(_names(path))
    return frozenset()


def _names(path: Path) -> Iterable[str]:
    if path.suffix.lower() == ".parquet":
        return _of_parquet(path)
    separator = separator_of(path.name)
    return _of_json(path) if separator is None else _of_text(path, separator)


def _of_text(path: Path, separator: str) -> Iterable[str]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        return next(csv.reader(lines, delimiter=separator), [])


def _of_json(path: Path) -> Iterable[str]:
    with path.open("rb") as file:
        return {key.decode("utf-8", "replace") for key in _KEY.findall(file.read(_LOOKED_AT))}


def _of_parquet(path: Path) -> Iterable[str]:
    from pyarrow import parquet

    return parquet.read_schema(path).names
