"""Numbers that look drawn but are not: the i-th is known without the others, and different for different i.

So a column of different values needs no memory of those it has had, and two tables that number alike have keys in common.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from cursus_rt_notebook.errors import DataError

if TYPE_CHECKING:
    import numpy as np

LARGEST: Final = 1 << 31  # so that products of two stay within 64 bits
_GOLDEN: Final = 0x9E3779B97F4A7C15


def key_of(seed: int, *names: str) -> tuple[int, ...]:
    """What makes one column's numbers, of all that this seed gives, its own.

    Raises:
        DataError: the seed is no whole number.
    """
    if not isinstance(seed, int):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise DataError(f"seed={seed!r} is no seed", fix="give a whole number")
    return (seed & 0xFFFFFFFF, *(zlib.crc32(name.encode("utf-8", "replace")) for name in names))


def evenly(count: int, rng: np.random.Generator) -> np.ndarray:
    """Numbers in [0, 1) in any order, one in each of `count` equal parts: shares come out as they should, however few."""
    return (rng.permutation(count) + rng.random(count)) / max(1, count)


def shuffled(index: np.ndarray, size: int, key: tuple[int, ...]) -> np.ndarray:
    """Each of the numbers below `size` in another's place; `size` at most `LARGEST`."""
    import numpy as np

    rng = np.random.default_rng(key)
    factor = int(rng.integers(size // 2, size)) if size > 2 else 1
    while np.gcd(factor, size) != 1:
        factor += 1
    shift = int(rng.integers(size))
    return (index.astype(np.int64) % size * factor + shift) % size


def mixed(index: np.ndarray, key: tuple[int, ...]) -> np.ndarray:
    """A number of 64 bits for each, without visible order, and seldom the same for two."""
    import numpy as np

    start = np.random.default_rng(key).integers(1 << 63, dtype=np.uint64)
    bits = (index.astype(np.uint64) + start) * np.uint64(_GOLDEN)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
    return bits ^ (bits >> np.uint64(31))


def edge(edges: tuple[float, ...], share: np.ndarray) -> np.ndarray:
    """The numbers that lie after these shares of all that lie between the edges, counted from the first edge."""
    import numpy as np

    offsets = np.array([value - edges[0] for value in edges], float)
    return np.interp(share, np.linspace(0, 1, len(edges)), offsets)
