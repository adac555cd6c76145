"""The names of steps in their boxes: whole, in two lines where one is too short for them.

A line ends where a word of the name does. What an underscore or a space between two lines would say, the break says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor
from typing import Final

from cursus_rt_notebook.render.chars import one_line
from cursus_rt_notebook.render.geometry import BOX_HEIGHT, BOX_WIDTH, Size
from cursus_rt_notebook.render.shapes import SMALLEST, fitted, text_width

NAME_SIZE: Final = 12.5
# What stands beside a name in its box: the bar and the sign of the state at its left, air at its right.
ASIDE: Final = 34.0
LINE: Final = 14.0
_WIDEST = 188.0
_LONGEST = 200
_BETWEEN_WORDS = re.compile(r"(?<=[^\W_])[_ ](?=[^\W_])|(?<=[-./:])(?=[^\W_])")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Labels:
    """How the names of a graph's steps are written: how wide the boxes are, one size for all names where some are long.

    `size` is None where each name has a line to itself, in a size of its own.
    """

    width: float
    size: float | None

    @property
    def room(self) -> float:
        """How wide a line may be."""
        return self.width - ASIDE

    def lines(self, name: str, aside: float = 0.0) -> tuple[tuple[str, float], ...]:
        """A name's lines, one or two, each with the size of its letters; cut in the middle where even two are too short.

        `aside` is what stands beside the last line, which is the shorter of two.
        """
        return _lines(self, name, aside)

    def box(self, name: str) -> Size:
        """Width and height of a step's box: it depends on the name alone, so that no change of state moves anything."""
        return self.width, BOX_HEIGHT + LINE * (len(self.lines(name)) - 1)


@lru_cache(maxsize=256)
def labels(names: tuple[str, ...]) -> Labels:
    """How to write these names, in the narrowest boxes that have room for them."""
    shown = [one_line(name[:_LONGEST]) for name in names]
    smallest = NAME_SIZE * SMALLEST
    if all(_width(name, smallest) <= BOX_WIDTH - ASIDE for name in shown):
        return Labels(BOX_WIDTH, None)
    longest = max(min(_widths(name)) for name in shown)
    room = min(max(float(ceil(longest)), BOX_WIDTH - ASIDE), _WIDEST - ASIDE)
    if longest * SMALLEST > room:  # some are broken inside a word
        longest = max(max(_width(line, NAME_SIZE) for line in _broken(name, room, smallest)) for name in shown)
    # Rounded down: what was just seen to fit must fit in that size, too.
    size = floor(min(NAME_SIZE * room / longest, NAME_SIZE) * 100) / 100
    return Labels(room + ASIDE, max(size, smallest))


# A graph is drawn again with every change of its state.
@lru_cache(maxsize=4096)
def _lines(labels: Labels, name: str, aside: float) -> tuple[tuple[str, float], ...]:
    if labels.size is None:
        return (fitted(name, NAME_SIZE, labels.room - aside, bold=True),)
    *above, last = _broken(one_line(name[:_LONGEST]), labels.room, labels.size)
    whole = (fitted(line, labels.size, labels.room, bold=True) for line in above)
    return *whole, fitted(last, labels.size, labels.room - aside, bold=True)


def _widths(name: str) -> Iterator[float]:
    for lines in ((name,), *_splits(name, _BETWEEN_WORDS)):
        yield max(_width(line, NAME_SIZE) for line in lines)


def _broken(name: str, room: float, size: float) -> Sequence[str]:
    """A name in one line if that has room for it, else in two: at the end of a word, or where that helps inside one."""
    if _width(name, size) <= room:
        return (name,)

    def longer(lines: Sequence[str]) -> float:
        return max(_width(line, size) for line in lines)

    found = sorted(_splits(name, _BETWEEN_WORDS), key=longer)
    if found and longer(found[0]) <= room:
        return found[0]
    return min([*found, *_splits(name, _HUMPS), (name,)], key=longer)


def _splits(name: str, where: re.Pattern[str]) -> list[tuple[str, str]]:
    return [(name[: at.start()], name[at.end() :]) for at in where.finditer(name)]


def _width(text: str, size: float) -> float:
    return text_width(text, size, bold=True)
