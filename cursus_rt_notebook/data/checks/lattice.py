"""How types lie in one another: which takes every value of which, and which only some.

A type is a word, with its width where that is known: int, int32, uint8, float, float64, decimal, bool, text, category,
date, datetime, time, duration, list, record, bytes; empty for a column without a single value. ::

    bool < int8 < int16 < int32 < int64 < float, decimal        date < datetime        category ~ text
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

_WIDTH: Final = re.compile(r"(u?int|float)(\d+)")
_RANKS: Final = {"bool": 0, "int": 1, "float": 2, "decimal": 2}
_TEXTS: Final = frozenset({"text", "category"})
_READ: Final = frozenset({"bool", "int", "float", "decimal", "date", "datetime", "time", "duration"})  # out of text
_FLOAT: Final = 64  # bits of a float that says nothing of them


class Fit(StrEnum):
    """How the values of one type fit another."""

    SAME = "same"
    WIDER = "wider"  # the other takes every value
    NARROWER = "narrower"  # the other takes some: which, only the values say
    OTHER = "other"  # values of another kind, that may still read as the other's
    NEVER = "never"


def fit(found: str, expected: str) -> Fit:
    """How values of the type `found` fit where `expected` is wanted."""
    if found == expected or (found != "empty" and expected == family(found)):
        return Fit.SAME
    if found == "empty":
        return Fit.WIDER
    given, wanted = family(found), family(expected)
    if given in _RANKS and wanted in _RANKS:
        return _of_numbers(found, expected)
    if {given, wanted} <= _TEXTS or (given, wanted) == ("date", "datetime"):
        return Fit.WIDER
    if (given, wanted) == ("datetime", "date"):
        return Fit.NARROWER
    if (given in _TEXTS and wanted in _READ) or (wanted in _TEXTS and given in _READ):
        return Fit.OTHER
    return Fit.SAME if given == wanted else Fit.NEVER


def family(kind: str) -> str:
    """The word of a type without its width: `int` of `uint8`."""
    found = _WIDTH.fullmatch(kind)
    return found[1].removeprefix("u") if found else kind


def whole_numbers(kind: str) -> tuple[int, int]:
    """The least and the most that an integer of this type holds; of 64 bits where the type says nothing of them."""
    found = _WIDTH.fullmatch(kind)
    bits = int(found[2]) if found else 64
    return (0, 2**bits - 1) if kind.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def bits_of_float(kind: str) -> int:
    """The bits of a float of this type."""
    found = _WIDTH.fullmatch(kind)
    return int(found[2]) if found else _FLOAT


def _of_numbers(found: str, expected: str) -> Fit:
    given, wanted = family(found), family(expected)
    if _RANKS[given] != _RANKS[wanted]:
        return Fit.WIDER if _RANKS[given] < _RANKS[wanted] else Fit.NARROWER
    if given == wanted == "int":
        (least, most), (low, high) = whole_numbers(found), whole_numbers(expected)
        return Fit.WIDER if low <= least and most <= high else Fit.NARROWER
    if wanted == "decimal":
        return Fit.NARROWER
    return Fit.WIDER if given == "decimal" or bits_of_float(found) <= bits_of_float(expected) else Fit.NARROWER
