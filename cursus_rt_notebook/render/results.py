"""Results of tests: the outcome in a sentence, what to do, and the parts in a table. As HTML and as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars, problems, words
from cursus_rt_notebook.render.grid import grid, head_row, text_row
from cursus_rt_notebook.render.html import Markup, tag
from cursus_rt_notebook.render.look import look, toned
from cursus_rt_notebook.render.states import STATES

if TYPE_CHECKING:
    from cursus_rt_notebook.data.results import TestedModel

_ROWS = 50
_CELL = 120
_SENTENCE = 600
_ADVICE = 8
_FINDINGS = 8


def sections(thing: TestedModel) -> Iterator[Markup | None]:
    """A result: how it went, what to do, its parts, what was found."""
    key = _key(thing)
    said = tag(
        "div", tag("b", STATES[key].char), " ", chars.cut_long(_clean(thing.headline), _SENTENCE), **toned("card", key)
    )
    advice = [tag("li", chars.cut_long(_clean(each), _SENTENCE)) for each in thing.recommendations[:_ADVICE]]
    yield from (said, tag("ul", *advice) if advice else None)
    rows = list(thing.rows())
    yield _table(rows[:_ROWS])
    yield tag("div", f"and {words.plural(len(rows) - _ROWS, 'more row')}", **look("dim")) if len(rows) > _ROWS else None
    yield from map(problems.finding, _findings(thing))


def result_text(thing: TestedModel, columns: int) -> Iterator[str]:
    """The same for a terminal."""
    yield f"{STATES[_key(thing)].char} {chars.one_line(chars.cut_long(_clean(thing.headline), _SENTENCE))}"
    for each in thing.recommendations[:_ADVICE]:
        yield f"  - {chars.one_line(chars.cut_long(_clean(each), _SENTENCE))}"
    rows = list(thing.rows())
    yield from _lines(rows[:_ROWS], columns)
    if len(rows) > _ROWS:
        yield f"and {words.plural(len(rows) - _ROWS, 'more row')}"
    for found in _findings(thing):
        yield from problems.finding_text(found, columns)


def _key(thing: TestedModel) -> str:
    return "done" if thing.ok else "failed"


def _clean(text: str) -> str:
    return Redactor().text(text)


def _findings(thing: TestedModel) -> Sequence[Finding]:
    return tuple(getattr(thing, "findings", ()))[:_FINDINGS]


def _cells(row: Mapping[str, Any]) -> list[str]:
    return ["" if value is None else chars.cut_long(_clean(str(value)), _CELL) for value in row.values()]


def _table(rows: Sequence[Mapping[str, Any]]) -> Markup | None:
    if not rows:
        return None
    return grid(map(text_row, map(_cells, rows)), head_row(name.replace("_", " ") for name in rows[0]))


def _lines(rows: Sequence[Mapping[str, Any]], columns: int) -> Iterator[str]:
    if not rows:
        return
    lines = [[name.replace("_", " ") for name in rows[0]], *map(_cells, rows)]
    flat = [[chars.one_line(cell) for cell in line] for line in lines]
    widths = [min(max(chars.width(line[i]) for line in flat), 40) for i in range(len(flat[0]))]
    for line in flat:
        cells = (chars.pad(chars.cut(cell, width), width) for cell, width in zip(line, widths, strict=True))
        yield chars.cut("  ".join(cells).rstrip(), columns)
