"""A scene as SVG, for a page whose theme gives the colours as variables."""

from __future__ import annotations

from cursus_rt_notebook.render.html import Markup, join, tag
from cursus_rt_notebook.render.marks import Mark
from cursus_rt_notebook.render.paths import moved
from cursus_rt_notebook.render.scene import Edge, Node, Scene
from cursus_rt_notebook.render.shapes import Shape, Text
from cursus_rt_notebook.render.states import PALETTE

_FONT = "system-ui,'Noto Sans','DejaVu Sans',sans-serif"


def draw(scene: Scene) -> Markup:
    """The scene as one SVG element: every step a group that a keyboard and a screen reader can reach."""
    return tag(
        "svg",
        tag("g", *map(_edge, scene.edges), class_="crt-edges", aria_hidden="true"),
        *map(_mark, scene.marks),
        *map(_node, scene.nodes),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {scene.width} {scene.height}",
        width=scene.width,
        height=scene.height,
        class_="crt-dag",
        role="group",
        aria_label=scene.label,
        font_family=_FONT,
    )


def _node(node: Node) -> Markup:
    return tag(
        "g",
        tag("title", node.title),
        *map(_item, node.items),
        class_=f"crt-node crt-{node.look}",
        data_step=node.step[:1000],
        role="img",
        aria_label=node.label,
    )


def _edge(edge: Edge) -> Markup:
    title = tag("title", edge.link.lines) if edge.link else None
    return tag("g", title, *map(_item, edge.items))


def _mark(mark: Mark) -> Markup:
    title = tag("title", mark.label)
    return tag("g", title, *map(_item, mark.items), class_="crt-lost", role="img", aria_label=mark.label)


def _item(item: Shape | Text) -> Markup:
    return _shape(item) if isinstance(item, Shape) else _text(item)


def _shape(shape: Shape) -> Markup:
    return tag(
        "path",
        d=moved(shape.path, shape.at),
        fill=_colour(shape.fill),
        stroke=_colour(shape.stroke) if shape.stroke else None,
        stroke_width=f"{shape.width:g}" if shape.stroke else None,
        stroke_dasharray="3 2" if shape.dashed else None,
        stroke_linecap="round" if shape.part == "glyph" else None,
        class_=f"crt-{shape.part}" if shape.part else None,
    )


def _text(text: Text) -> Markup:
    return tag(
        "text",
        join([text.text]),
        *([tag("title", text.title)] if text.title else []),
        x=f"{text.at[0]:.1f}",
        y=f"{text.at[1]:.1f}",
        font_size=f"{text.size:.1f}",
        font_weight="600" if text.bold else None,
        text_anchor="middle" if text.centred else None,
        fill=_colour(text.colour),
    )


def _colour(name: str | None) -> str:
    return f"var(--crt-{name},{PALETTE[name][0]})" if name else "none"
