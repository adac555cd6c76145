"""Paths of M, L, C and Z commands as numbers."""

from __future__ import annotations

import re
from functools import lru_cache

_COMMAND = re.compile(r"([MLCZ])([^MLCZ]*)")

Command = tuple[str, tuple[tuple[float, float], ...]]


@lru_cache(maxsize=512)
def commands(path: str) -> tuple[Command, ...]:
    """The commands of a path, each with its points."""
    found: list[Command] = []
    for letter, numbers in _COMMAND.findall(path):
        values = [float(n) for n in numbers.split()]
        found.append((letter, tuple(zip(values[::2], values[1::2], strict=True))))
    return tuple(found)


def moved(path: str, by: tuple[float, float]) -> str:
    """The same path elsewhere."""
    if by == (0.0, 0.0):
        return path
    return "".join(
        letter + " ".join(f"{x + by[0]:.2f} {y + by[1]:.2f}" for x, y in points) for letter, points in commands(path)
    )
