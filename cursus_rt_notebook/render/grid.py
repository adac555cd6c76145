"""Tables of pages: rows of cells, with or without names above them."""

from __future__ import annotations

from collections.abc import Iterable

from cursus_rt_notebook.render.html import Child, Markup, tag
from cursus_rt_notebook.render.look import LEFT


def grid(rows: Iterable[Markup], head: Markup | None = None, *, below: Child = None, bare: bool = False) -> Markup:
    """A table in a frame that scrolls; `below` is what stands in the frame under it, `bare` is without lines."""
    above = tag("thead", head) if head is not None else None
    return tag(
        "div", tag("table", above, tag("tbody", *rows)), below, class_="crt-grid crt-bare" if bare else "crt-grid"
    )


def text_row(cells: Iterable[Child]) -> Markup:
    """A row of cells, each at the left."""
    return tag("tr", *(tag("td", cell, **LEFT) for cell in cells))


def head_row(cells: Iterable[Child]) -> Markup:
    """The row of names above the others."""
    return tag("tr", *(tag("th", cell, **LEFT) for cell in cells))
