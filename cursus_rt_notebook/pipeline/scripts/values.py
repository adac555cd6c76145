"""What an expression may be, as far as the text tells: a set of possibilities, one of them "anything else".

A value is a frozenset of the atoms below. What is not followed is OTHER; nothing is claimed of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

Value = frozenset[Any]
_MOST = 12


@dataclass(frozen=True)
class Other:
    """Anything."""


@dataclass(frozen=True)
class Const:
    """A text, a number, True, False or None."""

    value: Any


@dataclass(frozen=True)
class Pattern:
    """A text of which a part is not known: that part is `*`."""

    text: str


@dataclass(frozen=True)
class Given:
    """One of the mappings a step is given: inputs, outputs, env, args; or os, the environment of the process."""

    kind: str


@dataclass(frozen=True)
class Taken:
    """What a mapping holds under a key; for a port, a path below it."""

    kind: str
    key: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Absent:
    """None, because a mapping does not hold the key."""

    kind: str
    key: str


@dataclass(frozen=True)
class Row:
    """A list, tuple or set as written."""

    items: tuple[Value, ...]


@dataclass(frozen=True)
class Many:
    """Any number of things, each of which is one of `each`."""

    each: Value


@dataclass(frozen=True)
class Entries:
    """A dict with texts as keys, as written."""

    items: tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class Table:
    """A DataFrame read below an input port; `made_at` tells one from another."""

    port: str
    made_at: tuple[int, int]


@dataclass(frozen=True)
class Groups:
    """What groupby made of a table."""

    table: Table


@dataclass(frozen=True)
class Library:
    """Something imported, or built in, by its full name."""

    name: str


@dataclass(frozen=True)
class Method:
    """An attribute of something."""

    owner: Any
    name: str


@dataclass(frozen=True, eq=False)
class Function:
    """A function of this file, with the scope it was defined in."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Any


@dataclass(frozen=True, eq=False)
class Class:
    """A class of this file."""

    node: ast.ClassDef
    scope: Any


@dataclass
class Scope:
    """The names of a function or of the file, and the scope around it."""

    names: dict[str, Value] = field(default_factory=dict[str, Value])
    around: Scope | None = None
    elsewhere: set[str] = field(default_factory=set[str])  # names that `global` or `nonlocal` gives away

    def find(self, name: str) -> Value | None:
        """The value of a name; None if no scope has it."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                return found
            scope = scope.around
        return None


_NOTHING: Value = frozenset()
OTHER = Other()
UNKNOWN: Value = frozenset({OTHER})
NONE = Const(None)


def one(atom: Any) -> Value:
    """The value that can only be this."""
    return frozenset({atom})


@lru_cache(maxsize=4096)
def constant(_kind: type, value: Any) -> Value:
    """The value of a constant, made once; its type tells 1 from True."""
    return one(Const(value))


@lru_cache(maxsize=4096)
def of_anything(name: str) -> Value:
    """An attribute of what is not followed."""
    return one(Method(OTHER, name))


def joined(values: Iterable[Value]) -> Value:
    """What is one of these values."""
    values = list(values)
    if len(values) == 1:
        return values[0]
    found = _NOTHING.union(*values)
    # Too many possibilities are none that could be spoken of; a mapping among them is kept in sight.
    return found if len(found) <= _MOST else UNKNOWN | {a for a in found if isinstance(a, Given)}


def only(value: Value) -> Any:
    """The one thing that a value can be; OTHER if there are several."""
    if len(value) == 1:
        return next(iter(value))
    return OTHER


def is_followed(value: Value) -> bool:
    """Whether something in a value is worth following: a mapping, what comes from an input, a function."""
    return any(_is_followed(atom) for atom in value)


def _is_followed(atom: Any) -> bool:
    match atom:
        case Other() | Const() | Pattern() | Library() | Class():
            return False
        case Taken(kind) | Absent(kind):
            return kind == "inputs"
        case Row(items):
            return any(map(is_followed, items))
        case Entries(items):
            return any(is_followed(held) for _, held in items)
        case Many(each):
            return is_followed(each)
        case Method(owner):
            return _is_followed(owner)
        case _:
            return True


def text_of(value: Value) -> str | None:
    """The text that a value surely is."""
    atom = only(value)
    return atom.value if isinstance(atom, Const) and isinstance(atom.value, str) else None


def texts_of(value: Value) -> list[str]:
    """The texts that are surely in a list, or the one text that the value is."""
    atom = only(value)
    if isinstance(atom, Row):
        return [text for text in map(text_of, atom.items) if text is not None]
    text = text_of(value)
    return [] if text is None else [text]


def each_of(value: Value) -> Value:
    """What a loop over a value may find."""
    found: list[Value] = []
    for atom in value:
        match atom:
            case Row(items):
                found += items
            case Many(each):
                found.append(each)
            case Entries(items):
                found += [one(Const(key)) for key, _ in items]
            case _:
                found.append(UNKNOWN)
    return joined(found) if found else UNKNOWN
