"""Checks of one table, made by the reader: its rules, its row count against the baseline, its schema."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cursus_rt_notebook.data.checks import conditions, examining
from cursus_rt_notebook.data.checks.baseline import BaselineTable
from cursus_rt_notebook.data.checks.quality import CheckResult
from cursus_rt_notebook.data.checks.rules import Rule, drift_rules, own_rules
from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.pipeline.model import Checks

_TOGETHER: Final = "multiple_fields_uniqueness"


@dataclass(frozen=True)
class Subject:
    """The table that is checked: where it lies, and what it is called."""

    reader: Reader
    path: Path
    port: str
    channel: str | None = None

    def result(self, kind: str, columns: Sequence[str], message: str, **facts: Any) -> CheckResult:
        """How a check of it came out; as a failure, if nothing else is said."""
        told: dict[str, Any] = {"passed": False, **facts}
        return CheckResult(kind, self.port, self.channel, tuple(columns), message=message, **told)

    @property
    def name(self) -> str:
        """What the table is called: `processed_data/train`."""
        return f"{self.port}/{self.channel}" if self.channel else self.port


def check(subject: Subject, checks: Checks, baseline: BaselineTable | None = None) -> Iterator[CheckResult]:
    """Make the checks of a table that a pipeline asks for.

    Raises:
        DataError: there is no one table, it cannot be read, or it ended the reader.
    """
    drifts = list(drift_rules(checks, baseline)) if baseline else []
    rules = [*own_rules(checks), *drifts]
    counted = baseline is not None and checks.rows_drift is not None
    if not rules and not counted:
        return
    if drifts:
        # What is no longer there, or is of another kind, is a difference of schema, and said as that.
        types = examining.outline(subject.reader, subject.path)
        rules = [rule for rule in rules if rule.before is None or rule.columns[0] in types]
    rows = _rows(subject)
    if baseline is not None and checks.rows_drift is not None:
        yield _row_change(subject, rows, baseline.rows, checks.rows_drift)
    answers = examining.examine(subject.reader, subject.path, [rule.question(checks.key) for rule in rules])
    results = [_judged(subject, rule, answer, rows) for rule, answer in zip(rules, answers, strict=True)]
    told = [(rule, result) for rule, result in zip(rules, results, strict=True) if result is not None]
    yield from (result for rule, result in told if rule.before is None or result.failed)
    yield from _all_well(subject, [(rule, result) for rule, result in told if rule.before is not None])


def conforming(
    schema: Path, key: Sequence[str] = (), *, values: bool = False
) -> Callable[[Subject], Iterator[CheckResult]]:
    """What checks a table by a pandera schema; see `conform`."""
    return lambda subject: conform(subject, schema, key, values=values)


def conform(subject: Subject, schema: Path, key: Sequence[str] = (), *, values: bool = False) -> Iterator[CheckResult]:
    """Check a table by its pandera schema; of the `values` only, where columns and types are judged elsewhere.

    Raises:
        DataError: there is no one table, the file holds no schema, or the table ended the reader.
    """
    found = examining.conform(subject.reader, subject.path, schema, key)
    wrong = [one for one in found if not values or not _is_structure(one["check"])]
    yield from (_violation(subject, one, schema.name) for one in wrong)
    if not wrong:
        yield subject.result("schema", (), f"{subject.name} is as {schema.name} says", passed=True)


def _rows(subject: Subject) -> int:
    size = subject.reader.size(subject.path)
    return size[0] if size else 0


def _row_change(subject: Subject, rows: int, before: int, limit: float) -> CheckResult:
    change = abs(rows - before) / before if before else float(rows > 0)
    percent = f"{(rows / before - 1) * 100:+.1f} %" if before else "there were none"
    message = f"{subject.name} has {rows:,} rows, {before:,} in the baseline ({percent})"
    passed = change <= limit
    fix = (
        "" if passed else f"more than {limit:.0%} off: look at what the step did to its rows, or record a new baseline"
    )
    return subject.result("rows", (), message, passed=passed, fix=fix, value=change, limit=limit)


def _judged(subject: Subject, rule: Rule, answer: Mapping[str, Any], rows: int) -> CheckResult | None:
    """How a rule came out; None for one of the baseline that the column's type cannot follow any more."""
    columns = rule.columns
    if "absent" in answer:
        return _absent(subject, rule, answer["absent"])
    if "wrong" in answer:
        ends = " and ".join(_end(end) for end in (rule.low, rule.high) if end is not None)
        message = f"{columns[0]} of {subject.name} is {answer['wrong']}, which cannot be compared with {ends}"
        return (
            None
            if rule.before is not None
            else subject.result(rule.kind, columns, message, fix=f"make {columns[0]} comparable")
        )
    count = answer["count"]
    share = count / rows if rows else 0.0
    passed = share <= rule.limit
    facts: dict[str, Any] = {"passed": passed, "value": share, "limit": rule.limit}
    if not passed:
        facts |= {"failing": count, "rows": tuple(answer["rows"]), "key": tuple(answer["key"])}
        facts |= {"keys": tuple(map(tuple, answer["keys"])), "where": _where(rule, answer)}
    return subject.result(
        rule.kind, columns, _told(subject, rule, count, share), fix="" if passed else _FIXES[rule.kind], **facts
    )


_FIXES: Final = {
    "missing": "find the step that lost the values, or raise the threshold",
    "range": "find the step that made these values, or widen the range",
    "unique": "find the step that made the rows twice (a join?), or add the column that tells them apart",
}


def _absent(subject: Subject, rule: Rule, names: Sequence[str]) -> CheckResult:
    types = examining.outline(subject.reader, subject.path)
    near = difflib.get_close_matches(names[0], types, n=1, cutoff=0.7)
    fix = f"did you mean {near[0]!r}?" if near else f"the columns are {', '.join(list(types)[:8])}"
    return subject.result(rule.kind, rule.columns, f"{subject.name} has no column {names[0]!r} to check", fix=fix)


def _told(subject: Subject, rule: Rule, count: int, share: float) -> str:
    name, columns = subject.name, ", ".join(rule.columns)
    was = "" if rule.before is None else f", {_share(rule.before)} in the baseline"
    match rule.kind:
        case "missing":
            allowed = was or f", over {_share(rule.limit)}" * (share > rule.limit)
            return f"{columns} is missing in {_share(share)} of the rows of {name}{allowed}"
        case "range":
            place = _beyond(rule) + (", the baseline's range" if was else "")
            return f"{_plural(count, 'value')} of {columns} in {name} {'is' if count == 1 else 'are'} {place}"
        case _:
            return f"{_plural(count, 'row')} of {name} have the {columns} of another{was}"


def _beyond(rule: Rule) -> str:
    """Where a value is that breaks a range."""
    low, high = (_end(end) for end in (rule.low, rule.high))
    if rule.low is None:
        return f"above {high}"
    return f"below {low}" if rule.high is None else f"outside {low} to {high}"


def _end(end: Any) -> str:
    return f"{end:,.6g}" if isinstance(end, float) else f"{end:,}" if isinstance(end, int) else str(end)


def _share(value: float) -> str:
    return f"{value:.1%}" if value >= 0.0005 or not value else "<0.1%"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _where(rule: Rule, answer: Mapping[str, Any]) -> str | None:
    match rule.kind:
        case "missing":
            return conditions.missing(rule.columns[0])
        case "range":
            return conditions.outside(rule.columns[0], rule.low, rule.high, answer["type"])
        case _:
            return conditions.repeated(rule.columns, present=rule.before is not None)


def _all_well(subject: Subject, told: Sequence[tuple[Rule, CheckResult]]) -> Iterator[CheckResult]:
    """One result for each kind of rule that the baseline gives, where none of them failed."""
    for kind, words in (("missing", "shares of missing cells"), ("range", "ranges"), ("unique", "unique columns")):
        results = [result for rule, result in told if rule.kind == kind]
        if results and not any(result.failed for result in results):
            yield subject.result(kind, (), f"the {words} of {subject.name} are as in the baseline", passed=True)


def _violation(subject: Subject, found: Mapping[str, Any], schema: str) -> CheckResult:
    columns, count = tuple(found["columns"]), found["count"]
    if found["check"] in _COLUMNS:
        told, fix = _COLUMNS[found["check"]]
        message = told.format(", ".join(map(repr, columns)), subject.name, schema)
        return subject.result("schema", columns, message, fix=fix)
    name = ", ".join(columns) or subject.name
    first = f", first by {found['value']!r}" if count else f" by {found['value']!r}" if found["value"] else ""
    rows = f" in {_plural(count, 'row')}" if count else ""
    return subject.result(
        "schema",
        columns,
        f"{name} breaks {_CALLED.get(found['check'], found['check'])} of {schema}{rows}{first}",
        fix="look at these rows, or change the schema",
        failing=count,
        rows=tuple(found["rows"]),
        key=tuple(found["key"]) if found["rows"] else (),
        keys=tuple(map(tuple, found["keys"])),
        where=_schema_where(found) if count else None,
    )


_COLUMNS: Final = {
    "column_in_dataframe": ("there is no column {} in {}, which {} asks for", "write it, or take it out of the schema"),
    "column_in_schema": ("there is a column {} in {} that {} does not allow", "leave it out, or add it to the schema"),
}
_CALLED: Final = {"field_uniqueness": "unique", _TOGETHER: "unique (together)", "not_nullable": "nullable: false"}


def _schema_where(found: Mapping[str, Any]) -> str | None:
    columns: list[str] = found["columns"]
    if found["check"] in {"field_uniqueness", _TOGETHER}:
        return conditions.repeated(columns)
    if found["check"] == "not_nullable":
        return conditions.missing(columns[0])
    return conditions.of_pandera(found["name"], found["statistics"], columns[0]) if "name" in found else None


def _is_structure(check: str) -> bool:
    """Whether pandera speaks of columns and their types, not of values."""
    return check.startswith(("dtype(", "column_", "not_nullable", "coerce_dtype"))
