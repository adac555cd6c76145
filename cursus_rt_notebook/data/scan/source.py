"""A table's rows as typed columns, out of files of any kind: columns are named by position, what is missing is null."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.scan import convert, pandas_scan, parquet, polars_csv
from cursus_rt_notebook.data.scan.copies import Copy, joined, mapped
from cursus_rt_notebook.data.scan.frames import chunks, readable
from cursus_rt_notebook.data.scan.result import Scan
from cursus_rt_notebook.data.scan.unpack import Plain
from cursus_rt_notebook.data.tables import TableFile
from cursus_rt_notebook.errors import TooLarge
from cursus_rt_notebook.suffixes import SEPARATORS

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_Open = Callable[[TableFile], Plain]
_BATCH_ROWS: Final = 50_000  # long texts that many rows share are written out for each: not for too many at once


@dataclass(frozen=True)
class Part:
    """One file of a table, and what is in it."""

    file: TableFile
    scan: Scan


@dataclass(frozen=True)
class Shape:
    """A table: what is in all its parts together. `key` tells it from others, and from itself after a change."""

    key: Hashable
    scan: Scan
    parts: tuple[Part, ...]

    @property
    def exact(self) -> bool:
        """Whether its columns are read without pandas."""
        return all(part.scan.way != "pandas" for part in self.parts)


def beginning(shape: Shape, columns: Sequence[int], rows: range, plain: _Open) -> pl.DataFrame:
    """Some of the first rows, read from the files themselves.

    Raises:
        Unreadable: they cannot be read.
    """
    import polars as pl

    frames = [pl.DataFrame()]
    for part, start, count in within(shape.parts, rows):
        opened = plain(part.file)
        with readable(part.file):
            if part.scan.way == "pandas":
                pieces = pandas_scan.rows(opened.file, start, count)
                frames += [_converted(piece, part.scan.names, shape).select(_named(columns)) for piece in pieces]
            else:
                lazy = _lazy(part, opened, shape.scan.types).select(_named(columns))
                frames.append(lazy.slice(start, count).collect())
    return pl.concat(frames[1:], how="vertical_relaxed") if len(frames) > 1 else frames[0]


def lazy(shape: Shape, plain: _Open) -> pl.LazyFrame:
    """All rows of files that are neither packed nor read by pandas, in their order."""
    import polars as pl

    lazies = [_lazy(part, plain(part.file), shape.scan.types) for part in shape.parts]
    return pl.concat(lazies, how="vertical_relaxed") if len(lazies) > 1 else lazies[0]


def within(parts: Sequence[Part], rows: range) -> Iterator[tuple[Part, int, int]]:
    """The parts that hold some of these rows: where to begin in each, and how many."""
    before = 0
    for part in parts:
        start, end = max(rows.start, before) - before, min(rows.stop, before + part.scan.rows) - before
        before += part.scan.rows
        if start < end:
            yield part, start, end - start


def copy(shape: Shape, columns: Sequence[int], plain: _Open, limit: int) -> Copy:
    """A copy of some columns that needs no reading.

    Raises:
        TooLarge: it would take more than `limit` bytes.
        Unreadable: a file cannot be read.
    """
    import polars as pl

    _check(shape, _estimate(shape, columns, plain), limit)
    copies: list[Copy] = []
    for parts in _together(shape.parts):
        with readable(parts[0].file):
            for made in _copies(parts, shape, columns, plain):
                copies.append(made)
                _check(shape, sum(each.size for each in copies), limit)
    return joined(copies) if copies else Copy(pl.DataFrame(schema=dict.fromkeys(_named(columns), pl.String)), 0)


def _estimate(shape: Shape, columns: Sequence[int], plain: _Open) -> int:
    """About how many bytes a copy takes, judged by the first rows; what pandas reads is small, and slow to begin with."""
    if not shape.exact or not columns:
        return 0
    sample = beginning(shape, columns, range(settings.BEGINNING_ROWS), plain)
    return sum(map(_weight, sample.iter_columns())) * shape.scan.rows // max(1, sample.height)


def _weight(column: pl.Series) -> int:
    import polars as pl

    if column.dtype != pl.String:
        return int(column.estimated_size())
    # Up to twelve bytes stand in the sixteen that each text takes.
    lengths = column.str.len_bytes()
    return 16 * len(column) + int(lengths.filter(lengths > 12).sum())


def _check(shape: Shape, size: int, limit: int) -> None:
    if size > limit:
        raise TooLarge(
            f"{shape.parts[0].file.name} would take {size >> 20:,} MB as a copy that can be paged, sorted and "
            f"filtered, over {limit >> 20:,} MB",
            fix="write it as Parquet, of which only the columns looked at are copied; `.batches` gives it in pieces",
            path=shape.parts[0].file.path,
        )


def _together(parts: Sequence[Part]) -> Iterator[tuple[Part, ...]]:
    """The parts that are copied at once: plain files in a row; packed ones one by one, for the space they take."""
    runs = groupby(enumerate(parts), lambda one: one[0] if one[1].file.packing or one[1].scan.way == "pandas" else -1)
    return (tuple(part for _, part in run) for _, run in runs)


def _copies(parts: Sequence[Part], shape: Shape, columns: Sequence[int], plain: _Open) -> Iterator[Copy]:
    import polars as pl

    opened = [plain(part.file) for part in parts]
    if parts[0].scan.way == "pandas":
        for piece in chunks(opened[0].file):
            frame = _converted(piece, parts[0].scan.names, shape).select(_named(columns))
            yield mapped(lambda path, frame=frame: frame.write_ipc(path))
        return
    lazies = [_lazy(part, file, shape.scan.types) for part, file in zip(parts, opened, strict=True)]
    whole = pl.concat(lazies, how="vertical_relaxed") if len(lazies) > 1 else lazies[0]
    chosen = whole.select(_named(columns))
    yield mapped(lambda path: chosen.sink_ipc(path, record_batch_size=_BATCH_ROWS))


def _lazy(part: Part, opened: Plain, types: Sequence[str]) -> pl.LazyFrame:
    if part.scan.way == "parquet":
        return parquet.columns(opened.file.path, types)
    return polars_csv.columns(opened.file.path, SEPARATORS[part.file.kind], part.scan, types)


def _converted(piece: pd.DataFrame, names: tuple[str, ...], shape: Shape) -> pl.DataFrame:
    return convert.columns(pandas_scan.with_all(piece, names), shape.scan.types)


def _named(columns: Sequence[int]) -> list[str]:
    return [str(i) for i in columns]
