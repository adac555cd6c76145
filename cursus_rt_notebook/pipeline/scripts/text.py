"""Source files as syntax trees, each read once for each of its contents."""

from __future__ import annotations

import ast
import gc
import io
import threading
import tokenize
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

_T = TypeVar("_T")
_REMEMBERED = 2_048
_lock = threading.Lock()


def decode(data: bytes) -> str:
    """The text of a source's bytes, in the encoding that they declare.

    Raises:
        ValueError: there is no such encoding, or they are not in it.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise ValueError(str(error.msg)) from None
    return data.decode(encoding)


def parse(text: str, name: str) -> ast.Module:
    """The tree of a source.

    Raises:
        SyntaxError: it is no Python of this interpreter's version.
        ValueError, RecursionError, MemoryError: it breaks the parser.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\d" warns, and is a syntax error where the user made warnings errors
        return ast.parse(text, filename=name)


def remembered(known: dict[object, _T], key: tuple[object, ...], data: bytes, make: Callable[[], _T]) -> _T:
    """What was made of this content under this key, made now if it never was."""
    found = known.get(_whole(key, data))
    if found is None:
        found = make()
        remember(known, key, data, found)
    return found


def remember(known: dict[object, _T], key: tuple[object, ...], data: bytes, made: _T) -> None:
    """Remember what was made of this content under this key."""
    with _lock:
        if len(known) >= _REMEMBERED:
            known.clear()
        known[_whole(key, data)] = made


def _whole(key: tuple[object, ...], data: bytes) -> tuple[object, ...]:
    return (*key, blake2b(data, digest_size=16).digest())


def content(path: Path) -> bytes:
    """The bytes of a source.

    Raises:
        OSError: it cannot be read.
    """
    return path.read_bytes()


@contextmanager
def without_collector() -> Generator[None]:
    """No garbage collection in here: a tree has many parts and none is garbage, and looking for it doubles the time."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()
