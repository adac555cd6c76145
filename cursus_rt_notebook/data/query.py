"""Questions about a table's rows and columns, and their answers, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict

NUMERIC: Final = frozenset({"int", "float", "decimal"})
TEMPORAL: Final = frozenset({"date", "datetime", "time", "duration"})


@dataclass(frozen=True)
class Sort:
    """One column to sort by. Missing values come last in both directions; rows that tie stay in their order."""

    column: str
    descending: bool = False

    @classmethod
    def of(cls, text: str) -> Sort:
        """Read `column`, or `-column` for descending."""
        return cls(text.removeprefix("-"), descending=text.startswith("-"))


SortOrder = str | Sort | Sequence[str | Sort]


def sort_order(sort: SortOrder) -> tuple[Sort, ...]:
    """The columns to sort by, the most important first."""
    given = (sort,) if isinstance(sort, (str, Sort)) else sort
    return tuple(Sort.of(one) if isinstance(one, str) else one for one in given)


class Window(TypedDict, total=False):
    """What part of a table a page shows; see `Reader.page`."""

    start: int
    rows: int
    first_column: int
    columns: int
    sort: SortOrder
    where: str | None


@dataclass(frozen=True)
class PageColumn:
    """One column of a page: its name, and its type in one word."""

    name: str
    type: str

    @property
    def numeric(self) -> bool:
        """Whether its cells are aligned by their digits."""
        return self.type in NUMERIC


@dataclass(frozen=True)
class TablePage:
    """A window of a table, some rows by some columns, as text; a cell that is None is missing.

    `total` counts the table's rows and `matched` those that match the condition. `start` is the place of the first row
    shown among these, in the order asked for, `positions` are the rows' numbers in the table, from 0. `first_column` is
    the number of the window's first column, of `column_count`. `cut` lists the cells that are not shown whole: row and
    column in this page, length in characters. `note` is what a user has to know to trust it.
    """

    total: int
    matched: int
    start: int
    positions: tuple[int, ...]
    column_count: int
    first_column: int
    columns: tuple[PageColumn, ...]
    cells: tuple[tuple[str | None, ...], ...]
    cut: tuple[tuple[int, int, int], ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Bin:
    """How many values lie from `low` up to `high`, which only the last bin includes."""

    low: str
    high: str
    count: int


@dataclass(frozen=True)
class Category:
    """How often one value occurs."""

    value: str
    count: int


@dataclass(frozen=True)
class ColumnProfile:
    """What is in a column: the share of missing cells (0 to 1), and how the others are distributed.

    Numbers and dates have `minimum`, `maximum` and `bins` of equal width, infinite ones left out. Text, truth values
    and categories have the most frequent values in `top`, and in `distinct` how many different ones there are, or
    with `distinct_more` than how many there are more.
    """

    name: str
    type: str
    missing: float
    minimum: str | None = None
    maximum: str | None = None
    bins: tuple[Bin, ...] = ()
    distinct: int | None = None
    distinct_more: bool = False
    top: tuple[Category, ...] = ()


def page_from(answer: dict[str, Any]) -> TablePage:
    """The page in a reader's answer."""
    fields: dict[str, Any] = {
        **answer,
        "positions": tuple(answer["positions"]),
        "columns": tuple(PageColumn(*column) for column in answer["columns"]),
        "cells": tuple(map(tuple, answer["cells"])),
        "cut": tuple(map(tuple, answer["cut"])),
    }
    return TablePage(**fields)


def profile_from(answer: dict[str, Any]) -> ColumnProfile:
    """The profile of one column in a reader's answer."""
    bins = tuple(Bin(*one) for one in answer.get("bins", ()))
    top = tuple(Category(*one) for one in answer.get("top", ()))
    fields: dict[str, Any] = {**answer, "bins": bins, "top": top}
    return ColumnProfile(**fields)
