"""Made-up inputs on disk: the same bytes for the same recipe and seed, a batch of rows in memory at a time."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import shutil
import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from cursus_rt_notebook.data.synthetic import scenarios
from cursus_rt_notebook.data.synthetic.plan import InputPlan, Making, TablePlan, Target
from cursus_rt_notebook.data.synthetic.synthesize import batches
from cursus_rt_notebook.suffixes import SEPARATORS

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold
_Put = Callable[["pa.Table"], None]


def write_input(plan: InputPlan, folder: Path, name: str, making: Making) -> Path:
    """Write an input below `folder`, in the place of what is there, and return its path: a folder, or the file in it.

    Raises:
        DataError: there is no such scenario, or a column cannot have so many different values.
    """
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for path, source in plan.copies:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for table in plan.tables:
        pieces = batches(table.recipe, making.rows, making.seed, making.scenario, table=f"{name}/{table.name}")
        _write_table(table, folder, pieces, scenarios.row_count(making.scenario, making.rows))
    only = plan.tables[0].name if plan.tables else plan.copies[0][0] if plan.copies else ""
    return folder / only if plan.file else folder


def _write_table(plan: TablePlan, folder: Path, pieces: Iterator[pa.Table], rows: int) -> None:
    """Write a table into its files, as many rows into each."""
    parts = len(plan.files)
    piece = next(pieces)
    for number, target in enumerate(plan.files):
        wanted = rows // parts + (number < rows % parts)
        path = folder / target.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with _WRITERS[target.kind](path, target, plan.recipe.schema) as put:
            while wanted > 0:
                piece = piece if piece.num_rows else next(pieces)
                put(piece.slice(0, wanted))
                taken = min(wanted, piece.num_rows)
                piece, wanted = piece.slice(taken), wanted - taken


@contextmanager
def _csv(path: Path, target: Target, schema: pa.Schema) -> Generator[_Put]:
    # A line that is empty is no row.
    missing = '""' if len(schema) == 1 else ""
    form: Any = {"separator": SEPARATORS[target.kind], "null_value": missing, "datetime_format": "%Y-%m-%d %H:%M:%S"}
    with _stream(path, target) as stream:
        stream.write(_frame(schema.empty_table()).write_csv(**form).encode())

        def put(table: pa.Table) -> None:
            _put(stream, _frame(table).write_csv(include_header=False, **form))

        yield put


@contextmanager
def _jsonl(path: Path, target: Target, _: pa.Schema) -> Generator[_Put]:
    with _stream(path, target) as stream:

        def put(table: pa.Table) -> None:
            _put(stream, _lines(table))

        yield put


@contextmanager
def _json(path: Path, target: Target, schema: pa.Schema) -> Generator[_Put]:
    if target.by_columns:
        tables = [schema.empty_table()]
        yield tables.append
        _by_columns(path, target, tables)
        return
    before = "["
    with _stream(path, target) as stream:

        def put(table: pa.Table) -> None:
            nonlocal before
            _put(stream, before + ",\n".join(_lines(table).splitlines()))
            before = ",\n"

        yield put
        _put(stream, "[]" if before == "[" else "]")


def _by_columns(path: Path, target: Target, tables: list[pa.Table]) -> None:
    import pyarrow as pa

    with _stream(path, target) as stream:
        _put(stream, pa.concat_tables(tables).to_pandas().to_json(date_format="iso"))


@contextmanager
def _parquet(path: Path, _: Target, schema: pa.Schema) -> Generator[_Put]:
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, schema) as writer:
        yield writer.write_table


_WRITERS: Final = {"csv": _csv, "tsv": _csv, "json": _json, "jsonl": _jsonl, "parquet": _parquet}


def _put(stream: IO[bytes], text: str) -> None:
    stream.write(text.encode("utf-8", "replace"))


@contextmanager
def _stream(path: Path, target: Target) -> Generator[IO[bytes]]:
    """The file as a stream to write into, packed as it is to be, with no time of day in it."""
    with path.open("wb") as file, _packed(file, path, target) as stream:
        yield stream


@contextmanager
def _packed(file: IO[bytes], path: Path, target: Target) -> Generator[IO[bytes]]:
    opened: Any
    if target.packing == "zip":
        inner = path.stem if Path(path.stem).suffix else f"{path.stem}.{target.kind}"
        with zipfile.ZipFile(file, "w") as archive:
            entry = zipfile.ZipInfo(inner, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as opened:
                yield opened
    elif target.packing == "gzip":
        with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as opened:
            yield opened
    elif target.packing is not None:
        with bz2.BZ2File(file, "wb") if target.packing == "bz2" else lzma.LZMAFile(file, "wb") as opened:
            yield opened
    else:
        yield file


def _lines(table: pa.Table) -> str:
    return _frame(table, text=False).write_ndjson()


def _frame(table: pa.Table, *, text: bool = True) -> pl.DataFrame:
    """The table as polars writes it: truth as pandas spells it, and what is nested or bytes as text."""
    import polars as pl

    frame: Any = pl.from_arrow(table)
    return frame.with_columns(_plain(column, text=text) for column in frame.get_columns())


def _plain(column: pl.Series, *, text: bool) -> pl.Series:
    import polars as pl

    if column.dtype == pl.Binary:
        return column.bin.encode("hex")
    if text and column.dtype == pl.Boolean:
        return column.replace_strict({True: "True", False: "False"}, return_dtype=pl.String)
    if text and column.dtype.is_nested():
        written = [None if one is None else json.dumps(one, default=str) for one in column.to_list()]
        return pl.Series(column.name, written, pl.String)
    return column
