"""What the name of a file promises, by its suffix: the formats in which tables come, and pickles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

TABLES: Final[Mapping[str, str]] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
SEPARATORS: Final[Mapping[str, str]] = {"csv": ",", "tsv": "\t"}
PICKLES: Final[Mapping[str, str]] = {".pkl": "pickle", ".pickle": "pickle", ".joblib": "joblib"}


def separator_of(name: str) -> str | None:
    """What separates the cells of a text table of this name; None for another file."""
    return SEPARATORS.get(TABLES.get(Path(name.lower()).suffix, ""))
