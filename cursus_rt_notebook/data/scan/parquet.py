"""Parquet files: sizes from the footer, missing cells by a streaming scan, rows by small batches.

Of a column whose dictionary would unfold to gigabytes, only the rows asked for are decoded.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.data.scan import words
from cursus_rt_notebook.data.scan.result import Scan

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    import pyarrow as pa

_WEIGHED_ROWS = 1_000
_Column = tuple[int, str, "pl.DataType"]  # number in the file, name, type


def outline(path: str) -> Scan:
    """What the footer alone says of a file: all but the missing cells. What pandas made its index is no column."""
    return _scan(*_look(path), None, counted=False)


def scan(path: str, limit: int | None) -> Scan:
    """Scan a Parquet file; the first `limit` columns, or all."""
    return _scan(*_look(path), limit, counted=True)


def size(path: str) -> tuple[int, int]:
    """Rows and columns, from the footer alone."""
    frame, found = _look(path)
    return _rows(frame), len(found)


def rows(path: str, columns: int, start: int, count: int) -> pl.DataFrame:
    """Read some rows of the first columns, which are named by position."""
    import polars as pl

    frame, found = _look(path)
    named = [pl.nth(i).alias(str(number)) for number, (i, _, _) in enumerate(found[:columns])]
    return frame.select(named).slice(start, count).collect()


def columns(path: str, types: Sequence[str]) -> pl.LazyFrame:
    """All rows, with columns named by position, and of the types that the table's parts have together."""
    frame, found = _look(path)
    exprs = [
        _plain(i, dtype, None if words.of_polars(dtype) == types[number] else types[number]).alias(str(number))
        for number, (i, _, dtype) in enumerate(found)
    ]
    return frame.select(exprs)


def head(path: str, count: int) -> bytes:
    """The first rows as an Arrow stream, with all that pandas left in the file to restore its own types and index."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as parquet:
        batches: list[Any] = []
        wanted = count
        for batch in parquet.iter_batches(batch_size=max(1, min(count, 10_000))):
            if wanted <= 0:
                break
            batches.append(batch.slice(0, wanted))
            wanted -= batch.num_rows
        table = pa.Table.from_batches(batches, schema=parquet.schema_arrow)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def take(path: str, positions: np.ndarray) -> pa.Table:
    """The rows at these positions, which ascend, with all that pandas left in the file as in `head`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as parquet:
        pieces = list(_taken(parquet, positions))
        return pa.concat_tables([parquet.schema_arrow.empty_table(), *pieces])


def index_columns(paths: Sequence[str]) -> list[pl.Series]:
    """The columns that pandas made its index, which are none of the table's; whole."""
    import polars as pl

    names = sorted(_index_columns(paths[0]))
    frames = [_lazy(path).select(pl.col([name]) for name in names).collect() for path in paths] if names else []
    return pl.concat(frames).get_columns() if frames else []


def weigh(path: str) -> int:
    """About how many bytes the whole table takes in memory, judged by its first rows."""
    count, columns = size(path)
    frame = _lazy(path).head(_WEIGHED_ROWS).collect()
    if not frame.height:
        return 0
    sampled = sum(map(_weight, frame.iter_columns())) + 8 * columns * frame.height
    return sampled * count // frame.height


def _scan(frame: pl.LazyFrame, found: Sequence[_Column], limit: int | None, *, counted: bool) -> Scan:
    wanted = found[:limit]
    names = tuple(name for _, name, _ in wanted)
    types = tuple(words.of_polars(dtype) for _, _, dtype in wanted)
    missing = _count_missing(frame, wanted) if wanted and counted else (0,) * len(wanted)
    return Scan(_rows(frame), len(found), names, types, missing, way="parquet")


def _rows(frame: pl.LazyFrame) -> int:
    import polars as pl

    return int(frame.select(pl.len()).collect().item())


def _count_missing(frame: pl.LazyFrame, columns: Sequence[_Column]) -> tuple[int, ...]:
    counts = frame.select(_missing(i, dtype) for i, _, dtype in columns)
    return tuple(map(int, counts.collect(engine="streaming").row(0)))


def _taken(parquet: Any, positions: np.ndarray) -> Iterator[pa.Table]:
    before = 0
    for group in range(parquet.num_row_groups):
        end = before + parquet.metadata.row_group(group).num_rows
        first, last = positions.searchsorted([before, end])
        if first < last:
            yield parquet.read_row_group(group).take(positions[first:last] - before)
        before = end


def _weight(column: pl.Series) -> int:
    import polars as pl

    # The same text repeated is there once in polars, and each time in pandas.
    return int(column.str.len_bytes().sum() or 0) if column.dtype == pl.String else int(column.estimated_size())


def _lazy(path: str) -> pl.LazyFrame:
    import polars as pl

    return pl.scan_parquet(path, glob=False, hive_partitioning=False)


def _look(path: str) -> tuple[pl.LazyFrame, list[_Column]]:
    """The file, and its columns."""
    frame = _lazy(path)
    index = _index_columns(path)
    schema = frame.collect_schema().items()
    return frame, [(i, name, dtype) for i, (name, dtype) in enumerate(schema) if name not in index]


def _missing(number: int, dtype: pl.DataType) -> pl.Expr:
    import polars as pl

    # By number: as an expression, a name like ^a.*$ or * means several columns.
    column = pl.nth(number)
    # To pandas, NaN is missing too.
    count = column.null_count() + column.is_nan().sum() if dtype.is_float() else column.null_count()
    return count.alias(str(number))


def _plain(number: int, dtype: pl.DataType, wanted: str | None) -> pl.Expr:
    """A column without NaN and without types of its own, and as `wanted` if other parts of the table have it so."""
    import polars as pl

    column = pl.nth(number)
    if wanted == "float":
        return column.cast(pl.Float64)
    if wanted is not None or isinstance(dtype, (pl.Categorical, pl.Enum, pl.Null)):
        return column.cast(pl.String)
    return column.fill_nan(None) if dtype.is_float() else column


def _index_columns(path: str) -> set[str]:
    import polars as pl

    try:
        written = json.loads(pl.read_parquet_metadata(path).get("pandas", "{}"))
        return {name for name in written.get("index_columns", ()) if isinstance(name, str)}
    except (ValueError, AttributeError, TypeError):
        return set()
