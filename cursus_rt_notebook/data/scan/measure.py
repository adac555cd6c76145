"""A table in figures: for each column its type with its width, missing cells, least and most value, different values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.scan import cells, words
from cursus_rt_notebook.data.scan.examine import Table

if TYPE_CHECKING:
    import polars as pl

_BLOCK: Final = 200  # columns measured in one pass
_NEARLY_ALL: Final = 0.9  # an estimate of different values is off by a few percent


def types(table: Table) -> list[str]:
    """Each column's type, with its width where it has one."""
    dtypes = table.rows.collect_schema().dtypes()
    return [words.with_width(word, dtype) for word, dtype in zip(table.scan.types, dtypes, strict=True)]


def measure(table: Table) -> dict[str, Any]:
    """All figures of all columns. `distinct` is an estimate but where it says that all values are different."""
    found: dict[str, list[Any]] = {"missing": [], "minimum": [], "maximum": [], "distinct": [], "unique": []}
    schema = table.rows.collect_schema()
    dtypes = schema.dtypes()
    for start in range(0, len(dtypes), _BLOCK):
        block = range(start, min(start + _BLOCK, len(dtypes)))
        row = _figures(table.rows, block, dtypes)
        for i in block:
            missing, distinct = int(row[f"{i} missing"]), row.get(f"{i} distinct")
            found["missing"].append(missing)
            found["minimum"].append(_plain(row.get(f"{i} min"), dtypes[i]))
            found["maximum"].append(_plain(row.get(f"{i} max"), dtypes[i]))
            found["distinct"].append(distinct)
            found["unique"].append(None)
    _settle_unique(table, found)
    return {"rows": table.scan.rows, "names": table.scan.names, "types": types(table), **found}


def _figures(rows: pl.LazyFrame, block: range, dtypes: Sequence[pl.DataType]) -> dict[str, Any]:
    return (
        rows.select(expr for i in block for expr in _exprs(i, dtypes[i])).collect(engine="streaming").row(0, named=True)
    )


def _exprs(i: int, dtype: pl.DataType) -> Iterator[pl.Expr]:
    import polars as pl

    column = pl.col(str(i))
    yield column.null_count().alias(f"{i} missing")
    if dtype.is_nested() or isinstance(dtype, pl.Binary):
        return
    if not dtype.is_decimal():
        yield column.approx_n_unique().alias(f"{i} distinct")
    if dtype.is_numeric() or dtype.is_temporal():
        yield from (column.min().alias(f"{i} min"), column.max().alias(f"{i} max"))


def _settle_unique(table: Table, found: dict[str, list[Any]]) -> None:
    """Say of each column whether all its values are different: counted, where an estimate says that they may be."""
    import polars as pl

    rows = table.scan.rows
    likely: list[int] = []
    for i, (missing, distinct) in enumerate(zip(found["missing"], found["distinct"], strict=True)):
        if distinct is not None and rows:
            present = rows - missing
            found["unique"][i] = False
            if present and distinct >= _NEARLY_ALL * present and rows <= settings.UNIQUE_ROWS:
                likely.append(i)
            elif present and distinct >= _NEARLY_ALL * present:
                found["unique"][i] = None
    for i in likely:
        counted = table.rows.select(pl.col(str(i)).drop_nulls().n_unique()).collect(engine="streaming").item()
        found["distinct"][i] = int(counted)
        found["unique"][i] = counted == rows - found["missing"][i]


def _plain(value: Any, dtype: pl.DataType) -> Any:
    """A value as JSON holds it: a number as it is, a date as text."""
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    return cells.cell_text(value) if dtype.is_temporal() else float(value)
