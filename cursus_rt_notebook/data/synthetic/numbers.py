"""Numbers and times between edges: drawn, or numbered so that all are different."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cursus_rt_notebook.data.synthetic.numbering import LARGEST, edge, shuffled
from cursus_rt_notebook.data.synthetic.recipe import Spread

if TYPE_CHECKING:
    import numpy as np


def spread(made: Spread, share: np.ndarray) -> np.ndarray:
    """Numbers as far apart as in the sample; of times and large integers no digit is lost."""
    low, high = made.infinite
    finite = ((share - low) / max(1e-12, 1 - low - high)).clip(0, 1)
    numbers = _stepped(made, edge(made.edges, finite))
    if low or high:
        numbers = numbers.astype(float)
        numbers[share < low], numbers[share >= 1 - high] = -math.inf, math.inf
    return numbers


def _stepped(made: Spread, offset: np.ndarray) -> np.ndarray:
    """The first edge and so much more, in whole steps."""
    import numpy as np

    low, step = made.edges[0], made.step
    if not step:
        return low + offset
    whole = (offset / step).round()
    if isinstance(low, int) and isinstance(step, int):
        return np.int64(low) + whole.astype(np.int64) * step
    digits = max(0, round(-math.log10(step)))
    return (low + whole * step).round(digits)


def spaced(made: Spread, number: np.ndarray, key: tuple[int, ...], run: int) -> np.ndarray:
    """Different numbers within the edges, and beyond them only when there are no more; so many in a `run` are neighbours.

    Tables are joined by times with a lag, too: there has to be something an hour earlier.
    """
    import numpy as np

    low, high = made.edges[0], made.edges[-1]
    step = made.step or max((high - low) / LARGEST, 1e-9)
    room = int((high - low) / step) + 1
    runs = min(max(1, room // run), LARGEST)
    size = runs * run if room >= run else room
    place = shuffled(number // run, runs, key) * (room // size) * run + number % run
    place = np.where(number < size, place, room + number - size)
    stepped = Spread((low, high), step) if made.step else Spread((float(low), float(high)))
    return _stepped(stepped, place * step)
