"""One word for the type of a column, the same for every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_PREFIXES = (
    ("Int", "int"), ("UInt", "int"), ("Float", "float"), ("String", "text"), ("Boolean", "bool"), ("Datetime", "datetime"),
    ("Date", "date"), ("Time", "time"), ("Duration", "duration"), ("Categorical", "category"), ("Enum", "category"),
    ("Decimal", "decimal"), ("List", "list"), ("Array", "list"), ("Struct", "record"), ("Binary", "bytes"), ("Null", "empty"),
)  # fmt: skip
_INFERRED = {
    "boolean": "bool", "date": "date", "datetime": "datetime", "decimal": "decimal", "bytes": "bytes", "time": "time",
    "timedelta": "duration", "integer": "int", "floating": "float",
}  # fmt: skip


def of_polars(dtype: pl.DataType) -> str:
    """The word for a polars type."""
    name = str(dtype)
    return next((word for prefix, word in _PREFIXES if name.startswith(prefix)), name.lower())


def of_pandas(column: pd.Series) -> str:
    """The word for a pandas column."""
    import pandas as pd
    from pandas.api import types

    dtype = column.dtype
    if types.is_bool_dtype(dtype):
        return "bool"
    if types.is_integer_dtype(dtype):
        return "int"
    if types.is_float_dtype(dtype):
        return "float"
    if types.is_datetime64_any_dtype(dtype):
        return "datetime"
    if types.is_timedelta64_dtype(dtype):
        return "duration"
    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    if isinstance(dtype, pd.StringDtype):
        return "text"
    return _INFERRED.get(types.infer_dtype(column, skipna=True), "text")
