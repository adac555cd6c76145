"""Shapes and texts: what every drawing of ours is made of, with no markup and no library in it.

Colours are names in `states.PALETTE`; each drawing has its own values for them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from math import hypot
from typing import Final

from cursus_rt_notebook.render.chars import cut_middle, one_line
from cursus_rt_notebook.render.geometry import Arrow, Point

SMALLEST: Final = 0.86  # of its size, before a text is cut
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
    """One line of text; `at` is its left end (or its middle) on the base line. `title` tells more when pointed at."""

    text: str
    at: Point
    size: float
    colour: str
    bold: bool = False
    centred: bool = False
    title: str = ""


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


def arrow_shapes(arrow: Arrow, colour: str, *, width: float, dashed: bool) -> tuple[Shape, Shape]:
    """An arrow's line and its head."""
    (x, y), *rest = arrow.curve
    chain = "".join(_cubic(rest[i : i + 3]) for i in range(0, len(rest), 3))
    line = Shape(f"M{x:.1f} {y:.1f}{chain}", stroke=colour, width=width, dashed=dashed, part="wire")
    return line, Shape(_head(arrow.curve[-1], arrow.tip), fill=colour, part="tip")


def fitted(text: str, size: float, room: float, *, bold: bool = False) -> tuple[str, float]:
    """`text` and the size to write it in so that it fits: a little smaller if that is enough, else cut in the middle."""
    text = one_line(text[:200])
    needed = text_width(text, size, bold=bold)
    if needed > room:
        size = max(size * room / needed, size * SMALLEST)
    # A size that was made to fit may exceed the room by a rounding.
    while text_width(text, size, bold=bold) > room + 0.01 and len(text) > 3:
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


def _cubic(points: list[Point]) -> str:
    return "C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _head(base: Point, tip: Point) -> str:
    (bx, by), (tx, ty) = base, tip
    length = hypot(tx - bx, ty - by) or 1.0
    # Across the arrow, half as wide as it is long.
    ax, ay = (ty - by) / length * 3.2, (bx - tx) / length * 3.2
    return f"M{tx:.1f} {ty:.1f}L{bx + ax:.1f} {by + ay:.1f}L{bx - ax:.1f} {by - ay:.1f}Z"
