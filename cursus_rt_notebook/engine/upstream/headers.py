"""The columns of table files, from their first line or their footer; the keys of JSON files."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cursus_rt_notebook.data.files import is_hidden, walk
from cursus_rt_notebook.settings import FILES_LOOKED_INTO, MIB

_TABLES = (".csv", ".tsv", ".json", ".parquet")
_LOOKED_AT = 4 * MIB  # of a JSON file, for a name in it


def table_files(root: Path) -> list[Path]:
    """The table files below a folder, by name; by-products of theirs are left out."""
    names = sorted(walk(root))[:FILES_LOOKED_INTO] if root.is_dir() else [""]
    paths = [root / name if name else root for name in names]
    return [path for path in paths if path.suffix.lower() in _TABLES and not is_hidden(path.name)]


def has_name(path: Path, name: str) -> bool:
    """Whether a table has a column, or a JSON file a key, of this name; no, where it cannot be read."""
    suffix = path.suffix.lower()
    with suppress(OSError, ValueError, csv.Error):
        if suffix == ".json":
            with path.open("rb") as file:
                return re.search(rb"\"" + re.escape(name.encode()) + rb"\"\s*:", file.read(_LOOKED_AT)) is not None
        return name in (_of_parquet(path) if suffix == ".parquet" else _of_text(path, suffix))
    return False


def _of_text(path: Path, suffix: str) -> Sequence[str]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        return next(csv.reader(lines, delimiter="\t" if suffix == ".tsv" else ","), [])


def _of_parquet(path: Path) -> Sequence[str]:
    from pyarrow import parquet

    return list(parquet.read_schema(path).names)
