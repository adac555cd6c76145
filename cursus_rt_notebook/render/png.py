"""A scene as PNG, for a saved notebook: the one form that every reader shows, trusted or not, on white and on black.

Drawn with matplotlib's objects, never with pyplot: no global state is read or changed.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.render.paths import commands
from cursus_rt_notebook.render.scene import Scene
from cursus_rt_notebook.render.shapes import Shape, Text
from cursus_rt_notebook.render.states import PALETTE

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path

_DPI = 72.0  # a point is a CSS pixel
_SCALES = (2.0, 1.5, 1.0)
_PALETTE_SIZE = 64
# Outside the boxes a picture lies on whatever the page has: these read on white and on black.
_COLOURS = {name: light for name, (light, _) in PALETTE.items()} | {
    "edge": "#8a919b",
    "label": "#74767a",
    "line": "#c3c8cf",
    "brand": "#2f7bd6",
    "pause": "#a36800",
}
_FALLBACKS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Micro Hei", "Hiragino Sans", "Microsoft YaHei")


def draw(scene: Scene) -> tuple[bytes, int, int]:
    """The picture, and its width and height on the page; sharp on a screen of high density unless that is too large."""
    picture = b""
    for scale in _SCALES:
        picture = _draw(scene, scale)
        if len(picture) <= settings.PAUSE_PICTURE:
            break
    return picture, scene.width, scene.height


def _draw(scene: Scene, scale: float) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(scene.width / _DPI, scene.height / _DPI), dpi=_DPI * scale, frameon=False)
    figure.set_layout_engine("none")
    canvas = FigureCanvasAgg(figure)
    for item in (item for one in (*scene.edges, *scene.marks, *scene.nodes) for item in one.items):
        figure.add_artist(_artist(item, scene.height, figure))
    canvas.draw()
    return compressed(canvas)


def compressed(canvas: Any, keep: Iterable[str] = ()) -> bytes:
    """What was drawn on an Agg canvas, as a PNG of few colours; among them those of `keep`, however rare they are."""
    import numpy as np
    from PIL import Image

    pixels = np.asarray(canvas.buffer_rgba())
    indices, palette = _palette(pixels.reshape(-1, 4), [(*bytes.fromhex(colour[1:]), 255) for colour in keep])
    image = Image.fromarray(indices.reshape(pixels.shape[:2]), "P")
    image.putpalette(palette.tobytes(), "RGBA")
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True, transparency=palette[:, 3].tobytes())
    return buffer.getvalue()


def _palette(pixels: Any, keep: list[tuple[int, ...]]) -> tuple[Any, Any]:
    """A palette keeps a graph to a third of its size: its frequent colours exactly, the rest by the nearest of them."""
    import numpy as np

    flat = pixels.view(np.uint32).ravel()
    # Neighbours are alike: counting runs of a colour is ten times faster than counting pixels.
    starts = np.flatnonzero(np.diff(flat, prepend=~flat[:1]))
    lengths = np.diff(starts, append=len(flat))
    colours, inverse = np.unique(flat[starts], return_inverse=True)
    kept = np.argsort(np.bincount(inverse, weights=lengths))[::-1][:_PALETTE_SIZE]
    values = colours.view(np.uint8).reshape(-1, 4).astype(np.int32)
    chosen = np.concatenate([np.array(keep, np.int32).reshape(-1, 4), values[kept]])
    nearest = ((values[:, None, :] - chosen[None, :, :]) ** 2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    return np.repeat(nearest[inverse], lengths), chosen.astype(np.uint8)


def _artist(item: Shape | Text, height: float, figure: Figure) -> Any:
    from matplotlib.transforms import Affine2D

    # From pixels below the top left corner to dots above the bottom left one.
    pixels = Affine2D().translate(0, -height).scale(1 / _DPI, -1 / _DPI) + figure.dpi_scale_trans
    artist = _patch(item) if isinstance(item, Shape) else _label(item)
    artist.set_transform(pixels if isinstance(item, Text) else Affine2D().translate(*item.at) + pixels)
    # What the user set for plots of their own is not meant for this one.
    artist.set_sketch_params(None)
    artist.set_path_effects([])
    return artist


def _patch(shape: Shape) -> Any:
    from matplotlib.patches import PathPatch

    return PathPatch(
        _path(shape.path),
        facecolor=_COLOURS[shape.fill] if shape.fill else "none",
        edgecolor=_COLOURS[shape.stroke] if shape.stroke else "none",
        linewidth=shape.width if shape.stroke else 0,
        linestyle=(0, (3, 2)) if shape.dashed else "-",
        capstyle="round" if shape.part == "glyph" and not shape.dashed else "butt",
        joinstyle="miter",
        antialiased=True,
        hatch=None,
    )


def _label(text: Text) -> Any:
    from matplotlib.text import Text as Artist

    return Artist(
        *text.at,
        drawable(text.text, bold=text.bold),
        fontproperties=font(bold=text.bold),
        fontsize=text.size,
        color=_COLOURS[text.colour],
        horizontalalignment="center" if text.centred else "left",
        verticalalignment="baseline",
        parse_math=False,
        usetex=False,
        antialiased=True,
    )


@lru_cache(maxsize=512)
def _path(path: str) -> Path:
    from matplotlib.path import Path

    code = {"M": Path.MOVETO, "L": Path.LINETO, "C": Path.CURVE4}
    points: list[tuple[float, float]] = []
    codes: list[Any] = []
    for letter, at in commands(path):
        points += at or ((0.0, 0.0),)
        codes += [code[letter]] * len(at) if at else [Path.CLOSEPOLY]
    return Path(points, codes)


@lru_cache(maxsize=2)
def font(*, bold: bool = False) -> FontProperties:
    """The font of our pictures, whatever the user chose for theirs."""
    from matplotlib.font_manager import FontProperties, fontManager

    known = {each.name for each in fontManager.ttflist}
    families = ["DejaVu Sans", *(name for name in _FALLBACKS if name in known)]
    return FontProperties(family=families, weight="bold" if bold else "normal", size=10)


def drawable(text: str, *, bold: bool = False) -> str:
    """The text, in the characters that there are a font for."""
    # matplotlib warns of each character no font has; a hollow square says the same.
    return text if text.isascii() else "".join(c if ord(c) in _characters(bold=bold) else "□" for c in text)


@lru_cache(maxsize=2)
def _characters(*, bold: bool) -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, fontManager, get_font

    found: set[int] = set()
    for family in font(bold=bold).get_family():
        one = FontProperties(family=[family], weight="bold" if bold else "normal")
        found |= set(get_font(fontManager.findfont(one, fallback_to_default=False)).get_charmap())
    return frozenset(found)
