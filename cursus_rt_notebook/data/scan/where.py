"""A condition on rows, written in SQL: read by polars, which then looks at nothing but the table's own columns."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import QueryInvalid

if TYPE_CHECKING:
    import polars as pl

# polars reads a file's schema as soon as it parses one of its table functions: read_csv, read_parquet, ...
_READS_FILES: Final = re.compile(r"\bread_\w+", re.IGNORECASE)
_REFUSED: Final = {
    "SubPlan": "it may only look at the row itself and at whole columns: no SELECT, FROM or VALUES within it",
    "Selector": "it names several columns at once: no COLUMNS(...), and no name of the form ^...$",
    "Explode": "it makes several rows of one: no UNNEST",
    "PadStart": "it makes texts longer: no LPAD",
    "PadEnd": "it makes texts longer: no RPAD",
}
_EXAMPLE: Final = "a condition reads like dep_delay > 60 AND carrier = 'UA'; an odd name stands in double quotes"
_HINTS: Final = (
    ("PGOverlap", "write AND, OR, NOT"),
    ("date/datetime/time", "write date('2013-01-31') or timestamp '2013-01-31 06:00:00'"),
    ("string with numeric", "a text stands in single quotes, a number in none"),
)
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_NAME_SHOWN: Final = 80


@dataclass(frozen=True)
class Condition:
    """A condition that was read, and the columns it looks at: their names, and their numbers in the table."""

    expr: pl.Expr
    columns: dict[str, int]


def parse(text: str, names: Sequence[str]) -> Condition:
    """Read a condition on a table with columns of these names.

    Raises:
        QueryInvalid: it is no condition, or it speaks of something else than these columns.
    """
    import polars as pl

    if len(text) > settings.WHERE_TEXT:
        raise QueryInvalid(f"the condition has {len(text):,} characters, over {settings.WHERE_TEXT:,}")
    if any(word not in names for word in _READS_FILES.findall(text)):
        raise QueryInvalid("the condition cannot be used: it may not read files")
    try:
        expr = pl.sql_expr(text)
        kinds = set(_keys(json.loads(expr.meta.serialize(format="json"))))
    except RecursionError:
        raise QueryInvalid("the condition is nested too deep") from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError) as error:
        raise _wrong(error) from None
    for kind, why in _REFUSED.items():
        if kind in kinds:
            raise QueryInvalid(f"the condition cannot be used: {why}")
    roots = dict.fromkeys(expr.meta.root_names())
    return Condition(expr, {name: _number(name, names, text) for name in roots})


def matching(condition: Condition, frame: pl.DataFrame) -> pl.DataFrame:
    """The positions of the rows that match, as the one column of a frame.

    Args:
        condition: The condition.
        frame: The columns it looks at, by their own names; any one column if it looks at none.

    Raises:
        QueryInvalid: it does not fit the columns' types, or fails on some value.
    """
    import polars as pl

    try:
        gives = frame.lazy().select(condition.expr).collect_schema().dtypes()
        if gives != [pl.Boolean]:
            raise QueryInvalid(f"the condition gives {gives[0]}, not true or false", fix=_EXAMPLE)
        row = _free_name(frame.columns)
        matched = frame.lazy().with_row_index(row).filter(condition.expr).select(row)
        return matched.collect(engine="streaming")
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _wrong(error) from None


def column_number(name: str, names: Sequence[str]) -> int:
    """The number of the column of this name.

    Raises:
        QueryInvalid: there is none; with the name that was probably meant.
    """
    return _number(name, names, "")


def _number(name: str, names: Sequence[str], text: str) -> int:
    try:
        return names.index(name)
    except ValueError:
        pass
    near = _nearest(name, names)
    if near is not None:
        fix = f"did you mean {_as_written(near) if text else repr(near)}?"
    elif f'"{name}"' in text:
        fix = f"a text stands in single quotes: '{name[:_NAME_SHOWN]}'"
    else:
        fix = (
            f"there are {', '.join(repr(one[:_NAME_SHOWN]) for one in names[:10])}{', ...' if len(names) > 10 else ''}"
        )
    raise QueryInvalid(f"there is no column {name[:_NAME_SHOWN]!r}", fix=fix, column=name, suggestion=near)


def _nearest(wanted: str, names: Sequence[str]) -> str | None:
    # Without quotes `dep.delay` is the field `delay` of `dep`.
    dotted = next((name for name in names if name.startswith(f"{wanted}.")), None)
    folded = {name.casefold().strip(): name for name in reversed(names) if len(name) <= _NAME_SHOWN}
    close = difflib.get_close_matches(wanted.casefold().strip()[:_NAME_SHOWN], folded, n=1, cutoff=0.7)
    return dotted or (folded[close[0]] if close else None)


def _as_written(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def _keys(tree: Any) -> Iterator[str]:
    """The kinds of the nodes of a serialized expression; texts in it are values, never keys."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield key
            yield from _keys(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _keys(value)


def _free_name(taken: Sequence[str]) -> str:
    name = "row"
    while name in taken:
        name += "_"
    return name


def _wrong(error: BaseException) -> QueryInvalid:
    text = str(error)
    # What polars adds about its plan tells nothing of the condition.
    reason = " ".join(re.split(r"\n\n(?:Resolved|This error|Hint)", text)[0].split())[:300]
    if reason.startswith("unable to parse"):
        reason = "it is not a whole expression"
    fix = next((hint for mark, hint in _HINTS if mark in text), _EXAMPLE)
    return QueryInvalid(f"the condition cannot be used: {reason}", fix=fix)
