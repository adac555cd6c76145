"""How a check of a table came out, with the rows that fail it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class CheckResult:
    """How one check of one table came out.

    `kind` is one of missing, range, unique, rows and schema, `columns` are those it looked at. `passed` is None where it
    could not be made, and `message` says why. `value` is what was measured, `limit` how far it may go; shares are from
    0 to 1. `failing` counts the rows that fail; of the first of them `rows` holds the numbers (from 0, as in the index
    of `artifact.query`) and `keys` the values in the columns `key`, as text. `where` is a condition in SQL that shows
    them all: `pause[check.table].query(check.where)`; None where there is none that does.
    """

    kind: str
    port: str
    channel: str | None
    columns: tuple[str, ...]
    passed: bool | None
    message: str
    fix: str = ""
    value: float | None = None
    limit: float | None = None
    failing: int = 0
    rows: tuple[int, ...] = ()
    key: tuple[str, ...] = ()
    keys: tuple[tuple[str | None, ...], ...] = ()
    where: str | None = None
    on_failure: str = "warn"  # or "pause"

    @classmethod
    def from_plain(cls, kept: Mapping[str, Any]) -> Self:
        """The result that `dataclasses.asdict` made plain, also by way of JSON, which has no tuples."""
        facts: dict[str, Any] = {**kept, **{name: tuple(kept[name]) for name in ("columns", "rows", "key")}}
        facts["keys"] = tuple(map(tuple, kept["keys"]))
        return cls(**facts)

    @property
    def failed(self) -> bool:
        """Whether it was made and did not pass."""
        return self.passed is False

    @property
    def table(self) -> str:
        """The table, as `pause[...]` takes it: `processed_data/train`."""
        return f"{self.port}/{self.channel}" if self.channel else self.port
