"""The questions a reader answers, over tables of one file or many parts."""

from __future__ import annotations

import io
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.scan import cells, examine, measure, pandas_scan, parquet, polars_csv, schemas, sketch
from cursus_rt_notebook.data.scan.examine import Table
from cursus_rt_notebook.data.scan.frames import read, readable
from cursus_rt_notebook.data.scan.gone import Side, find_gone
from cursus_rt_notebook.data.scan.result import Scan, add_up
from cursus_rt_notebook.data.scan.source import Part, Shape
from cursus_rt_notebook.data.scan.unpack import Plain, unpack
from cursus_rt_notebook.data.scan.view import Order, Views
from cursus_rt_notebook.data.tables import TableFile
from cursus_rt_notebook.errors import TooLarge, Unreadable
from cursus_rt_notebook.suffixes import SEPARATORS

_Seen = TypeVar("_Seen")
_REMEMBERED = 1_000
_NOT_WHOLE = f"over {settings.READER_UNPACKED >> 20:,} MB unpacked: rows not counted, only the beginning was looked at"


class Looker:
    """Answers questions about tables, and remembers what it saw of files that did not change since.

    Args:
        at: Called with each file's path before it is opened, so that a file that ends the process can be named.
        copying: Called with a file's path before a copy of it is made in the background, and with "" after it.
        copies: Bytes that copies of tables may take on disk.
    """

    def __init__(
        self, at: Callable[[str], None], copying: Callable[[str], None], copies: int = settings.READER_COPIES
    ) -> None:
        self._at = at
        self._scans: OrderedDict[Any, Scan] = OrderedDict()
        self._shapes: OrderedDict[Any, Shape] = OrderedDict()
        self._unpacked: tuple[Any, Plain] | None = None
        self._views = Views(copies, self.plain, copying)

    def size(self, files: list[TableFile]) -> dict[str, Any]:
        """Rows and columns; rows are None where they cannot be counted."""
        if files[0].kind == "parquet":
            sizes = [self._parquet_size(file) for file in files]
            return {"rows": sum(rows for rows, _ in sizes), "columns": sizes[0][1]}
        scan = self._scan(files, settings.PREVIEW_COLUMNS)
        return {"rows": scan.rows if scan.whole else None, "columns": scan.columns}

    def schema(self, files: list[TableFile]) -> dict[str, Any]:
        """Every column's type."""
        scan = self._scan(files, None)
        return {"names": scan.names, "types": scan.types}

    def summary(self, files: list[TableFile], rows: int, start: int) -> dict[str, Any]:
        """Sizes, types, shares of missing cells, and some rows as text."""
        limit = settings.PREVIEW_COLUMNS
        scan = self._scan(files, limit)
        return {
            "rows": scan.rows if scan.whole else None,
            "columns": scan.columns,
            "names": scan.names,
            "types": scan.types,
            "missing": [absent / scan.rows if scan.rows else 0.0 for absent in scan.missing],
            "cells": [row for part in self._cells(files, scan, start, rows) for row in part],
            "note": "; ".join(filter(None, (scan.note, "" if scan.whole else _NOT_WHOLE))),
        }

    def head(self, files: list[TableFile], rows: int) -> list[bytes]:
        """The first rows, typed, as one Arrow stream for each part that holds some of them."""
        if files[0].kind == "parquet":
            return list(self._parquet_heads(files, rows))
        scan = self._scan(files, None)
        parts = self._parts(files, 0, rows, None) if scan.rows else [(files[0], self._scan_file(files[0], None), 0, 0)]
        return [self._head_of(file, replace(own, types=scan.types), count) for file, own, _, count in parts]

    def weigh(self, files: list[TableFile]) -> dict[str, Any]:
        """About how many bytes the whole table takes in memory."""
        if files[0].kind == "parquet":
            return {"bytes": sum(self._guarded(file, parquet.weigh) for file in files)}
        scan = self._scan(files, settings.PREVIEW_COLUMNS)
        content = sum(self._unpack(file).size for file in files)
        return {"bytes": content + 8 * scan.rows * scan.columns}

    def page(self, files: list[TableFile], **how: Any) -> dict[str, Any]:
        """A window of the table as text."""
        return self._views.page(self._shape(files), **how)

    def cell(self, files: list[TableFile], position: int, column: str) -> dict[str, Any]:
        """One cell, whole."""
        return {"text": self._views.cell(self._shape(files), position, column)}

    def profile(self, files: list[TableFile], columns: list[str]) -> list[Any]:
        """What is in these columns."""
        return self._views.profile(self._shape(files), columns)

    def sketch(self, files: list[TableFile]) -> list[bytes]:
        """What a table like it is made from: how each column is made, the schema, and which rows it has."""
        shape = self._shape(files)
        with readable(files[0]):
            return sketch.of_table(self._views.columns(shape), shape)

    def positions(self, files: list[TableFile], sort: Order, condition: str | None, limit: int | None) -> list[bytes]:
        """The positions of the rows asked for."""
        return [self._views.positions(self._shape(files), sort, condition, limit).tobytes()]

    def take(self, files: list[TableFile], sort: Order, condition: str | None, limit: int | None) -> list[bytes]:
        """The rows asked for, and their positions; only these if pandas itself has to read the rows, or they are many."""
        shape = self._shape(files)
        positions = self._views.positions(shape, sort, condition, limit)
        few = len(positions) * shape.scan.columns <= settings.QUERY_CELLS
        rows = [self._views.take(shape, positions, self._scan(files, None).missing)] if few and shape.exact else []
        return [positions.tobytes(), *rows]

    def outline(self, files: list[TableFile]) -> dict[str, Any]:
        """Every column's type, with its width where it has one."""
        table = self._table(files)
        return {"names": table.scan.names, "types": measure.types(table)}

    def measure(self, files: list[TableFile]) -> dict[str, Any]:
        """The table in figures."""
        return self._whole(files, measure.measure)

    def examine(self, files: list[TableFile], rules: list[dict[str, Any]]) -> list[Any]:
        """The rows that break each of these rules."""
        return self._whole(files, lambda table: examine.examine(table, rules))

    def conform(self, files: list[TableFile], schema: str, key: list[str]) -> list[Any]:
        """Where the table is not as its schema says."""
        scan = self._shape(files).scan
        if scan.rows * scan.columns > settings.SCHEMA_CELLS:
            raise TooLarge(f"{files[0].name} is too large to be checked by its schema", path=files[0].path)
        opened = [self.plain(file) for file in files]
        return schemas.violations([read(one.file) for one in opened], schema, key)

    def _whole(self, files: list[TableFile], ask: Callable[[Table], _Seen]) -> _Seen:
        table = self._table(files)
        with readable(files[0]):
            return ask(table)

    def _table(self, files: list[TableFile]) -> Table:
        shape = self._counted(files)
        return Table(self._views.lazy(shape), shape.scan)

    def _counted(self, files: list[TableFile]) -> Shape:
        shape = self._shape(files)
        if not shape.scan.whole:
            raise TooLarge(f"{files[0].name} holds {_NOT_WHOLE}", path=files[0].path)
        return shape

    def gone(self, files: list[TableFile], counts: list[list[int]], rows: int) -> list[bytes]:
        """The rows of a table that are in no other; `files` are those of all tables, each part of so many as `counts` says."""
        rest = iter(files)
        shapes = [[self._counted(list(islice(rest, count))) for count in parts] for parts in counts]
        earlier, present, *others = (Side(parts, self._views.frame) for parts in shapes)
        told, positions = find_gone(earlier, present, others, rows)
        return [json.dumps(told).encode(), positions.tobytes()]

    def _shape(self, files: list[TableFile]) -> Shape:
        key = tuple(map(_identity, files))
        self._at(files[0].path)
        if key not in self._shapes:
            self._shapes[key] = self._shaped(key, files)
        if len(self._shapes) > _REMEMBERED:
            self._shapes.popitem(last=False)
        return self._shapes[key]

    def _shaped(self, key: Any, files: list[TableFile]) -> Shape:
        if files[0].kind == "parquet":
            scans = [self._guarded(file, parquet.outline) for file in files]
        else:
            scans = [self._scan_file(file, None) for file in files]
        scan = add_up(scans, [file.name for file in files])
        note = scan.note if scan.whole else "; ".join(filter(None, (scan.note, _NOT_WHOLE)))
        return Shape(key, replace(scan, note=note), tuple(map(Part, files, scans)))

    def _scan(self, files: list[TableFile], limit: int | None) -> Scan:
        scans = [self._scan_file(file, limit) for file in files]
        return scans[0] if len(scans) == 1 else add_up(scans, [file.name for file in files])

    def _scan_file(self, file: TableFile, limit: int | None) -> Scan:
        key = _identity(file)
        known = self._scans.get(key)
        if known is not None and (len(known.names) == known.columns or len(known.names) == limit):
            self._scans.move_to_end(key)
            return _first(known, limit)
        self._at(file.path)
        scan = self._scanned(file, limit)
        self._scans[key] = scan
        if len(self._scans) > _REMEMBERED:
            self._scans.popitem(last=False)
        return scan

    def _scanned(self, file: TableFile, limit: int | None) -> Scan:
        if Path(file.path).stat().st_size == 0:
            raise Unreadable(f"{file.name} is empty: 0 bytes", path=file.path)
        if file.kind == "parquet":
            return self._guarded(file, lambda path: parquet.scan(path, limit))
        opened = self.plain(file)
        plain = opened.file
        with readable(plain):
            scan = polars_csv.scan(plain.path, SEPARATORS[plain.kind], limit) if plain.kind in SEPARATORS else None
            return replace(scan or pandas_scan.scan(plain, limit), whole=opened.whole)

    def plain(self, file: TableFile) -> Plain:
        """The file, or an unpacked copy of it: to be held as long as it is read. From any thread."""
        return Plain(file, 0) if file.kind == "json" else self._unpack(file)  # JSON is read whole, by whoever reads it

    def _unpack(self, file: TableFile) -> Plain:
        key, known = _identity(file), self._unpacked
        if known is None or known[0] != key:
            self._unpacked = None  # the space is needed
            known = self._unpacked = key, unpack(file)
        return known[1]

    def _parts(
        self, files: list[TableFile], start: int, count: int, limit: int | None
    ) -> Iterator[tuple[TableFile, Scan, int, int]]:
        """The parts that hold some of the rows wanted: each with its scan, where to begin in it, and how many."""
        before = 0
        for file in files:
            scan = self._scan_file(file, limit)
            begin, end = max(start, before) - before, min(start + count, before + scan.rows) - before
            before += scan.rows
            if begin < end:
                yield file, scan, begin, end - begin

    def _cells(self, files: list[TableFile], scan: Scan, start: int, count: int) -> Iterator[cells.Cells]:
        limit = settings.PREVIEW_COLUMNS
        for file, own, begin, rows in self._parts(files, start, count, limit):
            self._at(file.path)
            yield from self._cells_of(file, replace(own, types=scan.types), begin, rows)

    def _cells_of(self, file: TableFile, scan: Scan, start: int, count: int) -> Iterator[cells.Cells]:
        if scan.way == "parquet":
            yield cells.of_polars(self._guarded(file, lambda path: parquet.rows(path, len(scan.names), start, count)))
            return
        opened = self.plain(file)
        plain = opened.file
        if scan.way == "polars":
            frame = polars_csv.rows(plain.path, SEPARATORS[plain.kind], start, count, len(scan.names))
            yield cells.of_csv(frame, scan.types)
        else:
            for frame in pandas_scan.rows(plain, start, count):
                yield cells.of_pandas(pandas_scan.with_all(frame, scan.names), len(scan.names))

    def _head_of(self, file: TableFile, scan: Scan, count: int) -> bytes:
        opened = self.plain(file)
        plain = opened.file
        if scan.way == "polars":
            import polars as pl

            frame = polars_csv.rows(plain.path, SEPARATORS[plain.kind], 0, count, len(scan.names))
            sink = io.BytesIO()
            polars_csv.typed(frame, scan).write_ipc_stream(sink, compat_level=pl.CompatLevel.oldest())
            return sink.getvalue()
        return _pandas_head(plain, scan, count)

    def _parquet_heads(self, files: list[TableFile], rows: int) -> Iterator[bytes]:
        for i, file in enumerate(files):
            count, _ = self._parquet_size(file)
            if i and rows <= 0:
                return
            yield self._guarded(file, partial(parquet.head, count=min(rows, count)))
            rows -= count

    def _parquet_size(self, file: TableFile) -> tuple[int, int]:
        return self._guarded(file, parquet.size)

    def _guarded(self, file: TableFile, look: Callable[[str], _Seen]) -> _Seen:
        self._at(file.path)
        with readable(file):
            return look(file.path)


def _first(scan: Scan, limit: int | None) -> Scan:
    return replace(scan, names=scan.names[:limit], types=scan.types[:limit], missing=scan.missing[:limit])


def _identity(file: TableFile) -> Any:
    status = Path(file.path).stat()
    return file, status.st_ino, status.st_size, status.st_mtime_ns


def _pandas_head(file: TableFile, scan: Scan, count: int) -> bytes:
    import pandas as pd
    import pyarrow as pa

    pieces = [pandas_scan.with_all(piece, scan.names) for piece in pandas_scan.rows(file, 0, count)]
    frame = pd.concat(pieces) if len(pieces) > 1 else pieces[0]
    for name, kind in zip(scan.names, scan.types, strict=True):
        if kind == "float":
            frame[name] = frame[name].astype(float)
        elif frame[name].dtype == object:
            frame[name] = [_plain_value(value) for value in frame[name]]
    table = pa.Table.from_pandas(frame)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _plain_value(value: Any) -> Any:
    return value if isinstance(value, (bool, str, type(None))) else cells.cell_text(value)
