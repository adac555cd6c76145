"""What pandas makes of the text of a CSV: names from a header, types from values. Pure functions, no pandas.

The reader takes a faster way than pandas only where these can prove that pandas would see the same.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

# What read_csv takes for missing.
MISSING: Final = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
TRUE: Final = ("True", "TRUE", "true")
FALSE: Final = ("False", "FALSE", "false")

_SPACE: Final = r"[ \t\n\r\f\v]*"
_INT: Final = re.compile(rf"{_SPACE}[+-]?[0-9]+{_SPACE}")
_FLOAT: Final = re.compile(rf"{_SPACE}[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?{_SPACE}")
_INFINITE: Final = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_NUMERIC: Final = re.compile(r"[ \t\n\r\f\v0-9.eE+-]*")
# Nearly a number: pandas' own parser has the last word.
_ODD: Final = re.compile(rf"{_SPACE}[+-]?(?:[0-9.]+[eE]?[+-]?[0-9]*|inf(?:inity)?){_SPACE}", re.IGNORECASE)

_LARGE: Final = 2**63
# A value is judged by so many characters: one cell may hold hundreds of megabytes.
LONG: Final = 1_000


def kind_of_value(text: str) -> str:
    """What one value that is not missing reads as: int, large (of over 64 bits), float, bool, text, or odd."""
    if len(text) >= LONG:
        return "odd" if _NUMERIC.fullmatch(text) else "text"
    if _INT.fullmatch(text):
        return "int" if -_LARGE <= int(text) < _LARGE else "large"
    if _FLOAT.fullmatch(text) or _INFINITE.fullmatch(text):
        return "float"
    if text in TRUE or text in FALSE:
        return "bool"
    return "odd" if _ODD.fullmatch(text) else "text"


def kind_of_values(values: Iterable[str | None]) -> str:
    """What a column can still be after its first values: int, float, bool, text, or empty if all were missing.

    It is odd where only pandas can tell: a value is nearly a number, or the first that is no integer of 64 bits is a
    larger one, in which case pandas does not read the rest as it otherwise would.
    """
    ordered = [kind_of_value(value) for value in values if value is not None]
    kinds = set(ordered)
    if next((kind for kind in ordered if kind != "int"), "") == "large":
        return "odd"
    if "text" in kinds or {"bool", "int"} <= kinds or {"bool", "float"} <= kinds:
        return "text"
    return next((kind for kind in ("odd", "float", "int", "bool") if kind in kinds), "empty")


def column_names(header: Sequence[str | None]) -> tuple[str, ...]:
    """Name columns as read_csv does: an empty name becomes `Unnamed: 0`, the second `a` becomes `a.1`."""
    unnamed = [i for i, name in enumerate(header) if not name]
    names = [name or f"Unnamed: {i}" for i, name in enumerate(header)]
    taken: defaultdict[str, int] = defaultdict(int)
    given = set(names)
    for i in [*(i for i, name in enumerate(header) if name), *unnamed]:
        original = name = names[i]
        count = taken[name]
        while count > 0:
            taken[original] = count + 1
            name = f"{original}.{count}"
            count = count + 1 if name in given else taken[name]
        names[i] = name
        given.add(name)
        taken[name] = count + 1
    return tuple(names)


def looks_headless(header: Sequence[str | None]) -> bool:
    """Whether a header reads like a row of data: names that are all numbers."""
    names = [name for name in header if name]
    return len(names) == len(header) and all(kind_of_value(name) in {"int", "float"} for name in names)


HEADLESS: Final = (
    "the first line reads like data: no header? pd.read_csv takes it as names; header=None reads it as a row"
)
