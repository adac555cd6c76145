"""Which values of a column do not fit a type, as an expression of polars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cursus_rt_notebook.data.checks import lattice
from cursus_rt_notebook.data.scan import csv_text

if TYPE_CHECKING:
    import polars as pl

_MOST_FLOAT32: Final = 3.4028234663852886e38
_LARGE: Final = 2.0**63
_ZONE: Final = r"(Z|[+-]\d{2}:?\d{2})$"
_DATES: Final = (
    "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y/%m/%d",
    "%m/%d/%Y", "%d.%m.%Y",
)  # fmt: skip
_TIMES: Final = ("%H:%M:%S%.f", "%H:%M")


def misfits(name: str, dtype: pl.DataType, expected: str) -> pl.Expr:
    """Whether a value of the column `name`, which is of type `dtype`, cannot be what is `expected`. Never of missing ones."""
    import polars as pl

    column, wanted = pl.col(name), lattice.family(expected)
    if wanted in {"int", "float", "decimal", "bool"}:
        return column.is_not_null() & ~_as_number(column, dtype, expected).fill_null(value=False)
    if wanted in {"date", "datetime", "time", "duration"} and isinstance(dtype, pl.String):
        return column.is_not_null() & ~_reads_as(column, wanted)
    if wanted == "date" and isinstance(dtype, pl.Datetime):
        return column.is_not_null() & (column.dt.truncate("1d") != column)
    return pl.lit(value=False)


def _as_number(column: pl.Expr, dtype: pl.DataType, expected: str) -> pl.Expr:
    """Whether a value is a number that the expected type holds."""
    import polars as pl

    wanted = lattice.family(expected)
    if isinstance(dtype, pl.String):
        if wanted == "bool":
            return column.str.strip_chars().is_in([*csv_text.TRUE, *csv_text.FALSE, "0", "1"])
        column = column.str.strip_chars().cast(pl.Float64, strict=False)
    elif not dtype.is_integer():
        column = column.cast(pl.Float64)
    if wanted == "bool":
        return column.is_in([0, 1])
    if wanted == "int":
        return _is_whole(column, expected, exact=dtype.is_integer())
    if lattice.bits_of_float(expected) < lattice.bits_of_float("float"):
        return column.is_null() | (column.abs() <= _MOST_FLOAT32) | column.is_infinite()
    return column.is_not_null()


def _is_whole(column: pl.Expr, expected: str, *, exact: bool) -> pl.Expr:
    import polars as pl

    least, most = lattice.whole_numbers(expected)
    if exact:
        return column.is_between(pl.lit(least), pl.lit(most))
    # As a float the most of 64 bits is one too large: what is below it fits.
    top = column <= most if most < _LARGE - 1 else column < float(most)
    return (column == column.floor()) & (column >= least) & top


def _reads_as(column: pl.Expr, wanted: str) -> pl.Expr:
    import polars as pl

    text = column.str.strip_chars()
    if wanted == "time":
        return pl.any_horizontal(text.str.to_time(form, strict=False).is_not_null() for form in _TIMES)
    if wanted == "duration":
        return text.str.contains(r"^-?(\d+ days? )?\d{1,2}:\d{2}:\d{2}(\.\d+)?$|^-?\d+ days?$")
    plain = text.str.replace(_ZONE, "").str.strip_chars()
    read = [plain.str.to_datetime(form, strict=False) for form in _DATES]
    if wanted == "datetime":
        return pl.any_horizontal(one.is_not_null() for one in read)
    moment = pl.coalesce(read)
    return (moment.dt.truncate("1d") == moment).fill_null(value=False)
