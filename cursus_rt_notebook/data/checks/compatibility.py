"""Whether what a step writes is what another expects: four levels, and the rules that lead to them.

Strict is a table that is as expected. A column more, and a type that fits whole into the expected one, are compatible.
A type that fits in part, or not by itself, is convertible if all its values do, and so are missing cells where none
should be. A required column that is not there, and values that do not fit, are incompatible.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from cursus_rt_notebook.data.checks.expected import ExpectedColumn, ExpectedTable
from cursus_rt_notebook.data.checks.lattice import Fit, fit

Ask = Callable[[Sequence[Mapping[str, Any]]], Sequence[Mapping[str, Any]]]


class Level(StrEnum):
    """How well a table is what is expected of it, the best first."""

    STRICT = "strict"
    COMPATIBLE = "compatible"
    CONVERTIBLE = "convertible"
    INCOMPATIBLE = "incompatible"


@dataclass(frozen=True)
class Difference:
    """One column that is not what is expected.

    `kind` is one of added, missing, type and nullable; `expected` and `found` are types, or words for them. Of the
    values that do not fit, `failing` counts the rows and `rows` holds the numbers of the first, from 0.
    """

    column: str
    kind: str
    level: Level
    message: str
    fix: str = ""
    expected: str = ""
    found: str = ""
    failing: int = 0
    rows: tuple[int, ...] = ()

    @classmethod
    def from_plain(cls, kept: Mapping[str, Any]) -> Self:
        """The difference that `dataclasses.asdict` made plain, also by way of JSON."""
        facts: dict[str, Any] = {**kept, "level": Level(kept["level"]), "rows": tuple(kept["rows"])}
        return cls(**facts)


def worst(levels: Iterable[Level]) -> Level:
    """The worst of some levels; strict if there are none."""
    order = tuple(Level)
    return max(levels, key=order.index, default=Level.STRICT)


def compare(types: Mapping[str, str], expected: ExpectedTable, ask: Ask) -> tuple[Difference, ...]:
    """How a table differs from what is expected of it, column by column.

    Args:
        types: The type of each column that is there, in words of `data.checks.lattice`.
        expected: What should be there.
        ask: Gives, for each rule about values, the rows that break it (`data.checks.examining.examine`); asked once, if at all.
    """
    found = [column for column in expected.columns if column.name in types]
    fits = {column.name: fit(types[column.name], column.type) for column in found if column.type is not None}
    rules = [*_value_rules(found, fits), *_missing_rules(found)]
    answers = iter(ask(rules) if rules else ())
    told = {(rule["kind"], rule["columns"][0]): answer for rule, answer in zip(rules, answers, strict=True)}
    return (
        *(_absent(column, types) for column in expected.columns if column.name not in types),
        *(each for column in found for each in _differences(column, types[column.name], fits, told)),
        *(_added(name, types[name]) for name in _more(types, expected)),
    )


def _value_rules(found: Iterable[ExpectedColumn], fits: Mapping[str, Fit]) -> Iterator[dict[str, Any]]:
    for column in found:
        match fits.get(column.name):
            case Fit.NARROWER | Fit.OTHER:
                yield {"kind": "fit", "columns": [column.name], "type": column.type}
            case Fit.NEVER:
                yield {"kind": "present", "columns": [column.name]}
            case _:
                pass


def _missing_rules(found: Iterable[ExpectedColumn]) -> Iterator[dict[str, Any]]:
    return ({"kind": "missing", "columns": [column.name]} for column in found if column.nullable is False)


def _absent(column: ExpectedColumn, types: Mapping[str, str]) -> Difference:
    near = difflib.get_close_matches(column.name, types, n=1, cutoff=0.7)
    fix = f"did you mean {near[0]!r}?" if near else f"there are {_listed(types)}"
    level = Level.INCOMPATIBLE if column.required else Level.COMPATIBLE
    return Difference(column.name, "missing", level, f"there is no column {column.name!r}", fix, column.type or "")


def _more(types: Mapping[str, str], expected: ExpectedTable) -> list[str]:
    known = {column.name for column in expected.columns}
    return [name for name in types if name not in known] if expected.whole else []


def _added(name: str, kind: str) -> Difference:
    return Difference(name, "added", Level.COMPATIBLE, f"there is a column {name!r} more", found=kind)


def _differences(
    column: ExpectedColumn, kind: str, fits: Mapping[str, Fit], told: Mapping[tuple[str, str], Mapping[str, Any]]
) -> Iterator[Difference]:
    how = fits.get(column.name, Fit.SAME)
    if how is not Fit.SAME and column.type is not None:
        answer = told.get(("fit", column.name)) or told.get(("present", column.name)) or {}
        yield _of_type(column, kind, column.type, how, answer)
    lacking = told.get(("missing", column.name), {})
    if lacking.get("count"):
        count, rows = lacking["count"], tuple(lacking.get("rows", ()))
        message = f"{column.name} is missing in {count:,} {'row' if count == 1 else 'rows'} ({_first(rows, count)}), and should be in none"
        fix = f"fill or drop them: df[{column.name!r}].fillna(...)"
        yield Difference(
            column.name, "nullable", Level.CONVERTIBLE, message, fix, "no cell missing", f"{count:,} missing", count, rows
        )  # fmt: skip


def _of_type(column: ExpectedColumn, kind: str, expected: str, how: Fit, answer: Mapping[str, Any]) -> Difference:
    name = column.name
    count, rows = int(answer.get("count", 0)), tuple(answer.get("rows", ()))
    if how is Fit.WIDER:
        message = f"{name} is {kind}, which fits into {expected}"
        return Difference(name, "type", Level.COMPATIBLE, message, "", expected, kind)
    if count:
        message = f"{name} is {kind}, not {expected}, and {_values(count)} {'row' if count == 1 else 'rows'} {_first(rows, count)} cannot be that"
        fix = f"mend these values, or expect {kind} there"
        return Difference(name, "type", Level.INCOMPATIBLE, message, fix, expected, kind, count, rows)
    message = f"{name} is {kind}, not {expected}; all its values can be that"
    parse = _PARSERS.get(expected) if kind == "text" else None
    how_to = f"{parse}(df[{name!r}])" if parse else f"df[{name!r}].astype({_dtype(column, kind, expected)!r})"
    fix = f"convert it: {how_to}"
    return Difference(name, "type", Level.CONVERTIBLE, message, fix, expected, kind)


def _dtype(column: ExpectedColumn, kind: str, expected: str) -> str:
    """What pandas calls the expected type; of whole numbers, the one that takes missing ones, where there may be some."""
    if column.nullable and kind.startswith("float") and expected.lstrip("u").startswith("int"):
        return expected.replace("uint", "UInt").replace("int", "Int")
    return _DTYPES.get(expected, expected)


_PARSERS = {
    "datetime": "pd.to_datetime",
    "date": "pd.to_datetime",
    "duration": "pd.to_timedelta",
}  # astype knows no zones
_DTYPES = {"text": "str", "datetime": "datetime64[ns]", "duration": "timedelta64[ns]", "date": "datetime64[s]"}


def _values(count: int) -> str:
    return "the value in" if count == 1 else f"{count:,} values in"


def _first(rows: Sequence[int], count: int, most: int = 5) -> str:
    """The numbers of the first of some rows."""
    return ", ".join(map(str, rows[:most])) + (", ..." if count > most else "")


def _listed(names: Iterable[str], most: int = 8) -> str:
    several = list(names)
    return ", ".join(several[:most]) + (", ..." if len(several) > most else "") or "no columns"
