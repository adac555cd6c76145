"""Failed checks with their rows, comparisons of tables, and recorded good runs. As HTML and as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cursus_rt_notebook.data.checks.quality import CheckResult
from cursus_rt_notebook.engine.state import StepState
from cursus_rt_notebook.names import subscript
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars, words
from cursus_rt_notebook.render.grid import grid, head_row, text_row
from cursus_rt_notebook.render.html import Markup, join, tag
from cursus_rt_notebook.render.look import look, toned

if TYPE_CHECKING:
    from cursus_rt_notebook.data.checks.baseline import Baseline, BaselineTable
    from cursus_rt_notebook.data.checks.compatibility import Difference
    from cursus_rt_notebook.data.checks.validation import ValidationResult

_FAILED = 5
_ROWS = 5
_CELL = 40
_MESSAGE = 600
_CALL = 300
_LINES = 60


def unsaid(step: StepState) -> tuple[Finding, ...]:
    """The findings of a step that are not failed checks, which are told with their rows."""
    told = {check.message for check in [check for check in step.checks if check.failed][:_FAILED]}
    return tuple(found for found in step.findings if found.message not in told)


def failed_html(checks: Sequence[CheckResult], owner: str = "pause") -> Iterator[Markup]:
    """Each check that failed: what, the first of its rows by their key, and the Python that shows them all."""
    for check in [check for check in checks if check.failed][:_FAILED]:
        head = tag("div", tag("b", "Check failed"), f": {_cut(check.message)}")
        call = _call(check, owner)
        parts = (head, _keys_html(check), tag("div", tag("code", call)) if call else None)
        yield tag("div", *parts, **toned("note", "paused"))


def failed_text(checks: Sequence[CheckResult], columns: int, owner: str = "pause") -> Iterator[str]:
    """The same for a terminal."""
    for check in [check for check in checks if check.failed][:_FAILED]:
        yield f"! check failed: {_cut(check.message)}"
        yield from (chars.cut(f"  {line}", columns) for line in _keys_text(check))
        if call := _call(check, owner):
            yield f"  {call}"


def validation_html(thing: ValidationResult) -> Markup:
    """How a table compares with what is expected, and how its checks came out."""
    lines = (tag("div", _cut(message)) for message in (*thing.messages, *_added(thing)))
    fixes = (tag("div", _cut(fix), **look("dim")) for fix in thing.recommendations)
    tone = "done" if thing.ok else "failed"
    note = tag("div", tag("b", _verdict(thing)), *lines, *fixes, **toned("note", tone))
    return join([note, *failed_html(thing.checks, owner="")])


def validation_text(thing: ValidationResult, columns: int) -> Iterator[str]:
    """The same for a terminal."""
    yield chars.cut(_verdict(thing), columns)
    yield from (f"  {_cut(message)}" for message in (*thing.messages, *_added(thing)))
    yield from (f"  -> {_cut(fix)}" for fix in thing.recommendations)


def baseline_html(thing: Baseline) -> Markup:
    """What was recorded of a good run."""
    rows = map(text_row, map(_recorded, thing.tables[:_LINES]))
    table = grid(rows, head_row(("table", "rows", "columns", "missing cells in")))
    left = (tag("div", f"left out: {_cut(text)}", **look("dim")) for text in _left_out(thing))
    return join([tag("div", _title(thing), **look("line")), table, *left])


def baseline_text(thing: Baseline, columns: int) -> Iterator[str]:
    """The same for a terminal."""
    yield chars.cut(_title(thing), columns)
    for table in thing.tables[:_LINES]:
        name, rows, count, missing = _recorded(table)
        lacking = f", missing cells in {missing}" if missing else ""
        yield chars.cut(f"  {name}  {rows} rows, {count} columns{lacking}", columns)
    yield from (chars.cut(f"  left out: {_cut(text)}", columns) for text in _left_out(thing))


def _keys_html(check: CheckResult) -> Markup | None:
    if not check.rows:
        return None
    head = head_row(name[:_CELL] for name in ("row", *check.key))
    return grid(map(text_row, _rows(check)), head, below=_more(check))


def _keys_text(check: CheckResult) -> Iterator[str]:
    for row, *cells in _rows(check):
        named = ", ".join(f"{name[:_CELL]} {cell}" for name, cell in zip(check.key, cells, strict=False))
        yield f"row {row}{': ' if named else ''}{chars.one_line(named)}"
    if more := _more(check):
        yield more


def _rows(check: CheckResult) -> Iterator[tuple[str, ...]]:
    for i, row in enumerate(check.rows[:_ROWS]):
        cells = check.keys[i] if i < len(check.keys) else ()
        yield (words.number(row), *("missing" if cell is None else chars.cut_long(cell, _CELL) for cell in cells))


def _more(check: CheckResult) -> str | None:
    more = check.failing - min(len(check.rows), _ROWS)
    return f"and {words.plural(more, 'more row')}" if more > 0 else None


def _call(check: CheckResult, owner: str) -> str:
    if not owner or not check.where:
        return ""
    call = f"{owner}{subscript(check.table)}.query({check.where!r})"
    return call if len(call) <= _CALL else ""  # cut, it would be none


def _verdict(thing: ValidationResult) -> str:
    by = f" with {chars.one_line(thing.place[:_CELL])}" if thing.place else ""
    made = f", {words.plural(len(thing.checks), 'check')}" if thing.checks else ""
    bad = sum(check.failed for check in thing.checks)
    return f"{chars.one_line(thing.port[:_CELL])}: {thing.level}{by}{made}{f', {bad} failed' if bad else ''}"


def _added(thing: ValidationResult) -> Iterator[str]:
    """What is said of differences that are no trouble, in one line each kind."""
    rest = [one for one in thing.differences if one.message not in thing.messages]
    added: list[Difference] = [one for one in rest if one.kind == "added"]
    if added:
        yield f"{words.plural(len(added), 'column')} more: {words.listed(one.column[:_CELL] for one in added)}"
    yield from (one.message for one in rest if one.kind != "added")


def _title(thing: Baseline) -> str:
    tables, steps = words.plural(len(thing.tables), "table"), words.plural(len(thing.steps), "step")
    name = chars.one_line(thing.pipeline[:_CELL])
    return f"baseline of {name}: {tables} of {steps}, from run {chars.one_line(thing.run_id[:_CELL])}"


def _recorded(table: BaselineTable) -> tuple[str, str, str, str]:
    name = "/".join(filter(None, (table.port, table.channel)))
    lacking = [f"{one.name[:_CELL]} ({words.share(one.missing / table.rows)})" for one in table.columns if one.missing]
    return (
        chars.one_line(f"{table.step[:_CELL]}.{name[:_CELL]}"),
        words.number(table.rows),
        words.number(len(table.columns)),
        chars.one_line(words.listed(lacking)) if lacking else "",
    )


def _left_out(thing: Baseline) -> Iterator[str]:
    yield from (f"{name}: {why}" for name, why in thing.left_out[:_FAILED])
    if len(thing.left_out) > _FAILED:
        yield f"{len(thing.left_out) - _FAILED} more"


def _cut(text: str) -> str:
    return chars.one_line(chars.cut_long(Redactor().text(text), _MESSAGE))
