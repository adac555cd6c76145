"""The files that are looked into for one failure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from cursus_rt_notebook.engine.upstream.headers import names_in, table_files
from cursus_rt_notebook.engine.upstream.texts import Hit, find_text


class Files:
    """What files hold, each read once however often it is asked for: none changes while a failure is looked into."""

    def __init__(self) -> None:
        self._tables = cache(table_files)
        self._names = cache(names_in)
        self._hits = cache(find_text)

    def tables(self, root: Path) -> Sequence[Path]:
        """The table files below a folder, by name."""
        return self._tables(root)

    def has_name(self, path: Path, name: str) -> bool:
        """Whether a table has a column, or a JSON file a key, of this name; no, where it cannot be read."""
        return name in self._names(path)

    def with_text(self, root: Path, text: str) -> Sequence[Hit]:
        """The files below a folder, or the file, that hold a text as a whole word."""
        return self._hits(root, text)
