"""Rows that a table had and has no more, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.data.query import PageColumn

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Trait:
    """What nearly all gone rows have in common and few others: `kind` says how the column is told.

    `missing`: it has no value in the share `gone` of the gone rows, and in `kept` of the others. `value`: so it is with
    the values in `texts`. `range`: the gone rows lie from the first of `texts` to the second, the others from the
    third to the fourth, apart from each other.
    """

    column: str
    kind: str
    texts: tuple[str, ...] = ()
    gone: float = 1.0
    kept: float = 0.0


@dataclass(frozen=True)
class GoneRows:
    """The rows of an earlier table that are in none of the present ones.

    `key` are the columns that tell its rows apart, empty where none do: then nothing was compared, and `repeated` counts
    the rows that are there more than once. `count` rows of `total` are gone, `positions` are their numbers (from 0, over
    all parts of the earlier table in a row); `moved` left it for other tables. `cells` are the first of the gone rows as
    text, None where missing, in the order of `columns`, the key first; `more` columns are not among them. `cut` lists the cells not shown whole: row, column, length.
    """

    key: tuple[str, ...]
    repeated: int
    count: int
    total: int
    positions: np.ndarray
    moved: int = 0
    columns: tuple[PageColumn, ...] = ()
    more: int = 0
    cells: tuple[tuple[str | None, ...], ...] = ()
    cut: tuple[tuple[int, int, int], ...] = ()
    traits: tuple[Trait, ...] = ()


def gone_from(answer: dict[str, Any], positions: np.ndarray) -> GoneRows:
    """The rows in a reader's answer."""
    fields: dict[str, Any] = {
        **answer,
        "key": tuple(answer["key"]),
        "columns": tuple(PageColumn(*column) for column in answer["columns"]),
        "cells": tuple(map(tuple, answer["cells"])),
        "cut": tuple(map(tuple, answer["cut"])),
        "traits": tuple(map(_trait, answer["traits"])),
    }
    return GoneRows(positions=positions, **fields)


def _trait(told: dict[str, Any]) -> Trait:
    return Trait(told["column"], told["kind"], tuple(told["texts"]), told["gone"], told["kept"])
