"""Cells as the text one sees: numbers as pandas shows them, dates in ISO form, long text cut with its length.

Missing is None, so that it is never mistaken for a text. All else is plain text; whoever shows it escapes it.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook import settings

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Cells = list[tuple[str | None, ...]]
_SHOWN_ITEMS = 50


def of_csv(frame: pl.DataFrame, types: Sequence[str]) -> Cells:
    """The cells of CSV columns that were read as text."""
    import polars as pl

    # Cut before Python sees it: one cell may hold hundreds of megabytes.
    shown = frame.select(pl.all().str.slice(0, settings.CELL_TEXT))
    lengths = frame.select(pl.all().str.len_chars())
    columns = map(_csv_column, shown.iter_columns(), lengths.iter_columns(), types)
    return list(zip(*columns, strict=True))


def of_polars(frame: pl.DataFrame) -> Cells:
    """The cells of a polars frame."""
    return list(zip(*(_polars_column(column) for column in frame.iter_columns()), strict=True))


def of_pandas(frame: pd.DataFrame, limit: int | None) -> Cells:
    """The cells of the first columns of a pandas frame."""
    columns = (frame.iloc[:, i].astype(object) for i in range(min(len(frame.columns), limit or len(frame.columns))))
    return list(zip(*([cell_text(value) for value in column] for column in columns), strict=True))


def whole_of_polars(column: pl.Series, limit: int) -> str | None:
    """The text of a column's one cell, cut only after `limit` characters."""
    import polars as pl

    dtype = column.dtype
    if isinstance(dtype, (pl.Float32, pl.Binary)):
        return _polars_column(column)[0]
    text = whole_text(column.item())
    return None if text is None else text[:limit]


def cell_text(value: Any) -> str | None:
    """One value as text, cut if it is long; None if it is missing."""
    text = whole_text(value)
    return None if text is None else cut(text)


def whole_text(value: Any) -> str | None:
    """One value as text, however long; None if it is missing."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return None
    if isinstance(value, float):
        return None if math.isnan(value) else repr(float(value))
    if isinstance(value, str):
        return value
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    return _nested(value) if isinstance(value, (dict, list, tuple)) else str(value)


def lengths(frame: pl.DataFrame) -> list[tuple[int, int, int]]:
    """The texts in a frame that are cut where they are shown: row, column, length in characters."""
    import polars as pl

    found: list[tuple[int, int, int]] = []
    for i, column in enumerate(frame.iter_columns()):
        if column.dtype == pl.String:
            counts = column.str.len_chars()
            found += [(row, i, counts[row]) for row in (counts > settings.CELL_TEXT).arg_true()]
    return sorted(found)


def cut(text: str, length: int | None = None) -> str:
    """Shorten a text that is too long for a cell and say how long it is."""
    length = len(text) if length is None else length
    # A lone surrogate would break whoever writes it.
    shown = text[: settings.CELL_TEXT].encode("utf-8", "replace").decode()
    return shown if length <= settings.CELL_TEXT else f"{shown}… ({length:,} characters)"


def _csv_column(column: pl.Series, lengths: pl.Series, kind: str) -> list[str | None]:
    show = _CSV_TEXT.get(kind, cut)
    return [
        None if text is None else show(text) if length <= settings.CELL_TEXT else cut(text, length)
        for text, length in zip(column, lengths, strict=True)
    ]


_CSV_TEXT: Final[dict[str, Callable[[str], str]]] = {
    "int": lambda text: str(int(text)),
    "float": lambda text: repr(float(text)),
    "bool": str.capitalize,
}


def _text_column(column: pl.Series) -> list[str | None]:
    return _csv_column(column.str.slice(0, settings.CELL_TEXT), column.str.len_chars(), "text")


def _polars_column(column: pl.Series) -> list[str | None]:
    import polars as pl

    dtype = column.dtype
    if isinstance(dtype, (pl.Float32, pl.Categorical, pl.Enum)):
        text = _text_column(column.cast(pl.String))
        return [None if value == "NaN" and dtype == pl.Float32 else value for value in text]
    if dtype == pl.String:
        return _text_column(column)
    if dtype == pl.Binary:
        return [None if value is None else _bytes_text(value) for value in column]
    if isinstance(dtype, pl.List):
        column = column.list.head(_SHOWN_ITEMS)
    return [cell_text(value) for value in column.to_list()]


def _bytes_text(value: bytes) -> str:
    shown = repr(value[:_SHOWN_ITEMS])
    return shown if len(value) <= _SHOWN_ITEMS else f"{shown}… ({len(value):,} bytes)"


def _nested(value: Any) -> str:
    try:
        return json.dumps(value, default=str, ensure_ascii=False)
    except (ValueError, RecursionError, TypeError):
        return f"{type(value).__name__}, nested too deep to show"
