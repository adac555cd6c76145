"""What is in a column, counted over all rows: how numbers and dates spread, and which values are frequent elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.query import NUMERIC, TEMPORAL
from cursus_rt_notebook.data.scan import cells

if TYPE_CHECKING:
    import polars as pl


def profiles(frame: pl.DataFrame, types: Sequence[str]) -> list[dict[str, Any]]:
    """Profile the columns of a frame, which are of these types in one word."""
    profile = partial(_profile, rows=frame.height)
    with ThreadPoolExecutor(settings.READER_THREADS) as pool:
        return list(pool.map(profile, frame.iter_columns(), types))


def _profile(column: pl.Series, kind: str, rows: int) -> dict[str, Any]:
    import polars as pl

    found: dict[str, Any] = {"missing": column.null_count() / rows if rows else 0.0}
    if column.null_count() == rows:
        return found
    if kind in NUMERIC | TEMPORAL and column.dtype != pl.String:
        return {**found, **_spread(column)}
    if isinstance(column.dtype, (pl.String, pl.Boolean)):
        return {**found, **_frequent(column)}
    return found


def _spread(column: pl.Series) -> dict[str, Any]:
    import polars as pl

    numbers = column.to_physical() if column.dtype.is_temporal() else column
    numbers = numbers.cast(pl.Float64) if numbers.dtype.is_decimal() else numbers
    if numbers.dtype.is_float():
        numbers = _as_they_are(numbers)
    low: Any = numbers.min()
    high: Any = numbers.max()
    if low is None:
        return {}
    edges = _edges(low, high)
    counts = _counts(numbers, edges)
    texts = _edge_texts(edges, column.dtype)
    bins = [(texts[i], texts[i + 1], count) for i, count in enumerate(counts)]
    least, most = cells.of_polars(pl.DataFrame({"": [column.min(), column.max()]}, schema={"": column.dtype}))
    return {"minimum": least[0], "maximum": most[0], "bins": bins}


def _as_they_are(numbers: pl.Series) -> pl.Series:
    """Floats without the infinite ones, and as whole numbers if they are: missing cells made floats of them."""
    import polars as pl

    if not numbers.is_finite().all():
        numbers = numbers.filter(numbers.is_finite())
    largest: Any = numbers.abs().max() or 0
    whole = (numbers.floor() == numbers).all() and largest < 2**53
    return numbers.cast(pl.Int64) if whole else numbers


def _edges(low: Any, high: Any) -> list[Any]:
    """Where the bins begin, and the last ends: whole numbers for whole numbers."""
    most = settings.PROFILE_BINS
    if isinstance(low, int):
        width = -(-(high - low + 1) // most)  # rounded up
        return [*range(low, high + 1, width), high]
    if not (high - low) / most:  # also where they differ by less than can be divided
        return [low, high]
    # Their difference may be too large for a float.
    return [low * (1 - i / most) + high * (i / most) for i in range(most)] + [high]


def _counts(numbers: pl.Series, edges: Sequence[Any]) -> list[int]:
    import numpy as np
    import polars as pl

    low, bins = edges[0], len(edges) - 1
    if bins == 1:
        return [len(numbers) - numbers.null_count()]
    step, value = edges[1] - low, pl.col(numbers.name)
    if numbers.dtype.is_integer() and edges[-1] - low < 2**62:
        number = (value.cast(pl.Int64) - low) // step
    elif math.isinf(edges[-1] - low):
        number = (value / step - low / step).floor()
    else:
        number = ((value - low) / step).floor()
    numbered = numbers.to_frame().lazy().select(number.clip(0, bins - 1).cast(pl.UInt8)).drop_nulls()
    parts = numbered.collect(engine="streaming").to_series().get_chunks()
    return sum((np.bincount(part.to_numpy(), minlength=bins) for part in parts), np.zeros(bins, int)).tolist()


def _edge_texts(edges: Sequence[Any], dtype: pl.DataType) -> list[str]:
    import polars as pl

    if not dtype.is_temporal():
        return [str(edge) if isinstance(edge, int) else f"{edge:.6g}" for edge in edges]
    return [row[0] or "" for row in cells.of_polars(pl.Series(edges, dtype=pl.Int64).cast(dtype).to_frame())]


def _frequent(column: pl.Series) -> dict[str, Any]:
    import polars as pl

    most = settings.PROFILE_DISTINCT
    present = column.to_frame().lazy().drop_nulls()
    value = pl.col(column.name)
    about: Any = column.approx_n_unique()
    more = about > 2 * most  # it is off by a few percent
    if more:
        # Counting ten million different texts takes seconds: count those that a sample finds frequent.
        step = max(1, len(column) // settings.PROFILE_SAMPLE)
        likely = column.gather_every(step).drop_nulls().value_counts(sort=True).head(settings.PROFILE_TOP)
        present = present.filter(value.is_in(likely.to_series().implode()))
    counts = present.group_by(value).len().sort("len", column.name, descending=[True, False])
    counted = counts.collect(engine="streaming")
    distinct = most if more or counted.height > most else counted.height
    top = counted.head(settings.PROFILE_TOP)
    texts = [row[0] for row in cells.of_polars(top.select(column.name))]
    return {
        "distinct": distinct,
        "distinct_more": more or counted.height > most,
        "top": list(zip(texts, top["len"].to_list(), strict=True)),
    }
