"""Conditions on a column, put together from a test and a value: SQL that the user reads, and changes at will."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cursus_rt_notebook.data.query import PageColumn, TablePage
from cursus_rt_notebook.errors import CommandRefused

Json = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """One test of a column: how it is called, its SQL, and whether it takes a value."""

    label: str
    sql: str
    value: bool = True


_MISSING: Final = (
    Choice("is missing", "{0} is null", value=False),
    Choice("is not missing", "{0} is not null", value=False),
)
_CONTAINS: Final = "contains"
_SAME: Final = (Choice("=", "{0} = {1}"), Choice("≠", "{0} <> {1}"))
_ORDER: Final = (
    Choice(">", "{0} > {1}"),
    Choice("≥", "{0} >= {1}"),
    Choice("<", "{0} < {1}"),
    Choice("≤", "{0} <= {1}"),
)
_TEXT: Final = (
    Choice(_CONTAINS, ""),
    Choice("starts with", "starts_with({0}, {1})"),
    Choice("ends with", "ends_with({0}, {1})"),
)
_TRUTH: Final = (
    Choice("is true", "{0} = true", value=False),
    Choice("is false", "{0} = false", value=False),
)

# What a column's type allows; of the other types one can only ask whether a value is there.
_KINDS: Final[Mapping[str, str]] = {
    "int": "number",
    "float": "number",
    "decimal": "number",
    "text": "text",
    "category": "text",
    "bool": "truth",
    "date": "moment",
    "datetime": "moment",
}
_CHOICES: Final[Mapping[str, tuple[Choice, ...]]] = {
    "number": (*_SAME, *_ORDER, *_MISSING),
    "text": (*_SAME, *_TEXT, *_MISSING),
    "truth": (*_TRUTH, *_MISSING),
    "moment": (*_SAME, *_ORDER, *_MISSING),
    "other": _MISSING,
}
_LOOKED_AT = 10  # rows, for an example
_SHORT = 30  # characters
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_SPECIAL = re.compile(r"[\\.^$*+?()\[\]{}|]")
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Names that SQL takes for something else where they stand alone.
_WORDS: Final = (
    "all analyze and any as between case cast current_catalog current_date current_role current_schema current_time"
    " current_timestamp current_user delete distinct drop else end except exists explain extract false fetch from group"
    " having ilike in insert intersect interval into is lateral like limit localtime localtimestamp minus not null"
    " offset on or order select self session_user set some struct table then top trim true truncate union update user"
    " using values view when where with"
)
_RESERVED: Final = frozenset(_WORDS.split())


def kind_of(type_name: str) -> str:
    """What can be asked of a column of this type: number, text, truth, moment or other."""
    return _KINDS.get(type_name, "other")


def choices_of(type_name: str) -> list[Json]:
    """What a menu offers for a column of this type."""
    return [{"label": choice.label, "value": choice.value} for choice in _CHOICES[kind_of(type_name)]]


def condition(column: str, type_name: str, label: str, value: str = "", where: str | None = None) -> str:
    """Add a test of a column to a condition that may be there already.

    Raises:
        CommandRefused: there is no such test for the type, or the value is not of the kind that is needed.
    """
    kind = kind_of(type_name)
    choice = next((choice for choice in _CHOICES[kind] if choice.label == label), None)
    if choice is None:
        raise CommandRefused(f"no test {label!r} for a column of type {type_name}")
    sql, value = _containing(value) if choice.label == _CONTAINS else (choice.sql, value)
    added = sql.format(_quoted_name(column), _literal(kind, value) if choice.value else "")
    before = (where or "").strip()
    if not before:
        return added
    # `and` binds more closely than `or`.
    return f"({before}) and {added}" if re.search(r"\bor\b", before, re.IGNORECASE) else f"{before} and {added}"


def example(page: TablePage) -> str:
    """A condition that fits a table, as a hint how one is written: `distance > 1400 and carrier = 'UA'`."""
    found = ((next(_held(page, kind), None), label) for kind, label in (("number", ">"), ("text", "=")))
    return " and ".join(condition(one[0].name, one[0].type, label, one[1]) for one, label in found if one)


def _held(page: TablePage, kind: str) -> Iterator[tuple[PageColumn, str]]:
    """The columns of one kind, each with a value that it holds; of those that are short."""
    for i, column in enumerate(page.columns):
        if kind_of(column.type) != kind or len(column.name) > _SHORT:
            continue
        short = (row[i] for row in page.cells[:_LOOKED_AT] if len(row[i] or "") <= _SHORT)
        value = next((value for value in short if value and (kind == "text" or _NUMBER.fullmatch(value))), None)
        if value is not None:
            yield column, value


def _quoted_name(name: str) -> str:
    if _SIMPLE.fullmatch(name) and name.lower() not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def _containing(value: str) -> tuple[str, str]:
    # There is no way to take a wildcard of `like` for itself.
    if "%" in value or "_" in value:
        return "regexp_like({0}, {1})", _SPECIAL.sub(r"\\\g<0>", value)
    return "{0} like {1}", f"%{value}%"


def _literal(kind: str, value: str) -> str:
    if kind == "text":
        return "'" + value.replace("'", "''") + "'"
    if kind == "moment":
        return "'" + _moment(value.strip()) + "'"
    number = value.strip()
    if not _NUMBER.fullmatch(number):
        raise CommandRefused(f"{number[:40]!r} is no number", fix="write it as 12 or 12.5")
    return number


def _moment(value: str) -> str:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise CommandRefused(f"{value[:40]!r} is no date", fix="write it as 2013-01-31 or 2013-01-31 18:30") from None
    return value
