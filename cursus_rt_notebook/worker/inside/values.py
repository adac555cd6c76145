"""Any value as a short text, whatever its class does: bounded in time and size, never an exception.

Built-in values are told by looking at a few of their items. Only a foreign class's own `__repr__` runs, under an alarm.
"""

from __future__ import annotations

import signal
import threading
import time
from typing import Any, Callable, TypeVar

COLUMNS = 2_000
_ITEMS = 6
_DEPTH = 3
_BITS = 4_096
_SECONDS = 0.2
_SECONDS_IN_ALL = 3.0  # for one process: a thousand slow values must not hold up a step's end
_FRAME_TYPES = {"pandas", "polars", "pyarrow", "modin", "cudf", "dask", "geopandas", "pyspark"}

T = TypeVar("T")
_spent = [0.0]


class TooSlowError(BaseException):
    """A value's own code took too long; a BaseException, so that less of that code swallows it."""


def guarded(call: Callable[[], T], otherwise: T) -> T:
    """What `call` returns, or `otherwise` if it raises or takes too long."""
    if _spent[0] > _SECONDS_IN_ALL:
        return otherwise
    timed = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    begun = time.monotonic()
    try:
        if not timed:
            return call()
        before = signal.signal(signal.SIGALRM, _too_slow)
        # It rings again and again: code that swallows one alarm gets the next.
        signal.setitimer(signal.ITIMER_REAL, _SECONDS, _SECONDS)
        try:
            return call()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
    except BaseException:  # noqa: BLE001 - a value's own code may raise anything
        return otherwise
    finally:
        _spent[0] += time.monotonic() - begun


def _too_slow(_number: int, _frame: Any) -> None:
    raise TooSlowError


def type_name(value: Any) -> str:
    """The name of a value's type, with its module unless it is built in; never asks the value itself."""
    kind = type(value)
    try:
        module, name = type.__getattribute__(kind, "__module__"), type.__getattribute__(kind, "__qualname__")
    except Exception:  # noqa: BLE001 - a metaclass may do anything
        return "object"
    if not isinstance(module, str) or module == "builtins":
        return str(name)[:200]
    return f"{module}.{name}"[:200]


def text_of(value: Any, limit: int) -> str:
    """A short text for a value, at most `limit` characters."""
    return shorten(_text(value, _DEPTH, limit), limit)


def shorten(text: str, limit: int) -> str:
    """`text`, its middle left out if it is longer than `limit`."""
    if len(text) <= limit:
        return text
    tail = limit // 4
    return text[: limit - tail - 1] + "\u2026" + text[-tail:]


def table_of(value: Any) -> dict[str, Any]:
    """Columns and number of rows if the value is a table of a library we know; else nothing."""
    if not _is_table(type(value)):
        return {}
    return guarded(lambda: _table(value), {})


def _is_table(kind: type) -> bool:
    names = {(_top_module(c), c.__name__) for c in kind.__mro__}
    return any(name in ("DataFrame", "Table", "LazyFrame") and module in _FRAME_TYPES for module, name in names)


def _top_module(kind: type) -> str:
    module: Any = kind.__module__  # a class may set it to anything
    return module.partition(".")[0] if type(module) is str else ""


def _table(value: Any) -> dict[str, Any]:
    columns = getattr(value, "column_names", None)  # pyarrow's name for them
    if columns is None:
        columns = value.columns
    shown: list[str] = []
    for column in columns:
        if len(shown) == COLUMNS:
            break
        shown.append(shorten(str(column), 200))
    rows = getattr(value, "num_rows", None)
    return {"columns": shown, "rows": int(len(value) if rows is None else rows)}


def _text(value: Any, depth: int, limit: int) -> str:
    kind = type(value)
    if kind in (str, bytes, bytearray):
        return _quoted(value, limit)
    if kind is int and value.bit_length() > _BITS:
        return f"<int of {value.bit_length():,} bits>"
    if kind in (int, float, bool, complex, type(None)):
        return repr(value)
    if kind in (list, tuple, set, frozenset, dict):
        return _container(value, depth, limit) if depth else "\u2026"
    table = table_of(value)
    if table:
        return f"{type_name(value)}: {table['rows']:,} rows x {len(table['columns']):,} columns"
    shape = _array_shape(value)
    if shape:
        return shape
    return guarded(lambda: shorten(str.__str__(repr(value)), limit), f"<{type_name(value)}: its repr failed>")


def _quoted(value: Any, limit: int) -> str:
    if len(value) <= limit:
        return repr(value)
    half = limit // 2
    return f"{value[:half]!r}\u2026{value[-half // 2 :]!r} ({len(value):,} long)"


def _container(value: Any, depth: int, limit: int) -> str:
    opening, closing = {list: "[]", tuple: "()", dict: "{}"}.get(type(value), "{}")
    parts: list[str] = []
    for item in value:
        if len(parts) == _ITEMS:
            parts.append(f"\u2026 {len(value):,} in all")
            break
        text = _text(item, depth - 1, limit)
        if type(value) is dict:
            text += ": " + _text(dict.__getitem__(value, item), depth - 1, limit)
        parts.append(shorten(text, limit))
    text = opening + ", ".join(parts) + closing
    return f"{type(value).__name__}({text})" if type(value) in (set, frozenset) else text


def _array_shape(value: Any) -> str:
    """Arrays and series are told by their shape: their own text may read all of them."""
    if _top_module(type(value)) not in {"numpy", *_FRAME_TYPES}:
        return ""
    return guarded(lambda: _shape(value), "")


def _shape(value: Any) -> str:
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if not isinstance(shape, tuple) or not shape:
        return ""
    size = " x ".join(f"{n:,}" for n in shape)
    few = f": {shorten(str(value).replace(chr(10), ' '), 120)}" if len(value) <= _ITEMS and len(shape) == 1 else ""
    return f"{type_name(value)} of {size} {dtype}{few}"
