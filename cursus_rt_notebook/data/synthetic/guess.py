"""How a column is made of which only the name is known: `signup_date` holds dates, `customer_id` numbers that are keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from cursus_rt_notebook.data.synthetic.recipe import (
    Choice,
    ColumnRecipe,
    Named,
    Prose,
    Sequence,
    Shapes,
    Spread,
    Values,
)

_DAY: Final = 86_400_000_000
_YEARS: Final = (1_577_836_800_000_000, 1_735_603_200_000_000)  # 2020 to 2024, in microseconds
_UUID: Final = tuple("dddddddd-dddd-4ddd-8ddd-dddddddddddd")
_TRUTH: Final = Choice((0, 1), (0.7, 0.3))
_LETTERS: Final = Choice(("A", "B", "C", "D"), (0.4, 0.3, 0.2, 0.1))

# The last words of a name that ask for some values, and their Arrow type; the first row that fits counts.
_GUESSES: Final[tuple[tuple[str, str, Values], ...]] = (
    ("uuid guid", "string", Shapes((tuple("digit" if mark == "d" else mark for mark in _UUID),), (1.0,))),
    ("first_name firstname given_name", "string", Named("person.first_name")),
    ("last_name lastname surname family_name", "string", Named("person.last_name")),
    ("email mail", "string", Named("person.email")),
    ("phone telephone mobile", "string", Named("person.phone_number")),
    ("username login user", "string", Named("person.username")),
    ("company employer merchant vendor", "string", Named("finance.company")),
    ("street address", "string", Named("address.address")),
    ("city town", "string", Named("address.city")),
    ("country", "string", Named("address.country")),
    ("zip zipcode postcode postal_code", "string", Named("address.zip_code")),
    ("currency", "string", Named("finance.currency_iso_code")),
    ("url link website", "string", Named("internet.url")),
    ("ip ip_address", "string", Named("internet.ip_v4")),
    ("name", "string", Named("person.full_name")),
    ("text comment description title review message body note notes content", "string", Prose((10, 40, 80, 120, 200))),
    ("date day_date dob birthday", "date32[day]", Spread((18_262, 20_088), 1)),
    ("timestamp datetime time at ts created updated hour_start", "timestamp[us]", Spread(_YEARS, _DAY // 86_400)),
    ("year", "int64", Spread((2015, 2024), 1)),
    ("month", "int64", Spread((1, 12), 1)),
    ("day", "int64", Spread((1, 28), 1)),
    ("hour", "int64", Spread((0, 23), 1)),
    ("minute second", "int64", Spread((0, 59), 1)),
    ("weekday dow", "int64", Spread((0, 6), 1)),
    ("flag label target churn churned fraud default active y outcome converted clicked", "int64", _TRUTH),
    ("id key pk number no nr", "int64", Spread((1, 500), 1)),
    ("amount price cost revenue balance fee total salary income value spend", "double", Spread((0.0, 20.0, 60.0, 200.0, 1000.0), 0.01)),
    ("score prob probability rate ratio share pct percent proba", "double", Spread((0.0, 1.0), 0.0001)),
    ("count num qty quantity size rows n visits clicks orders items", "int64", Spread((0, 1, 3, 8, 100), 1)),
    ("age", "int64", Spread((18, 30, 40, 55, 90), 1)),
    ("lat latitude", "double", Spread((-60.0, 70.0), 1e-6)),
    ("lon lng longitude", "double", Spread((-180.0, 180.0), 1e-6)),
    ("category type kind status group segment class gender sex channel color colour brand region state code tier", "string", _LETTERS),
)  # fmt: skip
_FLAGS: Final = frozenset({"is", "has", "was", "did", "can"})
_OTHERWISE: Final = ("double", Spread((0.0, 100.0), 0.01))


def guess(name: str) -> ColumnRecipe:
    """How a column of this name is made: what the end of its name says, else numbers from 0 to 100."""
    words = words_of(name)
    if words and words[0] in _FLAGS:
        kind, values = "int64", _TRUTH
    else:
        kind, values = next(((kind, made) for ends, kind, made in _GUESSES if _ends(words, ends)), _OTHERWISE)
    return ColumnRecipe(name, _type(kind), values, guessed=True)


def guess_table(names: Iterable[str]) -> tuple[ColumnRecipe, ...]:
    """How the columns of a table are made; the first that reads as a key is taken to be the table's own."""
    columns = [guess(name) for name in names]
    for i, column in enumerate(columns):
        if is_key(column.name) and isinstance(column.values, Spread):
            columns[i] = replace(column, values=Sequence(1), unique=True)
            break
    return tuple(columns)


def is_key(name: str) -> bool:
    """Whether a name reads as that of a key."""
    return _ends(words_of(name), "id key pk number no nr code uuid guid index")


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case: `customerID` and `customer_id` are the same two."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[a-z]+|\d+", apart.lower())


def _ends(words: list[str], ends: str) -> bool:
    joined = "_".join(words)
    return any(joined == end or joined.endswith(f"_{end}") for end in ends.split())


def _type(name: str) -> object:
    import pyarrow as pa

    return pa.type_for_alias(name)
