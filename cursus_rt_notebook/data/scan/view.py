"""Windows into a table, in any order and under any condition, out of copies that need no reading."""

from __future__ import annotations

import io
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.scan import cells, parquet, profile, source, where
from cursus_rt_notebook.data.scan.copies import Copies, Copy, mapped
from cursus_rt_notebook.data.scan.source import Shape
from cursus_rt_notebook.data.scan.unpack import Plain
from cursus_rt_notebook.data.tables import TableFile
from cursus_rt_notebook.errors import QueryInvalid

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    import pyarrow as pa

Order = Sequence[Sequence[Any]]  # the columns' names, each with whether it descends
_PROFILES = 10_000


class Views:
    """Answers questions about rows and columns of tables whose shapes are known.

    Args:
        limit: Bytes that copies may take on disk.
        plain: Opens a file as a plain one. Called from another thread, too.
        copying: Called there with a file's path before a copy is made, and with "" after it.
    """

    def __init__(self, limit: int, plain: Callable[[TableFile], Plain], copying: Callable[[str], None]) -> None:
        self._limit = limit
        self._plain = plain
        self._copying = copying
        self._copies = Copies(limit)
        self._profiles: OrderedDict[Any, dict[str, Any]] = OrderedDict()

    def page(
        self, shape: Shape, start: int, rows: int, first_column: int, columns: int, sort: Order, condition: str | None
    ) -> dict[str, Any]:
        """Some rows by some columns, as text."""
        names, types = shape.scan.names, shape.scan.types
        window = range(len(names))[first_column : first_column + columns]
        view = self._view(shape, sort, condition)
        matched = shape.scan.rows if view is None else len(view)
        end = min(start + min(rows, settings.PAGE_CELLS // max(1, len(window))), matched)
        positions = range(min(start, end), end) if view is None else view.slice(start, max(0, end - start))
        frame = self._rows(shape, window, positions)
        return {
            "total": shape.scan.rows,
            "matched": matched,
            "start": start,
            "positions": list(positions),
            "column_count": len(names),
            "first_column": first_column,
            "columns": [(names[i], types[i]) for i in window],
            "cells": cells.of_polars(frame) if window else [()] * len(positions),
            "cut": cells.lengths(frame),
            "note": shape.scan.note,
        }

    def cell(self, shape: Shape, position: int, column: str) -> str | None:
        """One cell, whole."""
        if not 0 <= position < shape.scan.rows:
            raise QueryInvalid(f"there is no row {position:,}: the table has {shape.scan.rows:,}, counted from 0")
        number = where.column_number(column, shape.scan.names)
        series = self._rows(shape, [number], range(position, position + 1)).to_series()
        return cells.whole_of_polars(series, settings.CELL_WHOLE)

    def positions(self, shape: Shape, sort: Order, condition: str | None, limit: int | None) -> np.ndarray:
        """The positions of the rows that match, in their order."""
        import numpy as np

        view = self._view(shape, sort, condition)
        if view is None:
            return np.arange(shape.scan.rows if limit is None else min(limit, shape.scan.rows), dtype=np.int64)
        return view.slice(0, limit).to_numpy().astype(np.int64)

    def take(self, shape: Shape, positions: np.ndarray, missing: Sequence[int]) -> bytes:
        """The rows at these positions as an Arrow stream, with a note of the columns in which `missing` counts any."""
        import pyarrow as pa

        table = (
            _from_parquet(shape, positions) if shape.parts[0].scan.way == "parquet" else self._typed(shape, positions)
        )
        lacking = [i for i, count in enumerate(missing) if count]
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), b"missing": json.dumps(lacking)})
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return sink.getvalue()

    def profile(self, shape: Shape, columns: Sequence[str]) -> list[dict[str, Any]]:
        """What is in these columns."""
        numbers = [where.column_number(name, shape.scan.names) for name in columns]
        wanted = dict.fromkeys(i for i in numbers if (shape.key, i) not in self._profiles)
        if wanted:
            frame = self._frame(shape, list(wanted))
            for i, found in zip(wanted, profile.profiles(frame, [shape.scan.types[i] for i in wanted]), strict=True):
                self._profiles[shape.key, i] = {"name": shape.scan.names[i], "type": shape.scan.types[i], **found}
        answer = [self._profiles[shape.key, i] for i in numbers]
        while len(self._profiles) > _PROFILES:
            self._profiles.popitem(last=False)
        return answer

    def columns(self, shape: Shape) -> Iterator[pl.Series]:
        """Every column, whole and by its name, one at a time."""
        for i, name in enumerate(shape.scan.names):
            yield self._frame(shape, [i]).to_series().alias(name)

    def lazy(self, shape: Shape) -> pl.LazyFrame:
        """All rows, to be read once from the first to the last: without a copy, where none is there already."""
        every = range(len(shape.scan.names))
        copied = all(self._copies.has((shape.key, block)) for block in self._blocks(shape, every))
        plain = shape.exact and not any(part.file.packing for part in shape.parts)
        return source.lazy(shape, self._plain) if plain and not copied else self._frame(shape, every).lazy()

    def frame(self, shape: Shape, columns: Sequence[int]) -> pl.DataFrame:
        """Some columns, whole, named by position: out of a copy that is kept for the next question."""
        return self._frame(shape, columns)

    def _view(self, shape: Shape, sort: Order, condition: str | None) -> pl.Series | None:
        """The positions of the rows asked for, in their order; None if these are all rows as they stand."""
        read = where.parse(condition, shape.scan.names) if condition else None
        order = {where.column_number(name, shape.scan.names): bool(down) for name, down in reversed(sort)}
        order = dict(reversed(order.items()))
        if not order:
            return self._matching(shape, condition, read) if read else None
        key = (shape.key, condition, tuple(order.items()))
        known = self._copies.find(key)
        if known is None:
            matching = self._matching(shape, condition, read) if read else None
            known = self._copies.keep(key, mapped(self._sorted(shape, order, matching).write_ipc))
        return known.to_series()

    def _matching(self, shape: Shape, condition: str | None, read: where.Condition) -> pl.Series:
        key = (shape.key, condition, ())
        known = self._copies.find(key)
        if known is None:
            if not shape.scan.names:
                raise QueryInvalid("the table has no columns that a condition could look at")
            columns = read.columns or {shape.scan.names[0]: 0}
            frame = self._frame(shape, list(columns.values()))
            frame.columns = list(columns)
            known = self._copies.keep(key, mapped(where.matching(read, frame).write_ipc))
        return known.to_series()

    def _sorted(self, shape: Shape, order: dict[int, bool], matching: pl.Series | None) -> pl.DataFrame:
        import polars as pl

        frame = self._frame(shape, list(order))
        chosen = frame if matching is None else frame[matching]
        keys = pl.DataFrame([_sort_key(chosen[str(i)], shape.scan.types[i]) for i in order])
        descending = list(order.values())
        ordered = (
            keys.lazy()
            .with_row_index("row")
            .sort(keys.columns, descending=descending, nulls_last=True, maintain_order=True)
        )
        try:
            rows = ordered.select("row").collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            names = ", ".join(repr(shape.scan.names[i]) for i in order)
            raise QueryInvalid(f"the table cannot be sorted by {names}: {error}") from None
        return rows if matching is None else matching.gather(rows.to_series()).to_frame()

    def _rows(self, shape: Shape, columns: Sequence[int], positions: range | pl.Series) -> pl.DataFrame:
        if not isinstance(positions, range):
            return self._frame(shape, columns)[positions]
        if positions.stop <= settings.BEGINNING_ROWS and not self._ready(shape, columns):
            return source.beginning(shape, columns, positions, self._plain)
        return self._frame(shape, columns).slice(positions.start, len(positions))

    def _ready(self, shape: Shape, columns: Sequence[int]) -> bool:
        """Whether these columns are copied; if not, begin to."""
        blocks = self._blocks(shape, columns)
        for block in blocks:
            self._copies.start((shape.key, block), partial(self._copy, shape, block))
        return all(self._copies.has((shape.key, block)) for block in blocks)

    def _frame(self, shape: Shape, columns: Sequence[int]) -> pl.DataFrame:
        """Some columns, whole, named by position."""
        import polars as pl

        frames = [pl.DataFrame()]
        for block in self._blocks(shape, columns):
            frame = self._copies.get((shape.key, block), partial(self._copy, shape, block))
            frames.append(frame.select(str(i) for i in columns if i in block))
        return pl.concat(frames, how="horizontal").select(str(i) for i in columns)

    def _copy(self, shape: Shape, block: range) -> Copy:
        self._copying(shape.parts[0].file.path)
        try:
            return source.copy(shape, block, self._plain, self._limit)
        finally:
            self._copying("")

    def _blocks(self, shape: Shape, columns: Sequence[int]) -> list[range]:
        """The columns that are copied together, of those blocks in which some are wanted."""
        every = range(len(shape.scan.names))
        # Of a text file a part takes as long to read as all of it.
        wide = (
            max(1, settings.COPY_CELLS // max(1, shape.scan.rows))
            if shape.parts[0].scan.way == "parquet"
            else len(every)
        )
        return [every[i * wide : (i + 1) * wide] for i in sorted({i // wide for i in columns})]

    def _typed(self, shape: Shape, positions: np.ndarray) -> pa.Table:
        import polars as pl

        frame = self._frame(shape, range(len(shape.scan.names)))[positions]
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        return table.rename_columns(list(shape.scan.names))


def _sort_key(column: pl.Series, kind: str) -> pl.Series:
    """What is sorted in place of a column."""
    import polars as pl

    if column.dtype != pl.String:
        return column
    if kind == "int":  # of more than 64 bits, and kept as text
        return column.cast(pl.Float64)
    distinct: Any = column.approx_n_unique()
    if distinct > len(column) // 4:
        return column
    # Sorting ten million texts takes five times as long as sorting the numbers of their values.
    return column.cast(pl.Enum(column.drop_nulls().unique().sort())).to_physical()


def _from_parquet(shape: Shape, positions: np.ndarray) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    ascending = np.argsort(positions, kind="stable")
    wanted, before, tables = positions[ascending], 0, list[pa.Table]()
    for part in shape.parts:
        first, last = wanted.searchsorted([before, before + part.scan.rows])
        tables.append(parquet.take(part.file.path, wanted[first:last] - before))
        before += part.scan.rows
    back = np.empty_like(ascending)
    back[ascending] = np.arange(len(ascending))
    return pa.concat_tables(tables, promote_options="permissive").take(back)
