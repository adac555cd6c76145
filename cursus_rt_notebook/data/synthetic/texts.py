"""Texts: of given shapes, lengths and patterns, and by their name."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.synthetic.numbering import LARGEST, edge, mixed, shuffled
from cursus_rt_notebook.data.synthetic.recipe import Named, Pattern, Prose, Shapes
from cursus_rt_notebook.errors import DataError

if TYPE_CHECKING:
    import numpy as np

# No vowels: "NA", "null" and "inf" are no values to who reads a CSV, and 1E5 is a number.
CLASSES: Final = {"digit": "0123456789", "upper": "BCDFGHJKLMNPQRSTVWXYZ", "lower": "bcdfghjklmnpqrstvwxyz"}
_PERIOD: Final = 1_000  # shapes come in their shares within so many texts


def shaped(shapes: Shapes, index: np.ndarray, key: tuple[int, ...], *, unique: bool = True) -> np.ndarray:
    """The texts with these numbers; different for different numbers if they are `unique`, and longer if they must be."""
    import numpy as np

    which, before, within = _shares(shapes.weights, key)
    period, place = np.divmod(index, _PERIOD)
    result = np.empty(len(index), object)
    for number, shape in enumerate(shapes.shapes):
        chosen = which[place] == number
        rank = period[chosen] * within[number] + before[place[chosen]]
        result[chosen] = _of_shape(shape, rank if unique else rank % _capacity(shape), (*key, number))
    return result


def prose(lengths: Prose, share: np.ndarray, rng: np.random.Generator) -> Iterator[str]:
    """Texts of words, after these shares of all lengths."""
    wanted = (lengths.lengths[0] + edge(lengths.lengths, share)).round().astype(int)
    words = _words()
    starts = rng.integers(len(words), size=len(wanted))
    strides = rng.integers(1, len(words), size=len(wanted))
    for length, start, stride in zip(wanted.tolist(), starts.tolist(), strides.tolist(), strict=True):
        text, place = "", start
        while len(text) < length:
            text += f" {words[place]}" if text else words[place].capitalize()
            place = (place + stride) % len(words)
        yield text[:length].rstrip() or "x" * length


class Pool:
    """Values made one by one, as a pattern or a name says; the i-th is the same in every table that asks.

    Args:
        made: What makes them.
        key: What makes them this column's own.
    """

    def __init__(self, made: Pattern | Named, key: tuple[int, ...]) -> None:
        self._made = made
        self._values: list[str] = []
        self._some: list[str] = []
        self._endless = _matching(made.regex, key) if isinstance(made, Pattern) else _named(made.what, key)
        self._had: set[str] = set()

    def numbered(self, index: np.ndarray) -> list[str]:
        """The values with these numbers, different for different numbers.

        Raises:
            DataError: there are not so many.
        """
        self._fill(int(index.max()) + 1 if len(index) else 0)
        return [self._values[i] for i in index]

    def drawn(self, share: np.ndarray) -> list[str]:
        """Some of the values, one for each share."""
        self._some = self._some or list(islice(self._endless, settings.SYNTHETIC_POOL))
        return [self._some[int(one * len(self._some))] for one in share]

    def _fill(self, count: int) -> None:
        idle = 0
        while len(self._values) < count:
            value = next(self._endless)
            idle = idle + 1 if value in self._had else 0
            if idle > settings.SYNTHETIC_POOL:
                value = self._further(len(self._values))
            if value not in self._had:
                self._had.add(value)
                self._values.append(value)

    def _further(self, number: int) -> str:
        if isinstance(self._made, Pattern):
            raise DataError(
                f"there are only {number:,} different texts, or few more, that match {self._made.regex!r}",
                fix="ask for fewer rows, or for a column whose values may repeat",
            )
        value = next(self._endless)
        name, at, domain = value.partition("@")
        return f"{name}{number}{at}{domain}"


def one_matching(regex: str) -> str:
    """A text that matches a regular expression, always the same."""
    return next(_matching(regex, ()))


def _shares(weights: Iterable[float], key: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Within a period: which shape each place has, how many places before it have the same, and how many each has."""
    import numpy as np

    rng = np.random.default_rng(key)
    shares = np.cumsum(list(weights))
    points = (np.arange(_PERIOD) + 0.5) / _PERIOD * shares[-1]
    which = rng.permutation(np.searchsorted(shares, points, side="right").clip(max=len(shares) - 1))
    before = np.zeros(_PERIOD, np.int64)
    counts = [0] * len(shares)
    for place, number in enumerate(which):
        before[place], counts[number] = counts[number], counts[number] + 1
    return which, before, counts


def _of_shape(shape: tuple[str, ...], rank: np.ndarray, key: tuple[int, ...]) -> np.ndarray:
    import numpy as np

    letters = np.empty((len(rank), max(1, len(shape))), np.uint32)
    capacity = _capacity(shape)
    rest, left = shuffled(rank, capacity, key), capacity
    for place, mark in enumerate(shape):
        alphabet = np.array([ord(letter) for letter in CLASSES.get(mark, mark)], np.uint32)
        if left > 1:
            choice, rest, left = rest % len(alphabet), rest // len(alphabet), -(-left // len(alphabet))
        else:  # the number is used up: what follows need not be different
            choice = mixed(rank, (*key, place)) % np.uint64(len(alphabet))
        letters[:, place] = alphabet[choice]
    texts = letters.view(f"<U{letters.shape[1]}").ravel().astype(object)
    again = rank // capacity
    return np.array(
        [f"{text}{more}" if more else text for text, more in zip(texts, again.tolist(), strict=True)], object
    )


def _capacity(shape: tuple[str, ...]) -> int:
    capacity = 1
    for mark in shape:
        capacity = min(LARGEST, capacity * len(CLASSES.get(mark, "x")))
    return capacity


def _words() -> list[str]:
    from mimesis import Text
    from mimesis.locales import Locale

    text = Text(Locale.EN, seed=0)
    return sorted({word.lower() for word in text.words(quantity=400)})


def _matching(regex: str, key: tuple[int, ...]) -> Iterator[str]:
    import rstr

    made = rstr.Rstr(random.Random(str(key)))  # noqa: S311  # made-up values
    while True:
        yield made.xeger(regex)


def _named(what: str, key: tuple[int, ...]) -> Iterator[str]:
    from mimesis import Generic
    from mimesis.locales import Locale

    provider, _, method = what.partition(".")
    make: Callable[[], Any] = getattr(getattr(Generic(Locale.EN, seed=key[-1] ^ key[0]), provider), method)
    while True:
        yield str(make())
