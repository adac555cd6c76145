"""Functions that read a file: what format they take it for, and which of its columns they name."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from cursus_rt_notebook.pipeline.scripts.flow import Flow, Reading
from cursus_rt_notebook.pipeline.scripts.tables import read
from cursus_rt_notebook.pipeline.scripts.values import UNKNOWN, Const, Table, Taken, Value, one, only

_TABLES = {
    "pandas.read_csv": "csv",
    "pandas.read_table": "csv",
    "pandas.read_parquet": "parquet",
    "pandas.read_json": "json",
    "polars.read_csv": "csv",
    "polars.scan_csv": "csv",
    "polars.read_parquet": "parquet",
    "polars.scan_parquet": "parquet",
    "polars.read_json": "json",
    "polars.read_ndjson": "jsonl",
    "polars.scan_ndjson": "jsonl",
}
_OTHERS: dict[str, str | None] = {
    "json.load": "json",
    "json.loads": "json",
    "yaml.safe_load": "text",
    "yaml.load": "text",
    "csv.reader": "csv",
    "csv.DictReader": "csv",
    "pyarrow.parquet.read_table": "parquet",
    "pyarrow.parquet.ParquetFile": "parquet",
    "pyarrow.csv.read_csv": "csv",
    "joblib.load": "other",
    "pickle.load": "other",
    "numpy.load": "other",
    "numpy.loadtxt": "text",
    "tarfile.open": "other",
    "zipfile.ZipFile": "other",
    "shutil.copy": None,
    "shutil.copy2": None,
    "shutil.copyfile": None,
    "shutil.unpack_archive": "other",
}
READERS = frozenset({*_TABLES, *_OTHERS})
# With these the columns are not those that the file names.
_RENAMING = {"names", "header", "new_columns", "has_header", "index_col", "orient", "chunksize", "iterator"}


def read_table(
    reading: Reading, name: str, node: ast.Call, args: Sequence[Value], named: Mapping[str, Value], flow: Flow
) -> Value:
    """Note the file that is read; a table, where the function gives one and the path surely lies below a port."""
    path = only(args[0]) if args else only(named.get("filepath_or_buffer", named.get("path", UNKNOWN)))
    if not isinstance(path, Taken):
        return UNKNOWN
    kind = _TABLES.get(name) or _OTHERS.get(name)
    if name == "pandas.read_json" and only(named.get("lines", UNKNOWN)) == Const(value=True):
        kind = "jsonl"
    reading.record.file(path, kind, node.lineno)
    if name not in _TABLES or path.kind != "inputs" or _RENAMING.intersection(named):
        return UNKNOWN
    table = Table(path.key, (node.lineno, node.col_offset))
    for parameter in ("usecols", "columns", "parse_dates"):
        if parameter in named:
            read(reading, table, named[parameter], node, flow)
    return one(table)
