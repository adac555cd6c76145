"""What happened before: the runs of a workspace, and why a step ran again. As HTML and as text."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars, words
from cursus_rt_notebook.render.grid import grid, head_row, text_row
from cursus_rt_notebook.render.html import Markup, join, tag
from cursus_rt_notebook.render.look import look

if TYPE_CHECKING:
    from cursus_rt_notebook.engine.explain import Explanation
    from cursus_rt_notebook.workspace.keys import Change
    from cursus_rt_notebook.workspace.records import RunRecord

_RUNS = 50
_CHANGES = 30
_NAME = 80
_VALUE = 60
_DIFF = 4_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
_HEAD = ("run", "pipeline", "started", "took", "status")


def runs_html(records: Sequence[RunRecord]) -> Markup:
    """The runs of a workspace, newest first."""
    if not records:
        return tag("div", "no runs yet")
    return grid(map(text_row, map(_run, records[:_RUNS])), head_row(_HEAD))


def runs_text(records: Sequence[RunRecord], columns: int) -> Iterator[str]:
    """The runs of a workspace, newest first."""
    if not records:
        yield "no runs yet"
        return
    rows = [_HEAD, *(_run(record) for record in records[:_RUNS])]
    widths = [min(max(chars.width(row[i]) for row in rows), 30) for i in range(len(_HEAD))]
    for row in rows:
        yield chars.cut("  ".join(map(chars.pad, row, widths)).rstrip(), columns)
    if len(records) > _RUNS:
        yield f"and {words.plural(len(records) - _RUNS, 'earlier run')}"


def explanation_html(thing: Explanation) -> Markup:
    """Why a step stands as it does."""
    title = tag("div", tag("b", thing.step[:_NAME]), f" {chars.cut_long(thing.summary, 600)}", **look("line"))
    against = tag("div", f"compared with {thing.compared_with[:200]}", **look("dim")) if thing.compared_with else None
    rows = map(text_row, map(_change, thing.changes[:_CHANGES]))
    table = grid(rows, head_row(("changed", "name", "before", "now"))) if thing.changes else None
    diffs = (
        join([tag("div", tag("code", file[-_NAME:]), **look("line")), tag("pre", _diff(diff), **look("source"))])
        for file, diff in thing.diffs.items()
    )
    return join([title, against, table, *diffs])


def explanation_text(thing: Explanation, columns: int) -> Iterator[str]:
    """Why a step stands as it does."""
    yield f"{chars.one_line(thing.step[:_NAME])} {chars.one_line(chars.cut_long(thing.summary, 600))}"
    if thing.compared_with:
        yield f"  compared with {chars.one_line(thing.compared_with[:200])}"
    for change in thing.changes[:_CHANGES]:
        section, name, before, after = map(chars.one_line, _change(change))
        yield chars.cut(f"  {section:9} {name}: {before} → {after}", columns)
    for file, diff in thing.diffs.items():
        yield from ("", f"  {chars.one_line(file[-_NAME:])}")
        yield from (chars.cut(f"  {chars.one_line(line)}", columns) for line in _diff(diff).splitlines())


def _run(record: RunRecord) -> tuple[str, ...]:
    # Seconds since 1970 are for people; the zone is the reader's own.
    started = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.started))
    took = "" if record.ended is None else words.seconds(max(record.ended - record.started, 0))
    return tuple(map(_short, (record.run_id, record.pipeline, started, took, record.status)))


def _change(change: Change) -> tuple[str, ...]:
    values = (_value(value) if value else "nothing" for value in (change.before, change.after))
    return (change.section, _short(change.name), *values)


def _value(value: str) -> str:
    # Of a digest the beginning tells as much as the whole.
    return value[:12] if _DIGEST.fullmatch(value) else _short(value, _VALUE)


def _diff(diff: str) -> str:
    return chars.cut_long(Redactor().text(diff.rstrip()), _DIFF)


def _short(text: str, characters: int = _NAME) -> str:
    return chars.one_line(chars.cut(text[:1000], characters))
