"""One word for the type of a column, the same for every format."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

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


def with_width(word: str, dtype: pl.DataType) -> str:
    """The word for a column's type with its width, where its polars type has one: `uint8`, `float32`."""
    exact = str(dtype).lower()
    return exact if (word == "int" and dtype.is_integer()) or (word == "float" and dtype.is_float()) else word


def of_pandas(dtype: Any, column: Callable[[], Any]) -> str:
    """The word for a pandas type; objects are judged by the values of their `column`."""
    from pandas.api import types

    if not is_object(dtype):
        return _of_dtype(dtype)
    return _INFERRED.get(types.infer_dtype(column(), skipna=True), "text")


def is_object(dtype: Any) -> bool:
    """Whether a pandas type says nothing of the values."""
    return bool(dtype.kind == "O" and str(dtype) == "object")


@lru_cache
def _of_dtype(dtype: Any) -> str:
    import pandas as pd
    from pandas.api import types

    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    tests = (
        (types.is_bool_dtype, "bool"),
        (types.is_integer_dtype, "int"),
        (types.is_float_dtype, "float"),
        (types.is_datetime64_any_dtype, "datetime"),
        (types.is_timedelta64_dtype, "duration"),
    )
    return next((word for test, word in tests if test(dtype)), "text")
