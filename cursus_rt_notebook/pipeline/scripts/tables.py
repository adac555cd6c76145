"""DataFrames read below an input port: which columns of theirs are read by name, and which the script makes.

pandas, and what polars calls the same.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from cursus_rt_notebook.pipeline.scripts.escape import escape
from cursus_rt_notebook.pipeline.scripts.flow import Flow, Reading
from cursus_rt_notebook.pipeline.scripts.values import (
    UNKNOWN,
    Const,
    Entries,
    Groups,
    Row,
    Table,
    Value,
    one,
    only,
    text_of,
    texts_of,
)

# Methods after which the table has the same columns (or fewer, which it was asked for).
_SAME = {
    *("copy", "head", "tail", "sample", "fillna", "ffill", "bfill", "query", "drop_duplicates", "sort_index", "astype"),
    *(
        "convert_dtypes",
        "infer_objects",
        "replace",
        "round",
        "clip",
        "filter",
        "limit",
        "unique",
        "nlargest",
        "nsmallest",
    ),
    *("collect", "lazy", "clone", "sort", "to_pandas", "dropna", "sort_values", "drop", "drop_nulls"),
}
# By method, the parameters that name columns which have to be there; the first also by position.
_NAMING: Mapping[str, Sequence[str]] = {
    "groupby": ("by",),
    "group_by": ("by",),
    "sort_values": ("by",),
    "sort": ("by",),
    "drop_duplicates": ("subset",),
    "dropna": ("", "subset"),
    "drop_nulls": ("subset",),
    "drop": ("", "columns"),
    "nlargest": ("", "columns"),
    "nsmallest": ("", "columns"),
    "set_index": ("keys",),
    "explode": ("column",),
    "pop": ("item",),
    "pivot": ("", "index", "columns", "values"),
    "pivot_table": ("", "index", "columns", "values"),
    "melt": ("id_vars", "value_vars"),
    "merge": ("", "on", "left_on"),
    "join": ("", "on"),
    "select": ("exprs",),
    "get_column": ("name",),
}
# Methods that neither change the table nor keep it.
_LOOKING = {
    *(
        "to_csv",
        "to_parquet",
        "to_json",
        "to_dict",
        "to_numpy",
        "info",
        "describe",
        "isna",
        "isnull",
        "notna",
        "nunique",
    ),
    *("mean", "sum", "min", "max", "std", "median", "count", "corr", "iterrows", "itertuples", "items", "keys", "get"),
    *("apply", "agg", "aggregate", "map", "value_counts", "select_dtypes", "memory_usage", "equals", "duplicated"),
    *("write_csv", "write_parquet", "to_string", "any", "all", "to_records", "quantile", "to_list", "tolist"),
}


def of_one_port(atoms: Value) -> bool:
    """Whether these are tables of one and the same port, and nothing else."""
    return len({atom.port if isinstance(atom, Table) else "" for atom in atoms} | {""}) == 2 and all(
        isinstance(atom, Table) for atom in atoms
    )


def item(reading: Reading, node: ast.Subscript, table: Table, key: Value, flow: Flow) -> Value:
    """`table[key]`: columns by name, or rows."""
    if isinstance(only(key), (Const, Row)):
        read(reading, table, key, node, flow)
        return UNKNOWN if isinstance(only(key), Const) else one(table)
    return one(table) if _is_rows(node.slice) else UNKNOWN


def _is_rows(key: ast.expr) -> bool:
    """Whether what stands in the brackets picks rows: a comparison of columns, or a slice."""
    return isinstance(key, (ast.Compare, ast.Slice, ast.UnaryOp, ast.BinOp))


def read(reading: Reading, table: Table, key: Value, node: ast.expr, flow: Flow) -> None:
    """Note the columns that are surely named."""
    for name in texts_of(key):
        if (table, name) not in flow.known and not flow.caught:
            reading.record.column(table, name, node.lineno, surely=flow.surely and not reading.exited)


def located(reading: Reading, node: ast.Subscript, table: Table, key: Value, flow: Flow) -> Value:
    """`table.loc[rows, columns]`."""
    row = only(key)
    if not (isinstance(row, Row) and isinstance(node.slice, ast.Tuple)):
        return one(table)
    if len(row.items) == 2:
        read(reading, table, row.items[1], node, flow)
    return one(table) if not isinstance(only(row.items[-1]), Const) else UNKNOWN


def method(
    reading: Reading,
    node: ast.Call,
    table: Table,
    name: str,
    args: Sequence[Value],
    named: Mapping[str, Value],
    flow: Flow,
) -> Value:
    """`table.name(...)`."""
    _named_columns(reading, node, table, name, args, named, flow)
    _made(reading, table, name, args, named)
    for value in (*args, *named.values()):
        escape(reading, value, flow, changes=False)
    if name in {"groupby", "group_by"}:
        return one(Groups(table))
    if name in _SAME or name in {"insert", "assign", "rename", "reset_index", "set_index", "with_columns"}:
        return one(table)
    if name not in _LOOKING and name not in _NAMING:
        reading.record.tainted.add(table.made_at)
    return UNKNOWN


def _named_columns(
    reading: Reading,
    node: ast.Call,
    table: Table,
    name: str,
    args: Sequence[Value],
    named: Mapping[str, Value],
    flow: Flow,
) -> None:
    parameters = _NAMING.get(name, ())
    if _forgiving(named):
        return
    if args and parameters and parameters[0]:
        read(reading, table, args[0], node, flow)
    for parameter in filter(None, parameters):
        if parameter in named:
            read(reading, table, named[parameter], node, flow)


def _forgiving(named: Mapping[str, Value]) -> bool:
    return text_of(named.get("errors", UNKNOWN)) == "ignore" or "axis" in named or "level" in named


def _made(reading: Reading, table: Table, name: str, args: Sequence[Value], named: Mapping[str, Value]) -> None:
    if name == "assign":
        reading.record.make(table, named)
    elif name == "insert":
        _or_taint(reading, table, texts_of(args[1]) if len(args) > 1 else [])
    elif name in {"rename", "with_columns", "pipe", "update", "eval", "set_axis"}:
        new = only(named.get("columns", UNKNOWN))
        renamed = [text_of(held) for _, held in new.items] if isinstance(new, Entries) else []
        _or_taint(reading, table, [text for text in renamed if text is not None] if all(renamed) else [])
    elif name in {"reset_index", "set_index"}:
        reading.record.make(table, ["index", "level_0"])


def _or_taint(reading: Reading, table: Table, names: Sequence[str]) -> None:
    if names:
        reading.record.make(table, names)
    else:
        reading.record.tainted.add(table.made_at)
