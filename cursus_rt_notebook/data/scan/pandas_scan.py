"""Files scanned by pandas itself, piece by piece: slower than polars, and by definition what the user would see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cursus_rt_notebook.data.scan import csv_text, words
from cursus_rt_notebook.data.scan.frames import SEPARATORS, chunks
from cursus_rt_notebook.data.scan.result import Scan, merge_types
from cursus_rt_notebook.data.tables import TableFile

if TYPE_CHECKING:
    import pandas as pd

_NOTHING = "none"  # the type of a piece of a column in which every cell is missing
_LARGE = "large"  # integers of more than 64 bits, which pandas keeps as objects, with or without missing cells
_LABELLED = "pandas takes the first column for row labels: the rows have more fields than the header"


def scan(file: TableFile, limit: int | None) -> Scan:
    """Scan a file with pandas; the first `limit` columns, or all."""
    total = 0
    parts: dict[str, list[tuple[str, int]]] = {}
    otherwise: dict[str, str] = {}
    note = ""
    for frame in chunks(file):
        before, total = total, total + len(frame)
        for name in list(parts):
            if name not in frame:
                parts[name].append((_NOTHING, len(frame)))
        for i, name in enumerate(map(str, frame.columns)):
            column = frame.iloc[:, i]
            absent = int(column.isna().sum())
            seen = parts.setdefault(name, [(_NOTHING, before)] if before else [])
            word = _LARGE if column.dtype == object and words.of_pandas(column) == "int" else words.of_pandas(column)
            seen.append((word if absent < len(column) else _NOTHING, absent))
            otherwise.setdefault(name, word)
        note = note or _note(file, frame)
    names = tuple(parts)
    looked_at = names[:limit]
    types = tuple(_join(parts[name], otherwise[name]) for name in looked_at)
    missing = tuple(sum(absent for _, absent in parts[name]) for name in looked_at)
    return Scan(total, len(names), looked_at, types, missing, way="pandas", note=note)


def rows(file: TableFile, start: int, count: int) -> Iterator[pd.DataFrame]:
    """Read some rows of a file, in pieces."""
    at = 0
    for frame in chunks(file):
        piece = frame.iloc[max(0, start - at) : max(0, start + count - at)]
        at += len(frame)
        if len(piece) or at >= start + count:
            yield piece
        if at >= start + count:
            return


def _join(parts: list[tuple[str, int]], otherwise: str) -> str:
    """The type of a column from those of its pieces. Missing cells make floats of integers, here as in pandas."""
    joined = merge_types([part for part in parts if part[0] != _NOTHING], otherwise)
    if joined == _LARGE:
        return "int"
    return "float" if joined == "int" and any(absent for _, absent in parts) else joined


def _note(file: TableFile, frame: pd.DataFrame) -> str:
    if file.kind not in SEPARATORS:
        return ""
    if type(frame.index).__name__ != "RangeIndex":
        return _LABELLED
    return csv_text.HEADLESS if csv_text.looks_headless([str(name) for name in frame.columns]) else ""
