r"""What a step printed: colours kept, every other control sequence shown, lines drawn over one another folded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars
from cursus_rt_notebook.render.html import Markup, join, tag
from cursus_rt_notebook.render.look import look

_COLOUR = re.compile(r"\x1b\[([0-9;]{0,20})m")
_LINE = 400
# Eight colours that read on white and on black; the bright ones are the same.
_SHADES = ("#74767a", "#c9463d", "#3a8a55", "#a06f12", "#2f7bd6", "#a356b8", "#1c8590", "#74767a")


def tail(log: str, lines: int, *, characters: int = 4_000) -> str:
    """The last lines of a log as they stood on the screen: of a line redrawn by carriage returns its last form."""
    kept = _last(log, lines, characters)
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in kept)


def plain(log: str) -> str:
    """A log without its colours, every other control character shown."""
    return chars.visible(Redactor().text(_COLOUR.sub("", log)))


def as_html(log: str) -> Markup:
    """A log as a block of text, its colours as spans."""
    pieces = (_piece(style, text) for style, text in styled(Redactor().text(log)))
    return tag("pre", join(pieces), **look("log"))


@dataclass(frozen=True)
class Style:
    """How a piece of a log looks: one of eight colours, by its number, and whether it is bold."""

    colour: int | None = None
    bold: bool = False

    @property
    def css(self) -> str:
        """The same as CSS."""
        bold = ["font-weight:bold"] if self.bold else []
        return ";".join(bold if self.colour is None else [*bold, f"color:{_SHADES[self.colour]}"])


def styled(log: str) -> Iterator[tuple[Style, str]]:
    """The pieces of a log, each with its look, without the sequences that gave it."""
    style = Style()
    position = 0
    for match in _COLOUR.finditer(log):
        if match.start() > position:
            yield style, log[position : match.start()]
        style = _next_style(style, match[1])
        position = match.end()
    if position < len(log):
        yield style, log[position:]


def _last(log: str, lines: int, characters: int) -> list[str]:
    kept = [chars.cut_long(line, _LINE) for line in log.rstrip("\n").split("\n")[-lines:]]
    while len(kept) > 1 and sum(map(len, kept)) > characters:
        kept.pop(0)
    return kept


def _piece(style: Style, text: str) -> Markup:
    return tag("span", text, style=style.css) if style.css else join([text])


def _next_style(style: Style, codes: str) -> Style:
    for code in codes.split(";"):
        number = int(code or 0)
        if number == 0:
            style = Style()
        elif number in {1, 22}:
            style = replace(style, bold=number == 1)
        elif number == 39:
            style = replace(style, colour=None)
        elif number in {38, 48}:
            break  # 256 colours and true colour: the text is what matters
        elif 30 <= number <= 37 or 90 <= number <= 97:
            style = replace(style, colour=number % 10)
    return style
