"""Raw values as Arrow arrays of a column's own type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.data.scan import time_text
from cursus_rt_notebook.data.synthetic.recipe import ColumnRecipe

if TYPE_CHECKING:
    import pyarrow as pa


def typed(raw: Any, recipe: ColumnRecipe) -> pa.Array:
    """Raw values as an Arrow array of the column's type."""
    import numpy as np
    import polars as pl
    import pyarrow as pa

    kind: Any = recipe.type
    form = getattr(recipe.values, "format", None)
    if isinstance(raw, pa.Array):
        return raw.cast(kind)
    if form is not None:
        micros = pl.Series(np.asarray(raw, np.int64), dtype=pl.Int64)
        return time_text.written(micros, form).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(kind)
    if pa.types.is_temporal(kind):
        return _times(raw, kind)
    if pa.types.is_integer(kind):
        return _whole(raw, kind)
    if pa.types.is_decimal(kind):
        return pa.array([None if one is None else round(float(one), kind.scale) for one in raw], pa.float64()).cast(
            kind
        )
    if pa.types.is_dictionary(kind):
        return pa.array(raw, kind.value_type).cast(kind)
    return pa.array(raw, from_pandas=False).cast(kind)


def _times(raw: Any, kind: pa.DataType) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    numbers = (
        pa.array([None if one is None else int(one) for one in raw], pa.int64())
        if isinstance(raw, list)
        else pa.array(np.asarray(raw, np.int64))
    )
    return numbers.cast(pa.int32()).cast(kind) if kind.bit_width == 32 else numbers.cast(kind)


def _whole(raw: Any, kind: pa.DataType) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    if isinstance(raw, list):
        return pa.array([None if one is None else round(one) for one in raw], kind)
    limits = np.iinfo(kind.to_pandas_dtype())
    return pa.array(np.asarray(raw).round().clip(limits.min, limits.max)).cast(kind)


def nanoseconds(kind: Any) -> int:
    """How many there are in the unit in which times of a type are counted."""
    import pyarrow as pa

    if pa.types.is_date(kind):
        return 1_000_000 if kind.bit_width == 64 else 86_400_000_000_000
    return {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}[kind.unit]
