"""Pieces of a table that pandas read, as typed columns named by position: what is missing is null, the rest keeps its value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.data.scan import cells, words

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_LARGE = 2**63


def columns(frame: pd.DataFrame, types: Sequence[str]) -> pl.DataFrame:
    """The columns of a piece, of the types that they have in the whole table."""
    import polars as pl

    return pl.DataFrame([_column(frame.iloc[:, i], kind).alias(str(i)) for i, kind in enumerate(types)])


def _column(column: pd.Series, kind: str) -> pl.Series:
    import pandas as pd
    import polars as pl

    if kind == "float":
        numbers: Any = pd.to_numeric(column, errors="coerce")
        return pl.Series(numbers.to_numpy("float64"), nan_to_null=True)
    if kind == "int" and column.dtype.kind in "iu" and not (len(column) and column.max() >= _LARGE):
        return pl.Series(column.to_numpy("int64"))
    if kind == "bool":
        return pl.Series([None if value else bool(truth) for truth, value in zip(column, column.isna(), strict=True)])
    if kind in {"datetime", "duration"} and column.dtype.kind in "mM":
        return pl.from_pandas(column)
    return _texts(column)


def _texts(column: pd.Series) -> pl.Series:
    import polars as pl

    if not words.is_object(column.dtype) and str(column.dtype) == "str":
        return pl.from_pandas(column).cast(pl.String)
    texts = [cells.whole_text(value) for value in column.astype(object)]
    # A lone surrogate is no text that can be written.
    return pl.Series(
        [None if text is None else text.encode("utf-8", "replace").decode() for text in texts], dtype=pl.String
    )
