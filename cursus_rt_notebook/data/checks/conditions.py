"""Rows that fail a check as a condition in SQL, as `artifact.query` takes it; None where none can be written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cursus_rt_notebook import settings


def missing(column: str) -> str | None:
    """The rows in which a column is missing."""
    return _filled("{name} IS NULL", column)


def outside(column: str, low: Any, high: Any, kind: str) -> str | None:
    """The rows in which a column, of type `kind` in one word, is below `low` or above `high`; None is no end."""
    return _beyond(column, [(sign, _literal(end, kind)) for sign, end in (("<", low), (">", high)) if end is not None])


def repeated(columns: Sequence[str], *, present: bool = False) -> str | None:
    """The rows that equal another in all these columns; only those in which they are `present`, or all."""
    names = [_name(column) for column in columns]
    if not names or None in names:
        return None
    there = "".join(f"{name} IS NOT NULL AND " for name in names if present)
    return _short(f"{there}COUNT(*) OVER (PARTITION BY {', '.join(name for name in names if name)}) > 1")


def of_pandera(name: str, statistics: Mapping[str, Any], column: str) -> str | None:
    """The rows in which one of pandera's own checks of a column fails. Missing cells fail none."""
    values = {key: _literals(value) for key, value in statistics.items() if not isinstance(value, bool)}
    if name == "in_range":
        low = "<" if statistics.get("include_min", True) else "<="
        high = ">" if statistics.get("include_max", True) else ">="
        return _beyond(column, [(low, values.get("min_value")), (high, values.get("max_value"))])
    only = next(iter(values.values()), None)
    return _filled(_FORMS[name], column, only) if name in _FORMS and len(values) == 1 and only else None


_FORMS: Final = {
    "greater_than": "{name} <= {value}",
    "greater_than_or_equal_to": "{name} < {value}",
    "less_than": "{name} >= {value}",
    "less_than_or_equal_to": "{name} > {value}",
    "equal_to": "{name} <> {value}",
    "not_equal_to": "{name} = {value}",
    "isin": "{name} NOT IN ({value})",
    "notin": "{name} IN ({value})",
}


def _beyond(column: str, ends: Sequence[tuple[str, str | None]]) -> str | None:
    if any(value is None for _, value in ends):
        return None
    parts = [_filled(f"{{name}} {sign} {{value}}", column, value) for sign, value in ends]
    return None if None in parts else _short(" OR ".join(part for part in parts if part))


def _literals(value: Any) -> str | None:
    if not isinstance(value, list):
        return _literal(value, "")
    written = [_literal(one, "") for one in value]
    return None if None in written or not written else ", ".join(one for one in written if one)


def _literal(value: Any, kind: str) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if not isinstance(value, str):
        return repr(value) if math.isfinite(value) else None
    quoted = "'" + value.replace("'", "''") + "'"
    return {"date": f"date({quoted})", "datetime": f"timestamp {quoted}"}.get(kind, quoted)


def _filled(form: str, column: str, value: str | None = "") -> str | None:
    name = _name(column)
    return None if name is None else _short(form.format(name=name, value=value))


def _name(column: str) -> str | None:
    # To polars ^...$ is a pattern, and * means every column, in quotes too.
    special = column == "*" or (column.startswith("^") and column.endswith("$"))
    return None if special or not column else '"' + column.replace('"', '""') + '"'


def _short(text: str) -> str | None:
    return text if len(text) <= settings.WHERE_TEXT else None
