"""Why inputs are fed by what feeds them, as HTML and as text: each input in a line, then what was weighed for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Final

from cursus_rt_notebook.pipeline.bindings import Binding, Candidate, Parts
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars, words
from cursus_rt_notebook.render.grid import grid, head_row
from cursus_rt_notebook.render.html import Markup, tag
from cursus_rt_notebook.render.look import LEFT, look

if TYPE_CHECKING:
    from cursus_rt_notebook.pipeline.explained import WiredInput, WiringExplanation

_NAME = 120
_WHY = 300
_STEPS = 100
_CANDIDATES = 8
_WRAPPED: Final = "text-align:left;white-space:normal;min-width:150px"
_WORDS: Final = {
    "type": "type",
    "data_type": "data type",
    "name": "name",
    "exact": "same name",
    "sources": "source",
    "keywords": "keywords",
}


def wiring_html(thing: WiringExplanation) -> Iterator[Markup]:
    """The sections of the page."""
    yield tag("div", tag("b", thing.pipeline[:_NAME]), f" {_summary(thing)}", **look("line"))
    steps = _by_step(thing)
    for name, inputs in steps[:_STEPS]:
        yield tag("details", tag("summary", f"{name[:_NAME]}: {_fed(inputs)} fed"), _table(inputs), open=True)
        weighed = ((wired, wired.binding) for wired in inputs if wired.binding and wired.binding.candidates)
        yield from (_weighed(*one, opened=len(steps) == 1) for one in weighed)
    if len(steps) > _STEPS:
        yield tag("div", f"and {words.plural(len(steps) - _STEPS, 'more step')}", **look("dim"))


def wiring_text(thing: WiringExplanation, columns: int) -> Iterator[str]:
    """The same for a terminal; what was weighed is told of one step, of several only what came of it."""
    yield f"{chars.one_line(thing.pipeline[:_NAME])}  {_summary(thing)}"
    steps = _by_step(thing)
    for name, inputs in steps:
        yield ""
        yield chars.cut(chars.one_line(name), columns)
        for wired in inputs:
            told, fed, score, why = _cells(wired)
            yield chars.cut(f"  {told} ← {fed}{f'  {score}' if score else ''}", columns)
            yield chars.cut(f"      {why}", columns)
            if len(steps) == 1 and wired.binding:
                yield from _lines(wired.binding, columns)


def name_of(wired: WiredInput) -> str:
    """An input's own name, and whether it may stay without data."""
    port = chars.one_line(chars.cut_middle(wired.port, _NAME))
    return port if wired.required else f"{port} (optional)"


def sum_of(parts: Parts) -> str:
    """What a score is made of: `type 0.40 + data type 0.20 + name 0.25 - source 0.10`."""
    told = [(_WORDS[name], value) for name, value in asdict(parts).items() if abs(value) >= 0.005]
    if not told:
        return "nothing"
    text = "".join(f" {'+' if value > 0 else '-'} {word} {abs(value):.2f}" for word, value in told)
    return text.removeprefix(" + ") + (", at most 1" if sum(value for _, value in told) > 1.005 else "")


def shown(binding: Binding) -> tuple[list[Candidate], str]:
    """The candidates to show, and what is said of all others: outputs of other types are only counted."""
    fitting = [candidate for candidate in binding.candidates if candidate.parts.type]
    kept = fitting[:_CANDIDATES]
    if binding.chosen is not None and binding.chosen not in kept:
        kept = [*kept[: _CANDIDATES - 1], binding.chosen]
    others = len(binding.candidates) - len(fitting)
    more = [f"{len(fitting) - len(kept)} more"] if len(fitting) > len(kept) else []
    more += [f"{words.plural(others, 'output')} of other types"] if others else []
    return kept, " and ".join(more)


def weights(candidate: Candidate, binding: Binding) -> tuple[str, str, str, str]:
    """A candidate's score, its name (and the alias that matched), why it won or lost, what the score is made of."""
    name = chars.one_line(chars.cut_middle(candidate.name, _NAME))
    if candidate.matched and candidate.matched != candidate.port:
        name = f"{name} (as {chars.one_line(chars.cut_middle(candidate.matched, _NAME))})"
    outcome = chars.one_line(chars.cut_long(binding.lost(candidate), _WHY))
    return f"{candidate.score:.2f}", name, outcome, sum_of(candidate.parts)


def _summary(thing: WiringExplanation) -> str:
    return f"{_fed(thing.inputs)} fed"


def _fed(inputs: Sequence[WiredInput]) -> str:
    fed = sum(wired.fed_by is not None for wired in inputs)
    return f"{fed} of {words.plural(len(inputs), 'input')}"


def _by_step(thing: WiringExplanation) -> list[tuple[str, list[WiredInput]]]:
    return [(name, list(group)) for name, group in groupby(thing.inputs, key=lambda wired: wired.step)]


def _cells(wired: WiredInput) -> tuple[str, str, str, str]:
    fed = chars.one_line(chars.cut_middle(Redactor().text(wired.fed_by), _NAME)) if wired.fed_by else "nothing"
    score = "" if wired.score is None else f"{wired.score:.2f}"
    return name_of(wired), fed, score, chars.one_line(chars.cut_long(wired.why, _WHY))


def _table(inputs: Iterable[WiredInput]) -> Markup:
    return grid(map(_row, map(_cells, inputs)), head_row(("input", "fed by", "score", "why")))


def _row(cells: Sequence[str]) -> Markup:
    """A row whose last cell, the longest, takes as many lines as the page's width makes it."""
    *short, last = cells
    return tag("tr", *(tag("td", cell, **LEFT) for cell in short), tag("td", last, style=_WRAPPED))


def _weighed(wired: WiredInput, binding: Binding, *, opened: bool) -> Markup:
    """What was weighed for one input."""
    kept, more = shown(binding)
    rows = (_row(weights(one, binding)) for one in kept)
    table = grid(rows, head_row(("score", "output", "outcome", "made of")))
    title = f"{name_of(wired)}: {words.plural(len(binding.candidates), 'output')} weighed"
    rest = tag("div", f"and {more}" if kept else more, **look("dim")) if more else None
    return tag("details", tag("summary", title), table if kept else None, rest, open=opened)


def _lines(binding: Binding, columns: int) -> Iterator[str]:
    kept, more = shown(binding)
    for candidate in kept:
        score, name, outcome, made_of = weights(candidate, binding)
        yield chars.cut(f"      {score}  {name}", columns)
        yield chars.cut(f"            {outcome}: {made_of}", columns)
    if more:
        yield f"      {'and ' if kept else ''}{more}"
