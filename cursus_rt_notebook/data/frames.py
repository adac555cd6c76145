"""DataFrames as files, in the format that the file's name says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook.suffixes import SEPARATORS

if TYPE_CHECKING:
    import pandas as pd

WRITERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "csv": ("to_csv", {"index": False}),
    "tsv": ("to_csv", {"index": False, "sep": SEPARATORS["tsv"]}),
    "parquet": ("to_parquet", {"index": False}),
    "json": ("to_json", {"orient": "records"}),
    "jsonl": ("to_json", {"orient": "records", "lines": True}),
}


def write_table(data: pd.DataFrame, path: Path) -> None:
    """Write a DataFrame in the format that the file's name says; as CSV where it says none."""
    method, arguments = _writer(path.name)
    getattr(data, method)(path, **arguments)


def _writer(name: str) -> tuple[str, dict[str, Any]]:
    """The method of a DataFrame, and its arguments, that writes a file of this name."""
    lower = name.lower().removesuffix(".gz")
    return next((how for kind, how in WRITERS.items() if lower.endswith(f".{kind}")), WRITERS["csv"])
