"""A table at a glance, as plain data: what a preview shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Column:
    """One column: its name, its type in one word, and the share of its cells that are missing (0 to 1)."""

    name: str
    type: str
    missing: float


@dataclass(frozen=True)
class TableSummary:
    """A table's size, its first columns, and some of its rows as text; a cell that is None is missing.

    `rows` is None where they cannot be counted; `truncated_columns` is how many more columns there are than shown;
    `index_start` the position of the first row shown; `note` what a user has to know to trust it.
    """

    rows: int | None
    columns: tuple[Column, ...]
    cells: tuple[tuple[str | None, ...], ...]
    index_start: int = 0
    truncated_columns: int = 0
    note: str = ""

    @property
    def column_count(self) -> int:
        """All columns, also those not shown."""
        return len(self.columns) + self.truncated_columns


def from_answer(answer: dict[str, Any], start: int) -> TableSummary:
    """The summary in a reader's answer."""
    columns = tuple(map(Column, answer["names"], answer["types"], answer["missing"]))
    return TableSummary(
        rows=answer["rows"],
        columns=columns,
        cells=tuple(map(tuple, answer["cells"])),
        index_start=start,
        truncated_columns=answer["columns"] - len(columns),
        note=answer["note"],
    )
