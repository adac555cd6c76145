"""Files as pandas reads them: the one definition of `.df`, used by the kernel for data and by the reader for looking.

What the user's own `pd.read_csv(path)`, `read_json` and `read_parquet` give is what is shown.
"""

from __future__ import annotations

import io
import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.packing import BROKEN, Packing, open_inside
from cursus_rt_notebook.data.tables import TableFile
from cursus_rt_notebook.errors import DataError, Unreadable
from cursus_rt_notebook.suffixes import SEPARATORS

if TYPE_CHECKING:
    import pandas as pd


def read(file: TableFile) -> pd.DataFrame:
    """Read a whole file.

    Raises:
        Unreadable: pandas cannot read it, with pandas' own reason.
    """
    import pandas as pd

    with readable(file):
        if file.kind == "parquet":
            return pd.read_parquet(file.path, engine="pyarrow")
        if file.kind == "json":
            return json_frame(_content(file))
        if file.kind == "jsonl":
            return pd.read_json(file.path, lines=True, compression=file.packing)
        return pd.read_csv(file.path, sep=SEPARATORS[file.kind], compression=file.packing)


def chunks(file: TableFile, rows: int | None = None) -> Iterator[pd.DataFrame]:
    """Read a file piece by piece, by default of so many rows as make a million cells.

    Raises:
        Unreadable: pandas cannot read it.
    """
    with readable(file):
        if file.kind in SEPARATORS:
            yield from _csv_chunks(file, rows)
        elif file.kind == "jsonl":
            yield from _jsonl_chunks(file, rows)
        elif file.kind == "parquet":
            yield from _parquet_chunks(file, rows)
        else:
            yield json_frame(_content(file))


def json_frame(content: bytes) -> pd.DataFrame:
    """A JSON document as a table.

    An array is what pandas makes of it, and so is an object that pandas wrote by columns; any other object is one row.
    """
    import pandas as pd

    document = json.loads(content)
    if isinstance(document, list) or _is_by_columns(document):
        return pd.read_json(io.BytesIO(content))
    if isinstance(document, dict):
        return pd.DataFrame([document])
    raise ValueError(f"it holds one {type(document).__name__}, no table")


@contextmanager
def readable(file: TableFile) -> Generator[None]:
    """Turn what goes wrong while reading a file into `Unreadable`, with the reason and what to do."""
    try:
        yield
    except UnicodeError as error:
        raise Unreadable(f"{file.name} is not UTF-8: {error}", fix=_encoding_fix(file), path=file.path) from error
    except (MemoryError, DataError):
        raise
    except Exception as error:  # pandas and pyarrow raise dozens of kinds
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise Unreadable(f"{file.name} cannot be read as {file.kind}: {reason}", path=file.path) from error


def _csv_chunks(file: TableFile, rows: int | None) -> Iterator[pd.DataFrame]:
    import pandas as pd

    separator = SEPARATORS[file.kind]
    width = len(pd.read_csv(file.path, sep=separator, compression=file.packing, nrows=1).columns)
    size = rows or max(1, settings.CHUNK_CELLS // max(1, width))
    with pd.read_csv(file.path, sep=separator, compression=file.packing, chunksize=size) as reader:
        yield from reader


def _jsonl_chunks(file: TableFile, rows: int | None) -> Iterator[pd.DataFrame]:
    import pandas as pd

    size = rows or settings.CHUNK_CELLS // 20
    with pd.read_json(file.path, lines=True, compression=file.packing, chunksize=size) as reader:
        yield from reader


def _parquet_chunks(file: TableFile, rows: int | None) -> Iterator[pd.DataFrame]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(file.path) as parquet:
        size = rows or max(1, settings.CHUNK_CELLS // max(1, len(parquet.schema_arrow)))
        for batch in parquet.iter_batches(batch_size=size):
            yield batch.to_pandas()


def _content(file: TableFile) -> bytes:
    """The bytes of a document that has to be read whole."""
    if file.packing is None:
        with Path(file.path).open("rb") as stream:
            content = stream.read(settings.JSON_LIMIT + 1)
    else:
        content = _unpacked(file.path, file.packing)
    if len(content) > settings.JSON_LIMIT:
        raise ValueError(
            f"a JSON document over {settings.JSON_LIMIT >> 20} MB has to be read whole: write it as JSON lines"
        )
    return content


def _unpacked(path: str, packing: Packing) -> bytes:
    try:
        with open_inside(path, packing) as stream:
            return stream.read(settings.JSON_LIMIT + 1)
    except BROKEN as error:
        raise ValueError(f"damaged {packing}: {error}") from error


def _is_by_columns(document: Any) -> bool:
    """Whether an object reads as pandas' own `to_json()`: columns of cells by the same row labels."""
    if not isinstance(document, dict) or not document:
        return False
    columns = list(document.values())
    if not all(isinstance(column, dict) for column in columns):
        return False
    labels = columns[0].keys()
    return all(column.keys() == labels for column in columns) and all(label.isdigit() for label in labels)


def _encoding_fix(file: TableFile) -> str:
    with Path(file.path).open("rb") as stream:
        start = stream.read(2)
    encoding = "utf-16" if start in {b"\xff\xfe", b"\xfe\xff"} else "latin-1"
    return f'pd.read_csv(path, encoding="{encoding}") may read it'
