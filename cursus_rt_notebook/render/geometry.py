"""Where the boxes and arrows of a graph lie: plain data, in CSS pixels from the top left corner."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Final

from cursus_rt_notebook.pipeline.model import FromStep, Pipeline

BOX_WIDTH: Final = 150.0
BOX_HEIGHT: Final = 42.0
# One size for all, so that a change of state never needs a new layout.
LABEL_WIDTH: Final = 100.0
LABEL_HEIGHT: Final = 12.0
# At the side there is room for breakpoints and the arrow at what runs next.
MARGIN: Final = 22.0
MARGIN_Y: Final = 8.0

Point = tuple[float, float]
Size = tuple[float, float]


@dataclass(frozen=True)
class Wire:
    """An arrow from one step to another, for all the ports that go along it; no ports: order only."""

    tail: str
    head: str
    ports: tuple[str, ...]


@dataclass(frozen=True)
class Structure:
    """What a layout depends on, and nothing else: how many boxes, which arrows (by position), which have a label.

    `sizes` are the boxes' widths and heights, where they are not all those of a step.
    """

    steps: int
    wires: tuple[tuple[int, int, bool], ...]
    sizes: tuple[Size, ...] = ()

    def size(self, box: int) -> Size:
        """Width and height of a box."""
        return self.sizes[box] if self.sizes else (BOX_WIDTH, BOX_HEIGHT)


@dataclass(frozen=True)
class Arrow:
    """One drawn arrow: a chain of cubic curves, the tip of its head, and where its label goes (its left middle)."""

    curve: tuple[Point, ...]
    tip: Point
    label: Point | None


@dataclass(frozen=True)
class Layout:
    """A laid out graph: centres of the boxes in the order of the steps, arrows in the order of the wires.

    `drawn_by` says who placed them: `dot`, or `layers` where dot was missing, too slow or would have been.
    """

    width: float
    height: float
    centres: tuple[Point, ...]
    arrows: tuple[Arrow, ...]
    drawn_by: str = "dot"


def wires(pipeline: Pipeline) -> tuple[Wire, ...]:
    """Every arrow of the pipeline, each pair of steps once."""
    found: list[Wire] = []
    for name in pipeline.order:
        step = pipeline.steps[name]
        sources = [source for source in step.inputs.values() if isinstance(source, FromStep)]
        for tail in step.needs:
            ports = dict.fromkeys(source.port for source in sources if source.step == tail)
            found.append(Wire(tail, name, tuple(ports)))
    return tuple(found)


def structure(pipeline: Pipeline, sizes: tuple[Size, ...] = ()) -> Structure:
    """What the pipeline's layout depends on; `sizes` are the boxes', in the order of the steps."""
    index = {name: i for i, name in enumerate(pipeline.order)}
    arrows = tuple((index[w.tail], index[w.head], bool(w.ports)) for w in wires(pipeline))
    return Structure(len(index), arrows, sizes)


def ranks(graph: Structure) -> tuple[tuple[int, ...], ...]:
    """The steps in layers, each below all it needs."""
    depth = [0] * graph.steps
    # Steps are numbered so that each comes after all it needs: one pass is enough.
    for tail, head, _ in sorted(graph.wires, key=lambda wire: wire[1]):
        depth[head] = max(depth[head], depth[tail] + 1)
    by_depth = sorted(range(graph.steps), key=lambda i: (depth[i], i))
    return tuple(tuple(layer) for _, layer in groupby(by_depth, key=depth.__getitem__))
