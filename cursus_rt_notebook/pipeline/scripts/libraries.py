"""Calls of libraries and builtins whose meaning is known: paths, files, tables, and what only looks."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from cursus_rt_notebook.pipeline.scripts.escape import escape
from cursus_rt_notebook.pipeline.scripts.flow import Flow, Reading
from cursus_rt_notebook.pipeline.scripts.items import taken
from cursus_rt_notebook.pipeline.scripts.paths import below
from cursus_rt_notebook.pipeline.scripts.readers import READERS, read_table
from cursus_rt_notebook.pipeline.scripts.values import (
    NONE,
    UNKNOWN,
    Const,
    Entries,
    Given,
    Many,
    Row,
    Table,
    Taken,
    Value,
    each_of,
    joined,
    one,
    only,
    text_of,
)

# They look at what they are given, and keep and change nothing of it.
_LOOK = {
    *("print", "len", "str", "repr", "bool", "isinstance", "type", "id", "format", "int", "float", "callable", "hash"),
    *("min", "max", "sum", "abs", "round", "any", "all", "range", "issubclass", "hasattr"),
}
_ARRANGE = {"sorted", "list", "tuple", "set", "frozenset", "reversed", "iter"}
_JOIN = {"os.path.join", "posixpath.join"}
_AS_PATH = {
    *("pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "builtins.str", "os.fspath", "os.path.abspath"),
    *("os.path.normpath", "os.path.realpath", "os.path.expanduser"),
}
# These fail for None.
_STRICT = {"pathlib.Path", "pathlib.PurePath", "os.fspath", "os.path.abspath", "os.path.normpath", "os.path.realpath"}
_OPEN = {"builtins.open", "io.open", "gzip.open", "bz2.open", "lzma.open", "codecs.open"}


def call_library(
    reading: Reading, name: str, node: ast.Call, args: Sequence[Value], named: Mapping[str, Value], flow: Flow
) -> Value:
    """What a call of a library's function, or of a builtin, gives."""
    first = args[0] if args else UNKNOWN
    if name in {"os.getenv", "os.environ.get"}:
        default = args[1] if len(args) > 1 else named.get("default", one(NONE))
        return taken(reading, "os", first if args else named.get("key", UNKNOWN), node, flow, default=default)
    if name == "builtins.getattr":
        return _getattr(reading, node, args, flow)
    if name == "builtins.hasattr":
        return _hasattr(reading, node, args, flow)
    if name in _AS_PATH and args:
        start = reading.need(first, node, flow) if name in _STRICT else first
        return below(start, args[1:]) if any(isinstance(a, (Taken, Const)) for a in start) else UNKNOWN
    if name in _JOIN and args:
        return below(reading.need(first, node, flow), args[1:])
    if name in _OPEN:
        return _open(reading, node, reading.need(first, node, flow), args, named)
    if name in {"glob.glob", "glob.iglob"}:
        return one(Many(first))
    if name in {"os.listdir", "os.scandir"}:
        reading.need(first, node, flow)
        return one(Many(UNKNOWN))
    if name in READERS:
        reading.need(first, node, flow)
        return read_table(reading, name, node, args, named, flow)
    return _builtin(reading, name, args, named, flow)


def _builtin(reading: Reading, name: str, args: Sequence[Value], named: Mapping[str, Value], flow: Flow) -> Value:
    short = name.removeprefix("builtins.")
    first = args[0] if args else UNKNOWN
    if short in _LOOK:
        return UNKNOWN
    if short in _ARRANGE and isinstance(only(first), (Row, Many)):
        return first if short != "reversed" else one(Many(each_of(first)))
    if short == "enumerate" and isinstance(row := only(first), Row):
        return one(Row(tuple(one(Row((one(Const(at)), held))) for at, held in enumerate(row.items))))
    if short == "enumerate" and isinstance(row := only(first), Many):
        return one(Many(one(Row((UNKNOWN, row.each)))))
    if short == "dict" and not args:
        return one(Entries(tuple(named.items())))
    if short == "dict" and isinstance(only(first), (Given, Entries)) and not named:
        return first
    if name in {"pandas.concat", "polars.concat"}:
        return _concatenated(first)
    # A library may read all that it is given; what a module of the user's own does with it is not known at all.
    theirs = name.startswith("builtins.") or name.partition(".")[0] in _THIRD_PARTY
    for value in (*args, *named.values()):
        escape(reading, value, flow, changes=not theirs)
    return UNKNOWN


_THIRD_PARTY = {
    *(
        "pandas",
        "numpy",
        "polars",
        "pyarrow",
        "matplotlib",
        "sklearn",
        "scipy",
        "seaborn",
        "json",
        "yaml",
        "os",
        "shutil",
    ),
    *("logging", "joblib", "pickle", "math", "time", "datetime", "pprint", "subprocess", "xgboost", "lightgbm", "copy"),
}


def _concatenated(parts: Value) -> Value:
    each = each_of(parts)
    return each if isinstance(only(each), Table) else UNKNOWN


def _getattr(reading: Reading, node: ast.Call, args: Sequence[Value], flow: Flow) -> Value:
    if len(args) < 2:
        return UNKNOWN
    found: list[Value] = []
    for atom in args[0]:
        if atom == Given("args"):
            found.append(taken(reading, "args", args[1], node, flow, default=args[2] if len(args) > 2 else None))
        else:
            found.append(UNKNOWN)
    return joined(found)


def _hasattr(reading: Reading, node: ast.Call, args: Sequence[Value], flow: Flow) -> Value:
    if len(args) == 2 and Given("args") in args[0]:
        name = text_of(args[1])
        if name is None:
            reading.record.lose("args", changed=False)
        else:
            reading.use("args", name, node, flow, demanded=False)
    return UNKNOWN


def _open(reading: Reading, node: ast.Call, path: Value, args: Sequence[Value], named: Mapping[str, Value]) -> Value:
    """A file opened for reading is as good as its path: whoever reads from it tells its format."""
    mode = text_of(args[1] if len(args) > 1 else named.get("mode", one(Const("r")))) or "r"
    atom = only(path)
    if isinstance(atom, Taken) and not set(mode) & set("wax"):
        reading.record.file(atom, None, node.lineno)
        return path
    return UNKNOWN


def call_path(reading: Reading, path: Taken, name: str, node: ast.Call, args: Sequence[Value], flow: Flow) -> Value:
    """`path.name(...)` of a path below a port."""
    if name == "joinpath":
        return below(one(path), args)
    if name == "glob":
        return one(Many(below(one(path), args)))
    if name == "rglob":
        return one(Many(below(one(path), [one(Const("**")), *args])))
    if name == "iterdir":
        return one(Many(below(one(path), [UNKNOWN])))
    if name in {"resolve", "absolute", "expanduser", "as_posix", "__str__", "__fspath__"}:
        return one(path)
    if name == "open":
        return _open(reading, node, one(path), [one(path), *args], {})
    if name in {"read_text", "read_bytes"}:
        reading.record.file(path, None, node.lineno)
        return one(path)
    if name in {"rstrip", "strip"} or (name == "read" and not args):
        return one(path)
    for value in args:
        escape(reading, value, flow, changes=False)
    return UNKNOWN
