"""Dates in three columns, made one by one: no day that its month does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


def corrected(table: pa.Table) -> pa.Table:
    """The table, with the last day of the month for days after it, if it has numbers called year, month and day."""
    import pyarrow as pa
    import pyarrow.compute

    compute: Any = pyarrow.compute  # its functions are made when it is imported
    place = {name.lower(): i for i, name in enumerate(table.column_names)}
    parts = [place.get(name) for name in ("year", "month", "day")]
    if None in parts or not all(_is_number(table.schema.field(i).type) for i in parts):
        return table
    year, month, day = (table[i] for i in parts)
    last = pa.array(_days(_numbers(year, 2000), _numbers(month, 1)))
    late = compute.fill_null(compute.greater(day.cast(pa.float64()), last), fill_value=False)
    if not compute.any(late).as_py():
        return table
    return table.set_column(parts[2], table.schema.field(parts[2]), compute.if_else(late, last.cast(day.type), day))


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    return pa.types.is_integer(kind) or pa.types.is_floating(kind)


def _numbers(column: pa.ChunkedArray, otherwise: int) -> np.ndarray:
    import numpy as np
    import pyarrow as pa

    return np.nan_to_num(column.cast(pa.float64()).fill_null(otherwise).to_numpy(), nan=otherwise)


def _days(year: np.ndarray, month: np.ndarray) -> np.ndarray:
    """How many days each month has."""
    months = (year.clip(1, 9999) - 1970).astype(int) * 12 + month.clip(1, 12).astype(int) - 1
    first = months.astype("datetime64[M]")
    return ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(int)
