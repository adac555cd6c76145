"""The graph as a list of shapes and texts, in the order they are drawn: one description for SVG and PNG.

Colours are names in `states.PALETTE`; each drawing has its own values for them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from math import ceil, hypot
from typing import Final

from cursus_rt_notebook.engine.state import SETTLED, Breakpoint, RunState, StepState, StepStatus, When
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.render import status
from cursus_rt_notebook.render.chars import cut_middle, one_line
from cursus_rt_notebook.render.geometry import BOX_HEIGHT, BOX_WIDTH, LABEL_WIDTH, Arrow, Layout, Point, Wire, wires
from cursus_rt_notebook.render.states import PENCIL, STATES, look_of

EVERY_STEP: Final = "*"
_TEXT_ROOM = BOX_WIDTH - 34
_NAME, _SUB, _LABEL = 12.5, 10.5, 10.5
_NARROW = frozenset("ijlI.,:;'|!()[]{} `")
_WIDE = frozenset("mwMW@%—…")
_SLIM = frozenset('frt-_/\\*"')


@dataclass(frozen=True)
class Shape:
    """A path: M, L, C and Z commands around `at`; `fill` and `stroke` are colour names."""

    path: str
    at: Point = (0.0, 0.0)
    fill: str | None = None
    stroke: str | None = None
    width: float = 1.0
    dashed: bool = False
    part: str = ""


@dataclass(frozen=True)
class Text:
    """One line of text; `at` is its left end (or its middle) on the base line."""

    text: str
    at: Point
    size: float
    colour: str
    bold: bool = False
    centred: bool = False


@dataclass(frozen=True)
class Node:
    """A step's box and all that lies on it. `title` is its whole name, `label` what a screen reader says."""

    step: str
    look: str
    title: str
    label: str
    items: tuple[Shape | Text, ...]


@dataclass(frozen=True)
class Scene:
    """The whole picture, in CSS pixels."""

    width: int
    height: int
    label: str
    edges: tuple[Shape | Text, ...] = field(default=())
    nodes: tuple[Node, ...] = field(default=())


def scene(pipeline: Pipeline, layout: Layout, state: RunState, *, selected: str | None = None) -> Scene:
    """What to draw of a pipeline in this state."""
    edges = [
        item
        for wire, arrow in zip(wires(pipeline), layout.arrows, strict=True)
        for item in _edge(wire, arrow, pipeline, state)
    ]
    nodes = [
        _node(state.steps[name], centre, state, ring=name == selected)
        for name, centre in zip(pipeline.order, layout.centres, strict=True)
    ]
    words = f"Pipeline {one_line(pipeline.name[:500])}, {status.progress(state)[0]} steps"
    return Scene(ceil(layout.width), ceil(layout.height), words, tuple(edges), tuple(nodes))


def rounded(width: float, height: float, radius: float) -> str:
    """The path of a box with round corners, from its top left."""
    w, h, r, k = width, height, radius, radius * 0.4477
    return (
        f"M{r:g} 0L{w - r:g} 0C{w - k:g} 0 {w:g} {k:g} {w:g} {r:g}L{w:g} {h - r:g}"
        f"C{w:g} {h - k:g} {w - k:g} {h:g} {w - r:g} {h:g}L{r:g} {h:g}"
        f"C{k:g} {h:g} 0 {h - k:g} 0 {h - r:g}L0 {r:g}C0 {k:g} {k:g} 0 {r:g} 0Z"
    )


def circle(radius: float) -> str:
    """The path of a circle around the origin."""
    r, k = radius, radius * 0.5523
    return (
        f"M{r:g} 0C{r:g} {k:g} {k:g} {r:g} 0 {r:g}C{-k:g} {r:g} {-r:g} {k:g} {-r:g} 0"
        f"C{-r:g} {-k:g} {-k:g} {-r:g} 0 {-r:g}C{k:g} {-r:g} {r:g} {-k:g} {r:g} 0Z"
    )


def fitted(text: str, size: float, room: float, *, bold: bool = False) -> tuple[str, float]:
    """`text` and the size to write it in so that it fits: a little smaller if that is enough, else cut in the middle."""
    text = one_line(text[:200])
    needed = text_width(text, size, bold=bold)
    if needed > room:
        size = max(size * room / needed, size * 0.86)
    while text_width(text, size, bold=bold) > room and len(text) > 3:
        text = cut_middle(text.replace("…", ""), len(text.replace("…", "")) - 1)
    return text, size


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide `text` is in the widest of the fonts that a page or picture may use."""
    return sum(map(_em, text)) * size * (1.0 if bold else 0.9)


def _em(char: str) -> float:
    if char in _NARROW:
        return 0.38
    if char in _SLIM:
        return 0.5
    if char in _WIDE or unicodedata.east_asian_width(char) in "WF":
        return 1.11
    return 0.78 if char.isupper() else 0.69


def _edge(wire: Wire, arrow: Arrow, pipeline: Pipeline, state: RunState) -> list[Shape | Text]:
    on = state.steps[wire.tail].status in SETTLED
    (x, y), *rest = arrow.curve
    chain = "".join(_cubic(rest[i : i + 3]) for i in range(0, len(rest), 3))
    colour = "label" if on else "edge"
    line = Shape(f"M{x:.1f} {y:.1f}{chain}", stroke=colour, width=1.5 if on else 1.1, dashed=not wire.ports)
    items: list[Shape | Text] = [line, Shape(_head(arrow.curve[-1], arrow.tip), fill=colour)]
    label = status.on_wire(wire, pipeline, state)
    if label and arrow.label:
        text, size = fitted(label, _LABEL, LABEL_WIDTH - 6)
        items.append(Text(text, (arrow.label[0], arrow.label[1] + 3.8), size, "label"))
    return items


def _cubic(points: list[Point]) -> str:
    return "C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _head(base: Point, tip: Point) -> str:
    (bx, by), (tx, ty) = base, tip
    length = hypot(tx - bx, ty - by) or 1.0
    # Across the arrow, half as wide as it is long.
    ax, ay = (ty - by) / length * 3.2, (bx - tx) / length * 3.2
    return f"M{tx:.1f} {ty:.1f}L{bx + ax:.1f} {by + ay:.1f}L{bx - ax:.1f} {by - ay:.1f}Z"


def _node(step: StepState, centre: Point, state: RunState, *, ring: bool) -> Node:
    key = look_of(step, state)
    x, y = centre[0] - BOX_WIDTH / 2, centre[1] - BOX_HEIGHT / 2
    items = [
        *_box(key, x, y, ring=ring),
        *_words(step, key, x, y),
        *_progress(step, x, y),
        *_breakpoints(state.breakpoints, step.name, x, y),
    ]
    if step.name in state.next_steps and key != "running":
        items.append(Shape("M-4.5 -5.5L5 0L-4.5 5.5Z", (x - 13, centre[1]), fill="brand", part="next"))
    name = one_line(step.name[:500])
    return Node(
        step.name, key, name, status.dotted(f"{name}, {STATES[key].word}", status.under_name(step)), tuple(items)
    )


def _box(key: str, x: float, y: float, *, ring: bool) -> list[Shape]:
    look = STATES[key]
    tinted = look.tint not in {"box", "cachedbg"}
    stroke, width = ("brand", 2.2) if ring else (look.colour, 1.2) if tinted else ("line", 1.1)
    box = rounded(BOX_WIDTH, BOX_HEIGHT, 5)
    return [
        Shape(box, (x, y), fill=look.tint, stroke=stroke, width=width, dashed=look.dashed and not ring, part="box"),
        Shape(rounded(5, BOX_HEIGHT, 2), (x, y), fill=look.colour, part="bar"),
    ]


def _words(step: StepState, key: str, x: float, y: float) -> list[Shape | Text]:
    look = STATES[key]
    stroke, fill = (look.colour, None) if look.outlined else (None, look.colour)
    room = _TEXT_ROOM - (16 if step.edited else 0)
    name, name_size = fitted(step.name, _NAME, room, bold=True)
    sub, sub_size = fitted(status.under_name(step), _SUB, _TEXT_ROOM)
    items: list[Shape | Text] = [
        Shape(look.shape, (x + 17, y + 14.5), fill=fill, stroke=stroke, width=1.7, part="glyph"),
        Text(name, (x + 29, y + 18.5), name_size, "ink" if look.bold else "dim", bold=look.bold),
        Text(sub, (x + 29, y + 33.5), sub_size, "dim"),
    ]
    if step.edited:
        items.append(Shape(PENCIL, (x + BOX_WIDTH - 14, y + 14), stroke="pause", width=1.3, part="edited"))
    return items


def _progress(step: StepState, x: float, y: float) -> list[Shape]:
    share = status.done_share(step)
    if step.status is not StepStatus.RUNNING or share is None:
        return []
    return [Shape(rounded(max(BOX_WIDTH * share, 4), 3, 1.5), (x, y + BOX_HEIGHT - 3), fill="run", part="progress")]


def _breakpoints(breakpoints: tuple[Breakpoint, ...], step: str, x: float, y: float) -> list[Shape | Text]:
    items: list[Shape | Text] = []
    for before in (True, False):
        here = [b for b in breakpoints if b.step in {step, EVERY_STEP} and (b.when is When.BEFORE) == before]
        if here:
            items += _dot(here, (x, y + 6 if before else y + BOX_HEIGHT - 6))
    return items


def _dot(breakpoints: list[Breakpoint], at: Point) -> list[Shape | Text]:
    enabled = any(b.enabled for b in breakpoints)
    fill, stroke = ("bp", "box") if enabled else ("box", "bp")
    items: list[Shape | Text] = [Shape(circle(5.2), at, fill=fill, stroke=stroke, width=1.4, part="breakpoint")]
    if all(b.condition is not None for b in breakpoints):
        items.append(Text("?", (at[0], at[1] + 3), 8, "box" if enabled else "bp", bold=True, centred=True))
    return items
