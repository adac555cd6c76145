"""The rules that a table is examined by: those of its columns, and those that a recorded good run gives."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cursus_rt_notebook.data.checks.baseline import BaselineColumn, BaselineTable
from cursus_rt_notebook.pipeline.model import Checks


@dataclass(frozen=True)
class Rule:
    """What no row, or only a share `limit` of them, may break; see `scan.examine` for the kinds.

    `before` is the share that broke it in the baseline, None for a rule that has nothing to do with that. What is missing
    repeats nothing in a column that was unique there; elsewhere it equals what is missing, as in pandas.
    """

    kind: str
    columns: tuple[str, ...]
    limit: float = 0.0
    low: Any = None
    high: Any = None
    before: float | None = None

    def question(self, key: tuple[str, ...]) -> dict[str, Any]:
        """The rule as the reader takes it."""
        ends = {"low": self.low, "high": self.high} if self.kind == "range" else {}
        present = {"present": True} if self.kind == "unique" and self.before is not None else {}
        return {"kind": self.kind, "columns": list(self.columns), "key": list(key), **ends, **present}


def own_rules(checks: Checks) -> Iterator[Rule]:
    """The rules that checks give for columns by name."""
    yield from (Rule("missing", (name,), share) for name, share in checks.missing.items())
    yield from (Rule("range", (name,), low=low, high=high) for name, (low, high) in checks.ranges.items())
    yield from (Rule("unique", columns) for columns in checks.unique)


def drift_rules(checks: Checks, baseline: BaselineTable) -> Iterator[Rule]:
    """The rules that a baseline gives for its columns, as far as the checks have thresholds for them."""
    for column in baseline.columns:
        if checks.missing_drift is not None and baseline.rows:
            before = column.missing / baseline.rows
            if before + checks.missing_drift < 1:
                yield Rule("missing", (column.name,), before + checks.missing_drift, before=before)
        if checks.range_drift is not None and (ends := _widened(column, checks.range_drift)):
            yield Rule("range", (column.name,), low=ends[0], high=ends[1], before=0.0)
        if checks.unique_drift is not None and column.unique and baseline.rows > 1:
            yield Rule("unique", (column.name,), checks.unique_drift, before=0.0)


def _widened(column: BaselineColumn, share: float) -> tuple[float, float] | None:
    low, high = column.minimum, column.maximum
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
        return None
    width = (high - low) * share
    return (low - width, high + width) if math.isfinite(width) else None
