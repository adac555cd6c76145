"""The questions a reader answers, over tables of one file or many parts."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.scan import cells, pandas_scan, parquet, polars_csv
from cursus_rt_notebook.data.scan.frames import SEPARATORS, readable
from cursus_rt_notebook.data.scan.result import Scan, add_up
from cursus_rt_notebook.data.scan.unpack import Unpacked, unpack
from cursus_rt_notebook.data.tables import TableFile
from cursus_rt_notebook.errors import Unreadable

if TYPE_CHECKING:
    import pandas as pd

_Seen = TypeVar("_Seen")
_REMEMBERED = 1_000
_NOT_WHOLE = f"over {settings.READER_UNPACKED >> 20:,} MB unpacked: rows not counted, only the beginning was looked at"


class Looker:
    """Answers questions about tables, and remembers what it saw of files that did not change since.

    Args:
        at: Called with each file's path before it is opened, so that a file that ends the process can be named.
    """

    def __init__(self, at: Callable[[str], None]) -> None:
        self._at = at
        self._scans: OrderedDict[Any, Scan] = OrderedDict()
        self._unpacked: tuple[Any, Unpacked] | None = None

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
        content = sum(self._unpack(file).size if file.packing else Path(file.path).stat().st_size for file in files)
        return {"bytes": content + 8 * scan.rows * scan.columns}

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
        plain, whole = self._plain(file)
        with readable(plain):
            scan = polars_csv.scan(plain.path, SEPARATORS[plain.kind], limit) if plain.kind in SEPARATORS else None
            return replace(scan or pandas_scan.scan(plain, limit), whole=whole)

    def _plain(self, file: TableFile) -> tuple[TableFile, bool]:
        """The file, or an unpacked copy of it, and whether that is all of it."""
        if file.packing is None or file.kind == "json":
            return file, True
        unpacked = self._unpack(file)
        return unpacked.file, unpacked.whole

    def _unpack(self, file: TableFile) -> Unpacked:
        key = _identity(file)
        if self._unpacked is None or self._unpacked[0] != key:
            if self._unpacked is not None:
                self._unpacked[1].close()
                self._unpacked = None
            self._unpacked = key, unpack(file)
        return self._unpacked[1]

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
            yield cells.of_polars(self._guarded(file, lambda path: parquet.rows(path, scan.names, start, count)))
            return
        plain, _ = self._plain(file)
        if scan.way == "polars":
            frame = polars_csv.rows(plain.path, SEPARATORS[plain.kind], start, count, len(scan.names))
            yield cells.of_csv(frame, scan.types)
        else:
            for frame in pandas_scan.rows(plain, start, count):
                yield cells.of_pandas(_with_all(frame, scan.names), len(scan.names))

    def _head_of(self, file: TableFile, scan: Scan, count: int) -> bytes:
        plain, _ = self._plain(file)
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


def _with_all(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """The frame with every column of the table: a piece of JSON lines may lack some."""
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    return frame if list(frame.columns[: len(names)]) == list(names) else frame.reindex(columns=list(names))


def _pandas_head(file: TableFile, scan: Scan, count: int) -> bytes:
    import pandas as pd
    import pyarrow as pa

    pieces = [_with_all(piece, scan.names) for piece in pandas_scan.rows(file, 0, count)]
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
