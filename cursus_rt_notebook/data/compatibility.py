"""Whether what a step writes is what another expects: four levels, and the rules that lead to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How well a table is what is expected of it, the best first."""

    STRICT = "strict"
    COMPATIBLE = "compatible"
    CONVERTIBLE = "convertible"
    INCOMPATIBLE = "incompatible"


@dataclass(frozen=True)
class Difference:
    """One column that is not what is expected.

    `kind` is one of added, missing, type and nullable; `expected` and `found` are types, or words for them. Of the
    values that do not fit, `failing` counts the rows and `rows` holds the numbers of the first, from 0.
    """

    column: str
    kind: str
    level: Level
    message: str
    fix: str = ""
    expected: str = ""
    found: str = ""
    failing: int = 0
    rows: tuple[int, ...] = ()


def worst(levels: Iterable[Level]) -> Level:
    """The worst of some levels; strict if there are none."""
    order = tuple(Level)
    return max(levels, key=order.index, default=Level.STRICT)
