"""The graph of the data, as the panel draws it: shapes and texts, box by box."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.render import dag
from cursus_rt_notebook.render.chars import one_line
from cursus_rt_notebook.render.geometry import Arrow, Point, Size, Structure
from cursus_rt_notebook.render.labels import ASIDE, LINE, Labels, labels
from cursus_rt_notebook.render.panel.lineage import (
    Box,
    Fact,
    boxes,
    file_fact,
    file_name,
    opened_files,
    port_facts,
    port_look,
    port_title,
)
from cursus_rt_notebook.render.panel.view import item_view, node_view
from cursus_rt_notebook.render.scene import Box as Place
from cursus_rt_notebook.render.scene import Node
from cursus_rt_notebook.render.shapes import SMALLEST, Shape, Text, arrow_shapes, fitted, rounded, text_width
from cursus_rt_notebook.render.states import STATES, Look, look_of

Json = dict[str, Any]

_STEP_HEIGHT, _NAME_HEIGHT, _LINE_HEIGHT = 28.0, 23.0, 13.0
_LEFT = 28.0
_FOLD = 9.0
# Data is there, comes, or will not come: the words that fit it.
_WORDS = {"waiting": "not there yet", "skipped": "not written"}


def lineage_view(pipeline: Pipeline, views: Mapping[str, StepView]) -> Json:
    """The graph of the data, as it stands: `nodes` by id, `edges` with the ids of their ends."""
    found, arrows = boxes(pipeline, {name: opened_files(view) for name, view in views.items()})
    place = {box.id: i for i, box in enumerate(found)}
    written = labels(tuple(pipeline.order))
    sizes = tuple(_size(box, written) for box in found)
    layout = dag.place(Structure(len(found), tuple((place[tail], place[head], False) for tail, head in arrows), sizes))
    nodes = [_node(box, centre, views, written) for box, centre in zip(found, layout.centres, strict=True)]
    looks = {node.step: node.look for node in nodes}
    edges = zip(arrows, layout.arrows, strict=True)
    return {
        "width": ceil(layout.width),
        "height": ceil(layout.height),
        "label": f"The data of {one_line(pipeline.name[:500])}",
        "nodes": [{**_about(box), **node_view(node)} for box, node in zip(found, nodes, strict=True)],
        "edges": [_edge(ends, arrow, there=looks[ends[0]] not in _WORDS) for ends, arrow in edges],
    }


def _about(box: Box) -> Json:
    name = file_name(box) if box.kind == "file" else box.port or box.step
    return {"id": box.id, "kind": box.kind, "of": box.step, "name": name}


def _size(box: Box, written: Labels) -> Size:
    if box.kind == "step":
        return written.width, _STEP_HEIGHT + LINE * (len(written.lines(box.step)) - 1)
    return written.width, _NAME_HEIGHT + _LINE_HEIGHT * box.lines


def _edge(ends: tuple[str, str], arrow: Arrow, *, there: bool) -> Json:
    shapes = arrow_shapes(arrow, "label" if there else "edge", width=1.5 if there else 1.1, dashed=False)
    return {"ends": ends, "items": [item_view(shape) for shape in shapes]}


def _node(box: Box, centre: Point, views: Mapping[str, StepView], written: Labels) -> Node:
    width, height = _size(box, written)
    place = (centre[0] - width / 2, centre[1] - height / 2, width, height)
    view = views[box.step]
    if box.kind == "file":
        look, name, title, items = _file(box, view, place)
    elif box.kind == "port":
        look, name, title, items = _port(view, box.port, place)
    else:
        look, name, title, items = _step(view, place, written)
    return Node(box.id, look, title, name, place, tuple(items))


def _step(view: StepView, place: Place, written: Labels) -> tuple[str, str, str, list[Shape | Text]]:
    x, y, width, height = place
    key = look_of(view.state, view.run)
    look, name = STATES[key], one_line(view.name[:500])
    edge = look.colour if look.tint not in {"box", "cachedbg"} else "wait" if view.state.stub else "line"
    box = rounded(width, height, 5)
    colour = "ink" if look.bold else "dim"
    items: list[Shape | Text] = [
        Shape(
            box, (x, y), fill=look.tint, stroke=edge, width=1.1, dashed=look.dashed or bool(view.state.stub), part="box"
        ),
        Shape(rounded(5, height, 2), (x, y), fill=look.colour, part="bar"),
        _glyph(look, x + 17, y + 14),
        *(
            Text(line, (x + _LEFT, y + 18 + LINE * i), size, colour, bold=look.bold)
            for i, (line, size) in enumerate(written.lines(view.name))
        ),
    ]
    return key, f"step {name}, {look.word}", name, items


def _port(view: StepView, port: str, place: Place) -> tuple[str, str, str, list[Shape | Text]]:
    x, y, width, height = place
    key = port_look(view.state, port)
    look, there = STATES[key], key not in _WORDS
    facts = port_facts(view, port)
    # What is not there yet is hollow: nothing lies in it.
    edge = "pause" if key == "stale" else look.colour if there else "wait"
    box = Shape(
        rounded(width, height, 11),
        (x, y),
        fill="box" if there else "surface",
        stroke=edge,
        dashed=not there,
        part="box",
    )
    items = [box, _glyph(look, x + 15, y + 13), _name(port, place, there=there), *_lines(facts, place)]
    said = f"{one_line(port[:200])} of {one_line(view.name[:200])}, {_WORDS.get(key, look.word)}"
    if there:
        said += f": {one_line('; '.join(fact.told[0] for fact in facts)[:500])}"
    return key, said, port_title(view, port), items


def _file(box: Box, view: StepView, place: Place) -> tuple[str, str, str, list[Shape | Text]]:
    x, y, w, h = place
    (key, fact), file = file_fact(box, view), file_name(box)
    there = key == "done"
    f = _FOLD
    sheet = f"M0 0L{w - f:g} 0L{w:g} {f:g}L{w:g} {h:g}L0 {h:g}Z"
    items: list[Shape | Text] = [
        Shape(sheet, (x, y), fill="box" if there else "surface", stroke="wait", dashed=not there, part="box"),
        Shape(f"M{w - f:g} 0L{w - f:g} {f:g}L{w:g} {f:g}", (x, y), stroke="wait", part="fold"),
        Shape(
            "M-3.6 -4.8L1.4 -4.8L3.8 -2.2L3.8 4.8L-3.6 4.8Z", (x + 15, y + 13), stroke="dim", width=1.3, part="glyph"
        ),
        _name(file, place, there=there),
        *_lines((fact,), place),
    ]
    where = one_line((box.address or str(box.path))[:500])
    return key, f"file {one_line(file[:200])}, {fact.told[0]}", where, items


def _glyph(look: Look, x: float, y: float) -> Shape:
    stroke, fill = (look.colour, None) if look.outlined else (None, look.colour)
    return Shape(look.shape, (x, y), fill=fill, stroke=stroke, width=1.7, part="glyph")


def _name(name: str, place: Place, *, there: bool) -> Text:
    x, y, width, _ = place
    text, size = fitted(name, 11.5, width - ASIDE, bold=there)
    return Text(text, (x + _LEFT, y + 17), size, "ink" if there else "dim", bold=there)


def _lines(facts: tuple[Fact, ...], place: Place) -> list[Text]:
    return [_line(fact, place, 17 + _LINE_HEIGHT * (i + 1)) for i, fact in enumerate(facts)]


def _line(fact: Fact, place: Place, below: float) -> Text:
    x, y, width, _ = place
    bold, room = fact.unusual, width - ASIDE
    fits = (told for told in fact.told if text_width(told, 10.5 * SMALLEST, bold=bold) <= room)
    text, size = fitted(next(fits, fact.told[-1]), 10.5, room, bold=bold)
    return Text(text, (x + _LEFT, y + below), size, "pause" if bold else "dim", bold=bold)
