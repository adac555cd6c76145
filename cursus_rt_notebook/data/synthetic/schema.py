"""Recipes out of pandera schemas, read from their YAML: types, gaps, and what the checks allow.

The file is read as what it is, data. Checks that pandera knows by name are obeyed; what a function of the user's checks
cannot be known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.synthetic import guess, limits
from cursus_rt_notebook.data.synthetic.recipe import Choice, ColumnRecipe, Pattern, TableRecipe, Values
from cursus_rt_notebook.errors import DataError

_GAPS: Final = 0.05  # the share of missing cells where there may be some


@dataclass(frozen=True)
class SchemaRecipe:
    """What a schema says of a table; `strict` is whether there are no other columns."""

    table: TableRecipe
    strict: bool


def recipe_from_schema(path: str | Path) -> SchemaRecipe:
    """What a table is made from that this pandera schema accepts.

    Raises:
        DataError: the file holds no schema, or a column that no value can satisfy.
    """
    path = Path(path)
    document = _read(path)
    found = dict(_named(document.get("columns"), path))
    columns = [_column(name, facts, path) for name, facts in found.items() if not _already_there(name, facts, found)]
    columns += [_column(str(facts["name"]), facts, path) for facts in document.get("index") or () if facts.get("name")]
    table = TableRecipe(tuple(_with_unique(columns, document.get("unique"))))
    return SchemaRecipe(table, bool(document.get("strict")))


def _read(path: Path) -> Mapping[str, Any]:
    from ruamel.yaml import YAML

    try:
        with path.open("rb") as file:
            document = YAML(typ="safe", pure=True).load(file.read(settings.PIPELINE_BYTES))
    except Exception as error:  # ruamel raises many kinds for what is no YAML
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise DataError(f"{path.name} cannot be read as a schema: {reason}", fix=_FIX, path=str(path)) from error
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}


_FIX: Final = "write it with pandera: schema.to_yaml(path)"


def _named(columns: Any, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The columns with what is said of each: a mapping by name, or a list."""
    if not isinstance(columns, dict | list):
        raise DataError(f"{path.name} is no pandera schema: it has no columns", fix=_FIX, path=str(path))
    pairs = columns.items() if isinstance(columns, dict) else ((one.get("name"), one) for one in columns)
    for name, said in pairs:
        yield str(name), _flat(said if isinstance(said, dict) else {})


def _flat(said: dict[str, Any]) -> dict[str, Any]:
    """What is said of a column, with its checks beside the rest, as pandera writes them now; once they were apart."""
    checks = said.get("checks") or {}
    apart = checks.items() if isinstance(checks, dict) else ((_check_name(check), check) for check in checks)
    flat = {**said, **{str(name): value for name, value in apart}}
    return {name: _parameter(name, value) if name in _CHECKS else value for name, value in flat.items()}


_CHECKS: Final = frozenset(
    [
        "equal_to",
        "not_equal_to",
        "greater_than",
        "greater_than_or_equal_to",
        "less_than",
        "less_than_or_equal_to",
        "in_range",
        "isin",
        "notin",
        "unique_values_eq",
        "str_matches",
        "str_contains",
        "str_startswith",
        "str_endswith",
        "str_length",
    ]
)
_OPTIONS: Final = frozenset(
    ["check_name", "ignore_na", "raise_warning", "n_failure_cases", "groupby", "groups", "error", "name", "options"]
)


def _check_name(check: dict[str, Any]) -> Any:
    return check.get("check_name") or (check.get("options") or {}).get("check_name") or check.get("name")


def _parameter(name: str, value: Any) -> Any:
    """What a check compares with: one value, or several by their names."""
    if name == "str_length" and isinstance(value, int):
        return {"exact_value": value}
    if not isinstance(value, dict):
        return value
    given = {key: one for key, one in cast("dict[str, Any]", value).items() if key not in _OPTIONS}
    return given if name in {"str_length", "in_range"} else next(iter(given.values()), None)


def _column(name: str, facts: Mapping[str, Any], path: Path) -> ColumnRecipe:
    guessed = guess.guess(name)
    if facts.get("regex"):
        name = _name_matching(name)
    kind = limits.arrow_type(facts.get("dtype"))
    missing = _GAPS if facts.get("nullable") else 0.0
    unique = bool(facts.get("unique"))
    try:
        values = _values(facts, kind if kind is not None else guessed.type, guessed, unique=unique)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(
            f"{path.name}: no value of column {name!r} would satisfy its checks: {error}",
            fix="mend the schema: its checks contradict each other or the column's type",
            path=str(path),
        ) from error
    made = kind if kind is not None else limits.type_of(values, guessed.type)
    return ColumnRecipe(name, made, values, missing, unique)


def _already_there(name: str, facts: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether columns that are given by a pattern are there by their own names."""
    return bool(facts.get("regex")) and any(re.fullmatch(name, other) for other in found if other != name)


def _name_matching(regex: str) -> str:
    """A name for columns that are given by a pattern: a plain one if that fits."""
    from cursus_rt_notebook.data.synthetic.texts import one_matching

    plain = re.sub(r"(\.|\\d|\\w|\[.*?\])(\*|\+|\{.*?\})?", "0", regex).strip("^$")
    return plain if re.fullmatch(regex, plain) else one_matching(regex)


def _values(facts: Mapping[str, Any], kind: Any, guessed: ColumnRecipe, *, unique: bool) -> Values:
    import pyarrow as pa

    only = [facts["equal_to"]] if "equal_to" in facts else facts.get("isin") or facts.get("unique_values_eq")
    if only:
        allowed = [value for value in only if limits.allows(facts, value)]
        if not allowed:
            raise ValueError("none of the values listed is allowed")
        raw = tuple(limits.raw(value, kind) for value in allowed)
        return Choice(raw, (1.0,) * len(raw), closed=True)
    if pa.types.is_boolean(kind):
        return Choice((True, False), (0.5, 0.5), closed=True)
    if limits.is_text(kind):
        return _text(facts, guessed, unique=unique)
    return limits.spread(facts, kind, guessed)


def _text(facts: Mapping[str, Any], guessed: ColumnRecipe, *, unique: bool) -> Values:
    if "str_matches" in facts:
        return Pattern(str(facts["str_matches"]))
    start, inside, end = (facts.get(f"str_{part}") for part in ("startswith", "contains", "endswith"))
    length = facts.get("str_length") or {}
    if not any((start, inside, end, length)):
        usable = limits.is_text(guessed.type) and not (unique and isinstance(guessed.values, Choice))
        return guessed.values if usable else Pattern("[a-z]{5,8}" if not unique else "[a-z]{8,10}")
    fixed = len(start or "") + len(inside or "") + len(end or "")
    low, high = (length.get(f"{bound}_value") for bound in ("min", "max"))
    exact = length.get("exact_value")
    least = max(0, (exact if exact is not None else low or 0) - fixed)
    most = max(least, (exact if exact is not None else high if high is not None else fixed + least + 8) - fixed)
    return Pattern(f"{re.escape(start or '')}[a-z]{{{least},{most}}}{inside or ''}{re.escape(end or '')}")


def _with_unique(columns: list[ColumnRecipe], together: Any) -> list[ColumnRecipe]:
    """The columns, one of those that are unique together unique by itself."""
    names = [together] if isinstance(together, str) else list(together or ())
    chosen = [column for column in columns if column.name in names]
    if not chosen or any(column.unique for column in chosen):
        return columns
    best = next((column for column in chosen if not isinstance(column.values, Choice)), chosen[0])
    return [replace(column, unique=True) if column is best else column for column in columns]
