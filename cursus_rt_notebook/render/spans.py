"""What a timeline shows, whatever draws it: rows with their bars and words, ticks, memory, limits. And it as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.engine.state import StepState, StepStatus
from cursus_rt_notebook.render import chars, status, words
from cursus_rt_notebook.render.grid import grid, head_row, text_row
from cursus_rt_notebook.render.html import Markup, tag
from cursus_rt_notebook.render.look import look
from cursus_rt_notebook.render.panel.timeline import timeline_view
from cursus_rt_notebook.render.states import STATES, look_of

if TYPE_CHECKING:
    from cursus_rt_notebook.engine.timeline import Timeline

_NAME = 80
_TEXT = 44
_HEIGHTS = " ▁▂▃▄▅▆▇█"
_HEAD = ("", "step", "began", "time", "processors", "peak memory", "read", "written", "attempts")


@dataclass(frozen=True)
class Bar:
    """A stretch of time in seconds of work, and the key of its look."""

    start: float
    end: float
    look: str


@dataclass(frozen=True)
class Row:
    """A step: its bar if it began, those of its attempts before, and what is said beside it.

    `thin` is one that took no time of its own.
    """

    step: str
    look: str
    start: float | None
    end: float | None
    thin: bool
    text: str
    tried: tuple[Bar, ...]


@dataclass(frozen=True)
class Limit:
    """The most that a step may hold, while it runs."""

    step: str
    start: float
    end: float
    bytes: int


@dataclass(frozen=True)
class Spans:
    """A timeline to be drawn; `machine` are the bytes that there are for all steps together."""

    title: str
    subtitle: str
    rows: tuple[Row, ...]
    looks: tuple[str, ...]
    span: float
    ticks: tuple[tuple[float, str], ...]
    standstills: tuple[float, ...]
    note: str
    memory: tuple[tuple[float, float], ...]
    limits: tuple[Limit, ...]
    machine: int


def of_timeline(timeline: Timeline) -> Spans:
    """What is to be drawn. Of very many steps those that took longest are kept, and a note says so."""
    state, pipeline = timeline.state, timeline.pipeline
    view = timeline_view(state, pipeline, timeline.taken, timeline.tried)
    rows = tuple(_row(row, state.steps[row["step"]]) for row in view["rows"])
    kept = _longest(rows)
    notes = [view["note"]] if view["note"] else []
    notes += [f"{words.plural(len(rows) - len(kept), 'step')} that took less are not shown."] * (len(kept) < len(rows))
    done, facts = status.progress(state)
    return Spans(
        title=state.pipeline_name,
        subtitle=status.dotted(f"{done} steps", *facts, f"run {state.run_id}"),
        rows=kept,
        looks=tuple(dict.fromkeys(look_of(step, state) for step in state.steps.values())),
        span=view["span"],
        ticks=tuple((tick["at"], tick["text"]) for tick in view["ticks"]),
        standstills=tuple(still["at"] for still in view["standstills"]),
        note=" ".join(notes),
        memory=tuple(view["memory"]["points"]) if view["memory"] else (),
        limits=tuple(_limits(rows, timeline)),
        machine=timeline.machine,
    )


def _row(row: Mapping[str, Any], step: StepState) -> Row:
    tried = tuple(Bar(each["start"], each["end"], each["look"]) for each in row.get("tried", ()))
    return Row(step.name, row["look"], row["start"], row["end"], row["thin"], _beside(row, step), tried)


def _beside(row: Mapping[str, Any], step: StepState) -> str:
    """What is said beside a bar: `2.1 s · 380 MB · 1.8 cores`, and first of all what went wrong."""
    if row["start"] is None or row["thin"]:
        return str(row["text"])
    wrong = f"failed: {step.failure.title}" if step.failure else None
    attempt = f"attempt {step.attempt}" if step.attempt > 1 else None
    time = words.seconds(row["end"] - row["start"])
    return status.dotted(wrong, time, words.size(step.memory) if step.memory else None, _cores(step), attempt)


def _cores(step: StepState) -> str | None:
    if step.cpu_seconds is None or not step.seconds or step.seconds < 0.1:
        return None
    return f"{step.cpu_seconds / step.seconds:.1f} cores"


def _longest(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    if len(rows) <= settings.TIMELINE_STEPS:
        return rows
    ranked = sorted(range(len(rows)), key=lambda i: (rows[i].start or 0) - (rows[i].end or 0))
    kept = set(ranked[: settings.TIMELINE_STEPS])
    return tuple(row for i, row in enumerate(rows) if i in kept)


def _limits(rows: tuple[Row, ...], timeline: Timeline) -> Iterator[Limit]:
    for row in rows:
        limit = timeline.pipeline.steps[row.step].memory
        if limit is not None and row.start is not None and row.end is not None and not row.thin:
            yield Limit(row.step, row.start, row.end, limit)


def timeline_text(thing: Timeline, columns: int) -> Iterator[str]:
    """The timeline for a terminal: `█` is the newest attempt, `░` one before it."""
    told = of_timeline(thing)
    names = [chars.cut(chars.one_line(row.step[:1000]), 24) for row in told.rows]
    wide = max(6, *map(chars.width, names))
    cells = max(columns - wide - _TEXT - 6, 16)
    yield chars.cut(f"{chars.one_line(told.title[:_NAME])}  {chars.one_line(told.subtitle[:300])}", columns)
    yield ""
    for row, name in zip(told.rows, names, strict=True):
        line = f"{chars.pad(STATES[row.look].char, 2)} {chars.pad(name, wide)}  {_cells(row, told.span, cells)}"
        yield chars.cut(f"{line}  {chars.one_line(row.text[:400])}".rstrip(), columns)
    if told.memory:
        peak = max(amount for _, amount in told.memory)
        yield f"   {chars.pad('memory', wide)}  {_curve(told, peak, cells)}  peak {words.size(peak)} together"
    last = f"{words.seconds(told.span)}"
    yield f"   {' ' * wide}  0{last:>{cells - 1}}"
    if told.note:
        yield f"   {told.note}"


def _cells(row: Row, span: float, cells: int) -> str:
    line = [" "] * cells
    bars = [(bar.start, bar.end, "░") for bar in row.tried]
    if row.start is not None and row.end is not None:
        bars.append((row.start, row.end, "·" if row.thin else "█"))
    for start, end, char in bars:
        first = min(int(start / span * cells), cells - 1)
        for i in range(first, min(max(round(end / span * cells), first + 1), cells)):
            line[i] = char
    return "".join(line)


def _curve(told: Spans, peak: float, cells: int) -> str:
    """The highest memory in each cell, as blocks of eight heights."""
    highest = [0.0] * cells
    at, now = 0, 0.0
    for i in range(cells):
        end = (i + 1) * told.span / cells
        highest[i] = now
        while at < len(told.memory) and told.memory[at][0] < end:
            now = told.memory[at][1]
            highest[i] = max(highest[i], now)
            at += 1
        if at == len(told.memory):  # after the last point nothing is known
            now = 0.0
    return "".join(_HEIGHTS[min(-int(-amount / peak * 8 // 1), 8)] for amount in highest)


def timeline_html(thing: Timeline) -> Iterator[Markup]:
    """The numbers behind the picture, a row a step."""
    told = of_timeline(thing)
    yield tag("div", tag("b", told.title[:_NAME]), f" {told.subtitle[:300]}", **look("line"))
    rows = (text_row(_facts(each, thing)) for each in told.rows)
    yield tag("details", tag("summary", "What each step took"), grid(rows, head_row(_HEAD)))
    if told.note:
        yield tag("div", told.note, **look("dim"))


def _facts(row: Row, thing: Timeline) -> tuple[str, ...]:
    step = thing.state.steps[row.step]
    ran = row.start is not None and not row.thin
    return (
        STATES[row.look].char,
        chars.cut_long(row.step, _NAME),
        "" if row.start is None else words.seconds(row.start),
        words.seconds((row.end or 0) - (row.start or 0)) if ran else row.text[:_NAME],
        _cores(step) or "",
        words.size(step.memory) if step.memory and ran else "",
        *(words.size(amount) if amount is not None and ran else "" for amount in (step.read_bytes, step.written_bytes)),
        str(step.attempt) if step.attempt > 1 or step.status is StepStatus.FAILED else "",
    )
