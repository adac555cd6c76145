"""The graph as a list of shapes and texts, in the order they are drawn: one description for SVG, PNG and the panel."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import ceil
from typing import Final

from cursus_rt_notebook.engine.state import SETTLED, Breakpoint, RunState, StepState, StepStatus, When
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.render import flow, marks, status, words
from cursus_rt_notebook.render.chars import one_line
from cursus_rt_notebook.render.geometry import LABEL_WIDTH, Arrow, Layout, Point, Wire, wires
from cursus_rt_notebook.render.labels import LINE, Labels, labels
from cursus_rt_notebook.render.links import Link, links
from cursus_rt_notebook.render.marks import SIGN, Mark
from cursus_rt_notebook.render.same import Same
from cursus_rt_notebook.render.shapes import SMALLEST, Shape, Text, arrow_shapes, circle, fitted, rounded, text_width
from cursus_rt_notebook.render.states import PENCIL, STATES, look_of

EVERY_STEP: Final = "*"
_LABEL_ROOM = LABEL_WIDTH - 6
_SUB, _LABEL = 10.5, 10.5
Box = tuple[float, float, float, float]
# Of the graphs that are open, a few states each.
_KEPT = 4096


@dataclass(frozen=True)
class Node:
    """A box and all that lies on it. `title` is its whole name, `label` what a screen reader says.

    `box` is left, top, width and height.
    """

    step: str
    look: str
    title: str
    label: str
    box: Box
    items: tuple[Shape | Text, ...]


@dataclass(frozen=True)
class Edge:
    """An arrow with the words beside it; `link` says which ports it stands for, None where only the order counts."""

    link: Link | None
    items: tuple[Shape | Text, ...]


@dataclass(frozen=True)
class Scene:
    """The whole picture, in CSS pixels. `marks` are the arrows at which rows were lost."""

    width: int
    height: int
    label: str
    edges: tuple[Edge, ...] = field(default=())
    marks: tuple[Mark, ...] = field(default=())
    nodes: tuple[Node, ...] = field(default=())


def scene(pipeline: Pipeline, layout: Layout, state: RunState, *, selected: str | None = None) -> Scene:
    """What to draw of a pipeline in this state. What did not change since it was last drawn is the very same object."""
    lost = marks.marks(pipeline, layout, state)
    edges = [
        _edge(wire, Same(arrow), Same(pipeline), Same(state.steps[wire.tail]))
        for wire, arrow in zip(wires(pipeline), layout.arrows, strict=True)
        if wire not in lost
    ]
    written = labels(tuple(pipeline.order))
    nodes = [
        _node(state, state.steps[name], centre, written, ring=name == selected)
        for name, centre in zip(pipeline.order, layout.centres, strict=True)
    ]
    said = f"Pipeline {one_line(pipeline.name[:500])}, {status.progress_parts(state)[0]} steps"
    return Scene(ceil(layout.width), ceil(layout.height), said, tuple(edges), tuple(lost.values()), tuple(nodes))


@lru_cache(maxsize=_KEPT)
def _edge(wire: Wire, arrow: Same[Arrow], pipeline: Same[Pipeline], tail: Same[StepState]) -> Edge:
    on = tail.value.status in SETTLED
    line, head = arrow_shapes(arrow.value, "label" if on else "edge", width=1.5 if on else 1.1, dashed=not wire.ports)
    told = flow.on_wire(wire, pipeline.value, tail.value)
    at, link = arrow.value.label, links(pipeline.value).get((wire.tail, wire.head))
    if not told.words or not at:
        return Edge(link, (line, head))
    bold = told.unusual
    room = (words for words in told.words if text_width(words, _LABEL * SMALLEST, bold=bold) <= _LABEL_ROOM)
    text, size = fitted(next(room, told.words[-1]), _LABEL, _LABEL_ROOM, bold=bold)
    colour = "pause" if told.unusual else "label"
    return Edge(link, (line, head, Text(text, (at[0], at[1] + 3.8), size, colour, bold=bold, title=told.title)))


def _node(state: RunState, step: StepState, centre: Point, written: Labels, *, ring: bool) -> Node:
    following = step.name in state.next_steps
    about = (Same(step), centre, written, look_of(step, state), Same(state.breakpoints))
    # What a running step says follows the clock.
    draw = _draw.__wrapped__ if step.status is StepStatus.RUNNING else _draw
    return draw(*about, following=following, ring=ring)


@lru_cache(maxsize=_KEPT)
def _draw(
    same: Same[StepState],
    centre: Point,
    written: Labels,
    key: str,
    points: Same[tuple[Breakpoint, ...]],
    *,
    following: bool,
    ring: bool,
) -> Node:
    step = same.value
    width, height = written.box(step.name)
    box = (centre[0] - width / 2, centre[1] - height / 2, width, height)
    items = [
        *_box(step, key, box, ring=ring),
        *_words(step, key, box, written),
        *_progress(step, box),
        *_breakpoints(points.value, step.name, box),
    ]
    if following and key not in {"running", "failed"}:
        items.append(Shape("M-4.5 -5.5L5 0L-4.5 5.5Z", (box[0] - 13, centre[1]), fill="brand", part="next"))
    name = one_line(step.name[:500])
    return Node(step.name, key, name, _said(step, key, name), box, tuple(items))


def _said(step: StepState, key: str, name: str) -> str:
    word, under = STATES[key].word, status.under_name(step)
    more = "" if under == word else under.removeprefix(f"{word} · ")
    failed = _checks_failed(step)
    checks = f"{words.plural(failed, 'check')} failed" if failed else ""
    return ", ".join(filter(None, (name, word, more, checks)))


def _box(step: StepState, key: str, place: Box, *, ring: bool) -> list[Shape]:
    x, y, width, height = place
    look = STATES[key]
    tinted = look.tint not in {"box", "cachedbg"}
    plain = ("wait", 1.2) if step.stub else ("line", 1.1)  # a dashed edge of the usual one would not be seen
    stroke, line = ("brand", 2.2) if ring else (look.colour, 1.2) if tinted else plain
    box = rounded(width, height, 5)
    # What does not run here has a dashed edge, also where the user has chosen it.
    dashed = bool(step.stub) or (look.dashed and not ring)
    return [
        Shape(box, (x, y), fill=look.tint, stroke=stroke, width=line, dashed=dashed, part="box"),
        Shape(rounded(5, height, 2), (x, y), fill=look.colour, part="bar"),
    ]


def _words(step: StepState, key: str, place: Box, written: Labels) -> list[Shape | Text]:
    look = STATES[key]
    x, y, width, _ = place
    stroke, fill = (look.colour, None) if look.outlined else (None, look.colour)
    signs = [Shape(PENCIL, (0, 0), stroke="pause", width=1.3, part="edited")] if step.edited else []
    signs += [Shape(SIGN, (0, 0), stroke="pause", width=1.4, part="checks")] if _checks_failed(step) else []
    lines = written.lines(step.name, 16.0 * len(signs))
    sub, sub_size = fitted(status.under_name(step), _SUB, written.room)
    colour, foot = "ink" if look.bold else "dim", y + 18.5 + LINE * (len(lines) - 1)
    items: list[Shape | Text] = [
        Shape(look.shape, (x + 17, y + 14.5), fill=fill, stroke=stroke, width=1.7, part="glyph"),
        *(
            Text(line, (x + 29, y + 18.5 + LINE * i), size, colour, bold=look.bold)
            for i, (line, size) in enumerate(lines)
        ),
        Text(sub, (x + 29, foot + 15), sub_size, "dim"),
    ]
    places = ((x + width - 14 - 16 * i, foot - 4.5) for i in range(len(signs)))
    return [*items, *(replace(sign, at=at) for sign, at in zip(signs, places, strict=True))]


def _checks_failed(step: StepState) -> int:
    return sum(check.failed for check in step.checks)


def _progress(step: StepState, place: Box) -> list[Shape]:
    x, y, width, height = place
    share = status.done_share(step)
    if step.status is not StepStatus.RUNNING or share is None:
        return []
    return [Shape(rounded(max(width * share, 4), 3, 1.5), (x, y + height - 3), fill="run", part="progress")]


def _breakpoints(breakpoints: tuple[Breakpoint, ...], step: str, place: Box) -> list[Shape | Text]:
    x, y, _, height = place
    items: list[Shape | Text] = []
    for before in (True, False):
        here = [b for b in breakpoints if b.step in {step, EVERY_STEP} and (b.when is When.BEFORE) == before]
        if here:
            items += _dot(here, (x, y + 6 if before else y + height - 6))
    return items


def _dot(breakpoints: list[Breakpoint], at: Point) -> list[Shape | Text]:
    enabled = any(b.enabled for b in breakpoints)
    fill, stroke = ("bp", "box") if enabled else ("box", "bp")
    items: list[Shape | Text] = [Shape(circle(5.2), at, fill=fill, stroke=stroke, width=1.4, part="breakpoint")]
    if all(b.condition is not None for b in breakpoints):
        items.append(Text("?", (at[0], at[1] + 3), 8, "box" if enabled else "bp", bold=True, centred=True))
    return items
