"""A layout without dot: layers from top to bottom, each step under the middle of what it needs."""

from __future__ import annotations

from statistics import mean

from cursus_rt_notebook.render.geometry import (
    BOX_HEIGHT,
    BOX_WIDTH,
    MARGIN,
    MARGIN_Y,
    Arrow,
    Layout,
    Point,
    Structure,
    ranks,
)

_GAP_X = 30.0
_GAP_Y = 44.0
_WIDEST = 6  # boxes in a row: a layer of a hundred steps becomes a block


def layered(graph: Structure) -> Layout:
    """Place the steps of any graph, in time linear in its size."""
    rows = [row for layer in _ordered(graph) for row in _wrapped(layer)]
    across = max((len(row) for row in rows), default=1)
    width = across * BOX_WIDTH + (across - 1) * _GAP_X + 2 * MARGIN
    centres: dict[int, Point] = {}
    for i, row in enumerate(rows):
        left = (width - len(row) * BOX_WIDTH - (len(row) - 1) * _GAP_X) / 2 + BOX_WIDTH / 2
        y = MARGIN_Y + BOX_HEIGHT / 2 + i * (BOX_HEIGHT + _GAP_Y)
        centres.update({step: (left + j * (BOX_WIDTH + _GAP_X), y) for j, step in enumerate(row)})
    height = 2 * MARGIN_Y + len(rows) * BOX_HEIGHT + max(len(rows) - 1, 0) * _GAP_Y
    arrows = tuple(_arrow(centres[tail], centres[head], labelled=data) for tail, head, data in graph.wires)
    return Layout(width, height, tuple(centres[i] for i in range(graph.steps)), arrows, drawn_by="layers")


def _ordered(graph: Structure) -> list[list[int]]:
    above: dict[int, list[int]] = {}
    for tail, head, _ in graph.wires:
        above.setdefault(head, []).append(tail)
    place: dict[int, float] = {}
    layers: list[list[int]] = []
    for layer in ranks(graph):
        ordered = sorted(layer, key=lambda i: (mean([place[t] for t in above[i]]) if i in above else 0.0, i))
        place.update({step: (j + 0.5) / len(ordered) for j, step in enumerate(ordered)})
        layers.append(ordered)
    return layers


def _wrapped(layer: list[int]) -> list[list[int]]:
    return [layer[i : i + _WIDEST] for i in range(0, len(layer), _WIDEST)]


def _arrow(tail: Point, head: Point, *, labelled: bool) -> Arrow:
    start = (tail[0], tail[1] + BOX_HEIGHT / 2)
    tip = (head[0], head[1] - BOX_HEIGHT / 2)
    end = (tip[0], tip[1] - 7)
    bend = max((end[1] - start[1]) / 2, 12.0)
    curve = (start, (start[0], start[1] + bend), (end[0], end[1] - bend), end)
    middle = ((start[0] + end[0]) / 2 + 5, (start[1] + end[1]) / 2)
    return Arrow(curve, tip, middle if labelled else None)
