"""Files scanned by pandas itself, piece by piece: slower than polars, and by definition what the user would see."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.data.scan import csv_text, words
from cursus_rt_notebook.data.scan.frames import chunks
from cursus_rt_notebook.data.scan.result import Scan, merge_types
from cursus_rt_notebook.data.tables import TableFile
from cursus_rt_notebook.suffixes import SEPARATORS

if TYPE_CHECKING:
    import pandas as pd

_Piece = tuple[str, str, int]  # of a column: what to join, the word for it, missing cells
_NOTHING = "none"  # the type of a piece of a column in which every cell is missing
_LARGE = "large"  # integers of more than 64 bits, which pandas keeps as objects, with or without missing cells
_LABELLED = "pandas takes the first column for row labels: the rows have more fields than the header"


def scan(file: TableFile, limit: int | None) -> Scan:
    """Scan a file with pandas; the first `limit` columns, or all."""
    total = 0
    parts: dict[str, list[_Piece]] = {}  # of every column seen, in order; filled for those looked at
    note = ""
    for frame in chunks(file):
        before, total = total, total + len(frame)
        for name in map(str, frame.columns):
            parts.setdefault(name, [(_NOTHING, "", before)])
        _note_pieces(frame, parts, tuple(parts)[:limit])
        note = note or _note(file, frame)
    names = tuple(parts)[:limit]
    types = tuple(_join(parts[name]) for name in names)
    missing = tuple(sum(absent for _, _, absent in parts[name]) for name in names)
    return Scan(total, len(parts), names, types, missing, way="pandas", note=note)


def _note_pieces(frame: pd.DataFrame, parts: dict[str, list[_Piece]], names: tuple[str, ...]) -> None:
    """Note the type and the missing cells of each column in one piece of the table."""
    at = {str(name): i for i, name in enumerate(frame.columns)}
    shown = [at[name] for name in names if name in at]
    absent = dict(zip(shown, frame.iloc[:, shown].isna().sum().tolist(), strict=True))
    dtypes = frame.dtypes.tolist()
    for name in names:
        i = at.get(name)
        if i is None:
            parts[name].append((_NOTHING, "", len(frame)))
            continue
        word = words.of_pandas(dtypes[i], partial(_column, frame, i))
        kind = _LARGE if word == "int" and words.is_object(dtypes[i]) else word
        parts[name].append((kind if absent[i] < len(frame) else _NOTHING, word, absent[i]))


def _column(frame: pd.DataFrame, i: int) -> Any:
    return frame.iloc[:, i]


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


def with_all(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """The frame with every column of the table: a piece of JSON lines may lack some."""
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    return frame if list(frame.columns[: len(names)]) == list(names) else frame.reindex(columns=list(names))


def _join(pieces: list[_Piece]) -> str:
    """The type of a column from those of its pieces. Missing cells make floats of integers, here as in pandas."""
    otherwise = next((word for _, word, _ in pieces if word), "text")
    joined = merge_types([(kind, absent) for kind, _, absent in pieces if kind != _NOTHING], otherwise)
    if joined == _LARGE:
        return "int"
    return "float" if joined == "int" and any(absent for _, _, absent in pieces) else joined


def _note(file: TableFile, frame: pd.DataFrame) -> str:
    if file.kind not in SEPARATORS:
        return ""
    if type(frame.index).__name__ != "RangeIndex":
        return _LABELLED
    return csv_text.HEADLESS if csv_text.looks_headless([str(name) for name in frame.columns]) else ""
