"""Where rows were lost, drawn on the graph: the arrow in amber, with a sign and how many rows there are fewer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cursus_rt_notebook.engine.state import Loss, RunState
from cursus_rt_notebook.pipeline.model import FromStep, Pipeline
from cursus_rt_notebook.render import words
from cursus_rt_notebook.render.chars import one_line
from cursus_rt_notebook.render.geometry import LABEL_WIDTH, Arrow, Layout, Point, Wire, wires
from cursus_rt_notebook.render.links import Link, links
from cursus_rt_notebook.render.same import Same
from cursus_rt_notebook.render.shapes import Shape, Text, arrow_shapes, fitted, rounded, text_width

SIGN: Final = "M0 -4.8L5.2 4.4L-5.2 4.4ZM0 -1.4L0 1M0 2.8L0 2.9"
_HEIGHT: Final = 26.0
_LEFT: Final = 19.0
_MOST = LABEL_WIDTH - 2
_FEWER, _THAN = 10.5, 9.5


@dataclass(frozen=True)
class Mark:
    """One marked arrow: which step lost rows, at which port; what is said of it, and its shapes.

    `link` says which ports the arrow stands for. `box` is left, top, width and height of the words beside the arrow.
    """

    step: str
    port: str
    channel: str | None
    label: str
    box: tuple[float, float, float, float]
    items: tuple[Shape | Text, ...]
    link: Link | None = None


def marks(pipeline: Pipeline, layout: Layout, state: RunState) -> dict[Wire, Mark]:
    """The marks by the arrows that they take the place of.

    An arrow that leaves the step is marked, since that is what has fewer rows; where no step reads the table, the arrow
    by which its input came.
    """
    arrows = dict(zip(wires(pipeline), layout.arrows, strict=True))
    found: dict[Wire, Mark] = {}
    for name in pipeline.order:
        lost = state.steps[name].losses
        for wire, losses in _placed(pipeline, name, lost, list(arrows)) if lost else ():
            found[wire] = _mark(name, losses, Same(arrows[wire]), links(pipeline).get((wire.tail, wire.head)))
    return found


def said(step: str, losses: Sequence[Loss]) -> str:
    """A loss in one sentence: `preprocess: 67,355 rows fewer than before in processed_data`."""
    each = (f"{words.number(loss.fewer)} rows fewer than before in {_table(loss)}" for loss in losses)
    return f"{one_line(step[:80])}: {words.listed(each, 3)}"


def _placed(
    pipeline: Pipeline, step: str, lost: tuple[Loss, ...], every: Sequence[Wire]
) -> Iterator[tuple[Wire, tuple[Loss, ...]]]:
    leaving = [(wire, tuple(loss for loss in lost if loss.port in wire.ports)) for wire in every if wire.tail == step]
    marked = [(wire, losses) for wire, losses in leaving if losses]
    if marked:
        yield from marked
        return
    source = pipeline.steps[step].inputs.get(lost[0].input)
    entering = [wire for wire in every if wire.head == step and wire.ports]
    came = [wire for wire in entering if isinstance(source, FromStep) and wire.tail == source.step]
    yield from ((wire, lost) for wire in (came or entering)[:1])


# A state differs from the one before in a few steps.
@lru_cache(maxsize=1024)
def _mark(step: str, losses: tuple[Loss, ...], place: Same[Arrow], link: Link | None) -> Mark:
    arrow = place.value
    fewer = sum(loss.fewer for loss in losses)
    line, head = arrow_shapes(arrow, "pause", width=2.4, dashed=False)
    told = (f"{words.number(fewer)} fewer", f"{words.rough(fewer)} fewer")
    room = _MOST - _LEFT - 5
    text, size = fitted(next((t for t in told if _width(t) <= room), told[-1]), _FEWER, room, bold=True)
    width = _LEFT + max(text_width(text, size, bold=True), text_width("than before", _THAN)) + 5
    x, y = _beside(arrow)
    top = y - _HEIGHT / 2
    items = (
        Shape(rounded(width, _HEIGHT, 4), (x, top), fill="pausebg", stroke="pause", width=1.1, part="lost"),
        # Over the ground of the words, so that it is seen as a whole.
        line,
        head,
        Shape(SIGN, (x + 10.5, y), stroke="pause", width=1.4, part="glyph"),
        Text(text, (x + _LEFT, y - 1.5), size, "pause", bold=True),
        Text("than before", (x + _LEFT, y + 9.5), _THAN, "pause"),
    )
    worst = max(losses, key=lambda loss: loss.fewer)
    return Mark(step, worst.port, worst.channel, said(step, losses), (x, top, width, _HEIGHT), items, link)


def _width(text: str) -> float:
    return text_width(text, _FEWER * 0.9, bold=True)


def _beside(arrow: Arrow) -> Point:
    """Left end and middle of the words beside an arrow."""
    if arrow.label is not None:
        return arrow.label[0] + 1, arrow.label[1]
    x, y = arrow.curve[len(arrow.curve) // 2]
    return x + 4, y


def _table(loss: Loss) -> str:
    return one_line("/".join(filter(None, (loss.port[:80], (loss.channel or "")[:80]))))
