"""Rows that break a rule, counted over the whole table: what is missing, out of range, there twice, of another kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.query import NUMERIC, TEMPORAL
from cursus_rt_notebook.data.scan import cells, fitting
from cursus_rt_notebook.data.scan.result import Scan

if TYPE_CHECKING:
    import polars as pl

Rule = Mapping[str, Any]
Answer = dict[str, Any]
_ROW: Final = "row"


@dataclass(frozen=True)
class Table:
    """A table as it is examined: its rows, whose columns are named by position, and what a scan says of it."""

    rows: pl.LazyFrame
    scan: Scan

    def number(self, name: str) -> str | None:
        """The position of a column, as its name in `rows`; None if there is none of this name."""
        return str(self.scan.names.index(name)) if name in self.scan.names else None


def columns_of(rule: Rule) -> list[str]:
    """The columns that a rule looks at, those of the key too."""
    return list(dict.fromkeys((*rule["columns"], *rule.get("key", ()))))


def examine(table: Table, rules: Sequence[Rule]) -> list[Answer]:
    """For each rule how many rows break it, and the first of them: their numbers, and their values in the key.

    A rule whose columns are not all there is answered with those that are `absent`, one that the column's type cannot
    follow with what is `wrong`.
    """
    answers: dict[int, Answer] = {}
    broken: dict[int, pl.Expr] = {}
    for i, rule in enumerate(rules):
        absent = [name for name in rule["columns"] if table.number(name) is None]
        if absent:
            answers[i] = {"absent": absent}
        elif rule["kind"] == "unique":
            answers[i] = _repeated(table, rule)
        else:
            found = _broken(table, rule)
            broken |= {} if isinstance(found, str) else {i: found}
            answers |= {i: {"wrong": found}} if isinstance(found, str) else {}
    answers |= _counted(table, rules, broken)
    return [answers[i] for i in range(len(rules))]


def _counted(table: Table, rules: Sequence[Rule], broken: dict[int, pl.Expr]) -> dict[int, Answer]:
    if not broken:
        return {}
    sums = [expr.sum().alias(str(i)) for i, expr in broken.items()]
    counts = table.rows.select(sums).collect(engine="streaming").row(0)
    answers: dict[int, Answer] = {}
    for (i, expr), count in zip(broken.items(), counts, strict=True):
        number = table.number(rules[i]["columns"][0])
        answers[i] = {"count": int(count or 0), "type": table.scan.types[int(number or 0)]}
        if count:
            failing = table.rows.with_row_index(_ROW).filter(expr)
            answers[i] |= _first(table, failing, rules[i])
    return answers


def _first(table: Table, failing: pl.LazyFrame, rule: Rule) -> Answer:
    """The first of the rows that break a rule."""
    key = [name for name in rule.get("key", ()) if table.number(name) is not None]
    numbers = [str(table.number(name)) for name in key]
    found = failing.select(_ROW, *numbers).head(settings.CHECK_ROWS).collect(engine="streaming").sort(_ROW)
    keys = cells.of_polars(found.select(numbers)) if key else []
    return {"rows": found[_ROW].to_list(), "key": key, "keys": keys}


def _broken(table: Table, rule: Rule) -> pl.Expr | str:
    """Whether a row breaks a rule; or what the column is, where the rule cannot be asked of it."""
    import polars as pl

    number = table.number(rule["columns"][0])
    assert number is not None
    dtype = table.rows.collect_schema()[number]
    match rule["kind"]:
        case "missing":
            return pl.col(number).is_null()
        case "present":
            return pl.col(number).is_not_null()
        case "fit":
            return fitting.misfits(number, dtype, rule["type"])
        case _:
            return _outside(number, dtype, table.scan.types[int(number)], rule)


def _outside(number: str, dtype: pl.DataType, kind: str, rule: Rule) -> pl.Expr | str:
    """Whether a value lies beyond either end of a range; the word for its type, where that cannot be compared with them."""
    import polars as pl

    ends = [
        (_comparable(end, dtype, kind), below)
        for end, below in ((rule["low"], True), (rule["high"], False))
        if end is not None
    ]
    if any(end is None for end, _ in ends):
        return kind
    beyond = [pl.col(number) < pl.lit(end) if below else pl.col(number) > pl.lit(end) for end, below in ends]
    return pl.any_horizontal(beyond).fill_null(value=False)


def _comparable(end: Any, dtype: pl.DataType, kind: str) -> Any:
    """The end of a range as a value of the column's type; None if it is of another kind."""
    import polars as pl

    if not isinstance(end, str):
        return end if kind in NUMERIC and dtype != pl.String else None
    if dtype == pl.String:
        return end if kind not in NUMERIC | TEMPORAL else None
    try:
        moment = dt.datetime.fromisoformat(end)
    except ValueError:
        return None
    return moment.date() if dtype == pl.Date else moment if isinstance(dtype, pl.Datetime) else None


def _repeated(table: Table, rule: Rule) -> Answer:
    """The rows that another row equals in all columns of the rule; what is missing equals what is missing, or nothing."""
    import polars as pl

    numbers = [str(table.number(name)) for name in rule["columns"]]
    rows = table.rows.drop_nulls(numbers) if rule.get("present") else table.rows
    counts = rows.group_by(numbers).agg(pl.len().alias("len"))
    several = counts.filter(pl.col("len") > 1).collect(engine="streaming")
    count = int(several["len"].sum())
    if not count:
        return {"count": 0}
    failing = table.rows.with_row_index(_ROW).join(several.lazy(), on=numbers, how="semi", nulls_equal=True)
    told = rule if rule.get("key") else {**rule, "key": rule["columns"]}
    return {"count": count, **_first(table, failing.sort(_ROW), told)}
