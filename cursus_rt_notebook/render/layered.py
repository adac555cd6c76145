"""A layout without dot: layers from top to bottom, each step under the middle of what it needs."""

from __future__ import annotations

from statistics import mean

from cursus_rt_notebook.render.geometry import (
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
    """Place the boxes of any graph, in time linear in its size."""
    rows = [row for layer in _ordered(graph) for row in _wrapped(layer)]
    width = max((_breadth(row, graph) for row in rows), default=BOX_WIDTH) + 2 * MARGIN
    centres: dict[int, Point] = {}
    top = MARGIN_Y
    for row in rows:
        height = max(graph.size(box)[1] for box in row)
        left = (width - _breadth(row, graph)) / 2
        for box in row:
            centres[box] = (left + graph.size(box)[0] / 2, top + height / 2)
            left += graph.size(box)[0] + _GAP_X
        top += height + _GAP_Y
    bottom = top - _GAP_Y + MARGIN_Y if rows else 2 * MARGIN_Y
    arrows = tuple(
        _arrow(_foot(centres, tail, graph), _head(centres, head, graph), labelled=data)
        for tail, head, data in graph.wires
    )
    return Layout(width, bottom, tuple(centres[i] for i in range(graph.steps)), arrows, drawn_by="layers")


def _breadth(row: list[int], graph: Structure) -> float:
    return sum(graph.size(box)[0] for box in row) + (len(row) - 1) * _GAP_X


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


def _foot(centres: dict[int, Point], box: int, graph: Structure) -> Point:
    x, y = centres[box]
    return x, y + graph.size(box)[1] / 2


def _head(centres: dict[int, Point], box: int, graph: Structure) -> Point:
    x, y = centres[box]
    return x, y - graph.size(box)[1] / 2


def _arrow(start: Point, tip: Point, *, labelled: bool) -> Arrow:
    end = (tip[0], tip[1] - 7)
    bend = max((end[1] - start[1]) / 2, 12.0)
    curve = (start, (start[0], start[1] + bend), (end[0], end[1] - bend), end)
    middle = ((start[0] + end[0]) / 2 + 5, (start[1] + end[1]) / 2)
    return Arrow(curve, tip, middle if labelled else None)
