"""Parquet files: sizes from the footer, missing cells by a streaming scan, rows by small batches.

Of a column whose dictionary would unfold to gigabytes, only the rows asked for are decoded.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.data.scan import words
from cursus_rt_notebook.data.scan.result import Scan

if TYPE_CHECKING:
    import polars as pl

_WEIGHED_ROWS = 1_000


def scan(path: str, limit: int | None) -> Scan:
    """Scan a Parquet file; the first `limit` columns, or all. What pandas made its index is no column."""
    import polars as pl

    frame = _lazy(path)
    index = _index_columns(path)
    schema = {name: dtype for name, dtype in frame.collect_schema().items() if name not in index}
    names = tuple(schema)[:limit]
    counts = frame.select(pl.len().alias("rows")).collect().item()
    missing = frame.select(_missing(name, schema[name]).alias(str(i)) for i, name in enumerate(names))
    absent = missing.collect(engine="streaming").row(0) if names else ()
    types = tuple(words.of_polars(schema[name]) for name in names)
    return Scan(int(counts), len(schema), names, types, tuple(map(int, absent)), way="parquet")


def size(path: str) -> tuple[int, int]:
    """Rows and columns, from the footer alone."""
    import polars as pl

    index = _index_columns(path)
    frame = _lazy(path)
    columns = sum(name not in index for name in frame.collect_schema().names())
    return int(frame.select(pl.len()).collect().item()), columns


def rows(path: str, names: tuple[str, ...], start: int, count: int) -> pl.DataFrame:
    """Read some rows."""
    return _lazy(path).select(names).slice(start, count).collect()


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


def weigh(path: str) -> int:
    """About how many bytes the whole table takes in memory, judged by its first rows."""
    count, columns = size(path)
    frame = _lazy(path).head(_WEIGHED_ROWS).collect()
    if not frame.height:
        return 0
    sampled = sum(map(_weight, frame.iter_columns())) + 8 * columns * frame.height
    return sampled * count // frame.height


def _weight(column: pl.Series) -> int:
    import polars as pl

    # The same text repeated is there once in polars, and each time in pandas.
    return int(column.str.len_bytes().sum() or 0) if column.dtype == pl.String else int(column.estimated_size())


def _lazy(path: str) -> pl.LazyFrame:
    import polars as pl

    return pl.scan_parquet(path, glob=False, hive_partitioning=False)


def _missing(name: str, dtype: pl.DataType) -> pl.Expr:
    import polars as pl

    column = pl.col(name)
    # To pandas, NaN is missing too.
    return column.null_count() + column.is_nan().sum() if dtype.is_float() else column.null_count()


def _index_columns(path: str) -> set[str]:
    import polars as pl

    try:
        written = json.loads(pl.read_parquet_metadata(path).get("pandas", "{}"))
        return {name for name in written.get("index_columns", ()) if isinstance(name, str)}
    except (ValueError, AttributeError, TypeError):
        return set()
