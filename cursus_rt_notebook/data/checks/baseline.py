"""A recorded good run: its tables in figures, which later runs are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from cursus_rt_notebook.data.checks.expected import ExpectedColumn, ExpectedTable
from cursus_rt_notebook.display import Shown


@dataclass(frozen=True)
class BaselineColumn:
    """One column as it was: its type, missing cells, least and most value (dates as text), different values.

    `distinct` is an estimate; `unique` says whether all values were different, None where nobody counted.
    """

    name: str
    type: str
    missing: int
    minimum: float | str | None = None
    maximum: float | str | None = None
    distinct: int | None = None
    unique: bool | None = None


@dataclass(frozen=True)
class BaselineTable:
    """One table as it was: which, its rows and columns, the run it is from, and the digest of its content."""

    step: str
    port: str
    channel: str | None
    rows: int
    columns: tuple[BaselineColumn, ...]
    run_id: str = ""
    digest: str = ""

    @classmethod
    def measured(cls, figures: Mapping[str, Any], step: str, port: str, channel: str | None) -> Self:
        """The table in a reader's figures."""
        facts = ("names", "types", "missing", "minimum", "maximum", "distinct", "unique")
        columns = tuple(BaselineColumn(*column) for column in zip(*(figures[fact] for fact in facts), strict=True))
        return cls(step, port, channel, figures["rows"], columns)

    @classmethod
    def from_plain(cls, kept: Mapping[str, Any]) -> Self:
        """The table that `as_plain` made plain."""
        facts: dict[str, Any] = {**kept, "columns": tuple(BaselineColumn(**column) for column in kept["columns"])}
        return cls(**facts)

    def as_plain(self) -> dict[str, Any]:
        """The table as JSON holds it."""
        return asdict(self)

    def expected(self) -> ExpectedTable:
        """What a table like this one holds: the same columns and types, cells missing only where some were."""
        columns = tuple(ExpectedColumn(one.name, one.type, nullable=bool(one.missing)) for one in self.columns)
        return ExpectedTable(columns, "baseline", f"run {self.run_id}")


@dataclass(frozen=True, repr=False)
class Baseline(Shown):
    """What was recorded of a run: its tables, and what was left out, with the reason."""

    pipeline: str
    run_id: str
    tables: tuple[BaselineTable, ...]
    left_out: tuple[tuple[str, str], ...] = ()

    def table(self, step: str, port: str, channel: str | None = None) -> BaselineTable | None:
        """One table of it."""
        return find(self.tables, port, channel, step)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps whose tables were recorded."""
        return tuple(dict.fromkeys(table.step for table in self.tables))


def find(
    tables: Sequence[BaselineTable], port: str, channel: str | None, step: str | None = None
) -> BaselineTable | None:
    """The table of a port, or of a channel of it, among several."""
    wanted = (one for one in tables if one.port == port and one.channel == channel and step in (None, one.step))
    return next(wanted, None)
