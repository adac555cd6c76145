"""The timeline of a run as a picture: a bar for each step, and the memory of all of them under it.

Drawn with matplotlib's objects, never with pyplot, and in colours and fonts of its own: no global state is read or
changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.render import chars, spans, words
from cursus_rt_notebook.render.png import compressed, drawable, font
from cursus_rt_notebook.render.spans import Row, Spans
from cursus_rt_notebook.render.states import PALETTE, STATES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cursus_rt_notebook.engine.timeline import Timeline

_WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM = 9.6, 1.9, 0.25, 0.55, 0.3  # inches
_MEMORY, _GAP = 1.15, 0.12
_NOTE = 0.18
_DPI, _SCALES = 96, (2.0, 1.5, 1.0)
_NAME = 30
_CHARACTER = 0.6  # of the font's size: how wide one is, about
_COLOUR = {name: light for name, (light, _) in PALETTE.items()}
_LIMIT_SHOWN = 3.0  # a limit that is farther above the peak than this would flatten the curve


def picture(timeline: Timeline) -> tuple[bytes, int, int]:
    """The figure as PNG, and its width and height on the page; sharp on a screen of high density unless too large."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    drawn, png = figure(timeline), b""
    for scale in _SCALES:
        drawn.set_dpi(_DPI * scale)
        canvas = FigureCanvasAgg(drawn)
        canvas.draw()
        png = compressed(canvas, _COLOUR.values())
        if len(png) <= settings.TIMELINE_PICTURE:
            break
    width, height = drawn.get_size_inches()
    return png, round(width * _DPI), round(height * _DPI)


def figure(timeline: Timeline) -> Figure:
    """The figure: rows from above in the order in which the steps began, then memory over the same axis."""
    from matplotlib.figure import Figure

    told = spans.of_timeline(timeline)
    size, pitch = _fonts(len(told.rows))
    rows, memory = max(len(told.rows), 1) * pitch, _MEMORY + _GAP if told.memory else 0.0
    bottom = _BOTTOM + (_NOTE if told.note else 0.0)
    height = _TOP + rows + memory + bottom
    drawn = Figure(figsize=(_WIDTH, height), dpi=_DPI, facecolor="white")
    drawn.set_layout_engine("none")
    wide = (_WIDTH - _LEFT - _RIGHT) / _WIDTH
    upper = _axes(drawn, (_LEFT / _WIDTH, (bottom + memory) / height, wide, rows / height), told)
    upper.set_ylim(len(told.rows) - 0.5, -0.5)
    for at, row in enumerate(told.rows):
        _draw_row(upper, at, row, told.span, size)
    lowest = upper
    if told.memory:
        lowest = _axes(drawn, (_LEFT / _WIDTH, bottom / height, wide, _MEMORY / height), told)
        _draw_memory(lowest, told)
    _draw_ticks(lowest, told, _MEMORY if told.memory else rows)
    _draw_head(drawn, told, height)
    return drawn


def _fonts(rows: int) -> tuple[float, float]:
    """The size of the text in points, and the height of a row in inches: a hundred rows still fit on a page."""
    return (8.5, 0.27) if rows <= 15 else (7.5, 0.19) if rows <= 45 else (6.5, 0.135)


def _axes(drawn: Figure, place: tuple[float, float, float, float], told: Spans) -> Axes:
    axes = drawn.add_axes(place, facecolor="white")
    axes.set_xlim(0, told.span)
    axes.set_axisbelow(True)
    axes.tick_params(axis="both", length=0, labelleft=False, labelbottom=False, left=False, bottom=False)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set(visible=True, color=_COLOUR["line"], linewidth=0.8)
    for at, _ in told.ticks:
        axes.axvline(at, color=_COLOUR["line"], linewidth=0.6, linestyle="-", zorder=0)
    for at in told.standstills:
        axes.axvline(at, color=_COLOUR["dim"], linewidth=0.8, linestyle=(0, (3, 3)), zorder=1)
    return axes


def _draw_row(axes: Axes, at: int, row: Row, span: float, size: float) -> None:
    _text(axes, -0.01, at, chars.cut(row.step, _NAME), size, x_is_share=True, ha="right")
    if at % 2:
        axes.axhspan(at - 0.5, at + 0.5, color=_COLOUR["surface"], linewidth=0, zorder=-1)
    for one in row.tried:
        tone = STATES[one.look]
        _bar(axes, at, one.start, one.end, 0.6, span, tone.colour, face=_tint(tone.colour), hatch="////")
    if row.start is None or row.end is None:
        _text(axes, 0.006, at, row.text, size, x_is_share=True, colour="dim")
        return
    tone = STATES[row.look]
    if row.thin:
        _bar(axes, at, row.start, row.start, 0.3, span, tone.colour, face=_tint(tone.colour), hatch="////")
    else:
        _bar(axes, at, row.start, row.end, 0.6, span, tone.colour, face=_COLOUR[tone.colour])
    _draw_text_beside(axes, at, row, span, size)


def _bar(
    axes: Axes, at: int, start: float, end: float, tall: float, span: float, edge: str, *, face: str, hatch: str = ""
) -> None:
    wide = max(end - start, span * 0.004)  # what took no time is still there
    axes.barh(
        at, wide, tall, start, facecolor=face, edgecolor=_COLOUR[edge], linewidth=0.7, hatch=hatch or None, zorder=2
    )


def _tint(colour: str) -> str:
    return _COLOUR.get(f"{colour}bg", _COLOUR["surface"])


def _draw_text_beside(axes: Axes, at: int, row: Row, span: float, size: float) -> None:
    """What is said of a bar: right of it, or left of it where there is more room, or on it where there is none."""
    assert row.start is not None
    assert row.end is not None
    inches = _WIDTH - _LEFT - _RIGHT
    first = min([row.start, *(one.start for one in row.tried)])
    room = (1 - row.end / span) * inches, first / span * inches
    wide = len(row.text) * size * _CHARACTER / 72 + 0.1
    colour = STATES[row.look].colour if row.look in {"failed", "running"} else "dim"
    if wide > max(room) and wide <= (row.end - row.start) / span * inches and not row.thin:
        _text(axes, row.end - span * 0.008, at, row.text, size, colour="onprimary", ha="right")
    elif wide <= room[0] or room[0] >= room[1]:
        fits = max(int((room[0] - 0.1) * 72 / size / _CHARACTER), 8)
        _text(axes, row.end + span * 0.008, at, chars.cut(row.text, fits), size, colour=colour)
    else:
        _text(axes, first - span * 0.008, at, chars.cut(row.text, 60), size, colour=colour, ha="right")


def _draw_memory(axes: Axes, told: Spans) -> None:
    seconds = [at for at, _ in told.memory]
    amounts = [memory for _, memory in told.memory]
    peak = max(amounts)
    axes.fill_between(seconds, amounts, color=_COLOUR["runbg"], linewidth=0, zorder=1)
    axes.plot(seconds, amounts, color=_COLOUR["run"], linewidth=1.2, linestyle="-", marker="", zorder=2)
    top = peak
    if told.machine <= peak * _LIMIT_SHOWN:
        top = max(top, told.machine)
        axes.axhline(told.machine, color=_COLOUR["fail"], linewidth=1, linestyle=(0, (5, 3)), zorder=3)
        _text(
            axes,
            0.006,
            told.machine,
            f"all there is: {words.size(told.machine)}",
            7,
            x_is_share=True,
            va="bottom",
            colour="fail",
        )
    for limit in told.limits:
        if limit.bytes <= peak * _LIMIT_SHOWN:
            top = max(top, limit.bytes)
            axes.hlines(limit.bytes, limit.start, limit.end, color=_COLOUR["fail"], linewidth=1.2, zorder=3)
            name = f"limit of {chars.cut(limit.step, _NAME)}: {words.size(limit.bytes)}"
            late = limit.start > told.span * 0.6
            at, side = (limit.end, "right") if late else (limit.start, "left")
            _text(axes, at, limit.bytes, name, 7, va="bottom", colour="fail", ha=side)
    axes.set_ylim(0, top * 1.3)
    at = seconds[amounts.index(peak)]
    late = at > told.span * 0.75
    axes.plot([at], [peak], color=_COLOUR["run"], marker="o", markersize=3.5, linestyle="", zorder=4)
    beside = at + told.span * (-0.008 if late else 0.008)
    _text(
        axes,
        beside,
        peak,
        f"peak {words.size(peak)} together",
        7.5,
        colour="run",
        va="bottom",
        ha="right" if late else "left",
    )
    _text(axes, -0.01, top * 0.65, "memory", 8, x_is_share=True, ha="right", colour="dim")


def _draw_ticks(axes: Axes, told: Spans, tall: float) -> None:
    for at, text in told.ticks:
        side = "right" if at > told.span * 0.97 else "center"
        _text(axes, at, -0.06 / tall, text, 7.5, colour="dim", va="top", ha=side, y_is_share=True)
    if told.note:
        axes.figure.text(_LEFT / _WIDTH, 0.01, _clean(told.note), **_look(7, "dim"), va="bottom", ha="left")


def _draw_head(drawn: Figure, told: Spans, height: float) -> None:
    top = 1 - 0.14 / height
    drawn.text(
        0.012, top, _clean(chars.cut(told.title, 60), bold=True), **_look(10, "ink", bold=True), va="top", ha="left"
    )
    drawn.text(0.012, 1 - 0.34 / height, _clean(chars.cut(told.subtitle, 150)), **_look(8, "dim"), va="top", ha="left")
    at = 1 - _RIGHT / _WIDTH
    for key in reversed(told.looks):
        word = STATES[key].word
        at -= (len(word) * 8 * _CHARACTER / 72) / _WIDTH
        drawn.text(at, top, word, **_look(8, "dim"), va="top", ha="left")
        at -= 0.16 / _WIDTH
        drawn.text(at, top, "■", **_look(8, STATES[key].colour), va="top", ha="left")
        at -= 0.12 / _WIDTH


def _text(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    colour: str = "ink",
    ha: str = "left",
    va: str = "center",
    x_is_share: bool = False,
    y_is_share: bool = False,
) -> None:
    across = axes.get_yaxis_transform() if x_is_share else axes.transData
    place = axes.get_xaxis_transform() if y_is_share else across
    axes.text(x, y, _clean(text), transform=place, ha=ha, va=va, clip_on=False, zorder=5, **_look(size, colour))


def _clean(text: str, *, bold: bool = False) -> str:
    return drawable(chars.one_line(text), bold=bold)


def _look(size: float, colour: str, *, bold: bool = False) -> dict[str, Any]:
    return {
        "fontproperties": font(bold=bold),
        "fontsize": size,
        "color": _COLOUR[colour],
        "parse_math": False,
        "usetex": False,
    }
