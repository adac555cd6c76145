"""Questions to the reader about a table as a whole: its types, its figures, the rows that break a rule or a schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cursus_rt_notebook.data.reader import Reader

Path_ = str | Path


def outline(reader: Reader, path: Path_) -> dict[str, str]:
    """Each column's type in one word, with its width where it has one: int64, uint8, float32, text, ..."""
    answer, _ = reader.ask("outline", path)
    return dict(zip(answer["names"], answer["types"], strict=True))


def measure(reader: Reader, path: Path_) -> dict[str, Any]:
    """The table in figures: rows, and for each column type, missing cells, least and most, different values."""
    return reader.ask("measure", path)[0]


def examine(reader: Reader, path: Path_, rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows that break each of some rules; see `scan.examine`."""
    return reader.ask("examine", path, rules=[dict(rule) for rule in rules])[0] if rules else []


def conform(reader: Reader, path: Path_, schema: Path_, key: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Where the table is not as the pandera schema in the file `schema` says; see `scan.schemas`.

    Raises:
        DataError: the file holds no schema.
        TooLarge: the table is too large for pandas.
    """
    return reader.ask("conform", path, schema=str(schema), key=list(key))[0]
