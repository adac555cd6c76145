"""Rows of the journal as plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cursus_rt_notebook.workspace.processes import ProcessIdentity
from cursus_rt_notebook.workspace.rows import LogRow


@dataclass(frozen=True)
class RunRecord:
    """One run. `started` and `ended` are seconds since 1970, for people; `number` gives the order.

    `status` is how it ended; "running" while its process lives, "interrupted" when that died without a word.
    """

    number: int
    run_id: str
    pipeline: str
    started: float
    ended: float | None
    status: str
    facts: Mapping[str, Any]

    @classmethod
    def from_rows(cls, start: LogRow, end: LogRow | None) -> RunRecord:
        """The record of a run's first row, and its last if it has ended."""
        body = json.loads(start.body)
        if end is not None:
            last = json.loads(end.body)
            ended, status = last["at"], last["status"]
        else:
            owner = ProcessIdentity.from_facts(body["by"])
            ended, status = None, "running" if owner and owner.is_alive else "interrupted"
        return cls(start.seq, start.run, body["pipeline"], body["at"], ended, status, body["facts"])


@dataclass(frozen=True)
class AttemptRecord:
    """One attempt at a step: how it ended, in which run, what it took."""

    number: int
    run_id: str
    step: str
    attempt: int
    status: str
    base_key: str
    key: str | None
    seconds: float | None
    memory: int | None
    at: float
    facts: Mapping[str, Any]

    @classmethod
    def from_row(cls, row: LogRow) -> AttemptRecord:
        """The record in a row."""
        return cls(row.seq, row.run, **json.loads(row.body))


@dataclass(frozen=True)
class ArtifactRecord:
    """An artifact: its base key, its own key, and which other files its step had opened, by path and digest.

    One that is not `reusable` is kept to be looked at, never taken instead of running the step.
    """

    seq: int
    base_key: str
    key: str
    step: str
    run_id: str
    opened: Mapping[str, str]
    reusable: bool

    @classmethod
    def from_row(cls, row: LogRow) -> ArtifactRecord:
        """The record in a row."""
        return cls(seq=row.seq, base_key=row.name, run_id=row.run, **json.loads(row.body))

    def body(self) -> str:
        """What its row says beside number, name and run."""
        fields: dict[str, Any] = {"key": self.key, "step": self.step}
        fields |= {"opened": dict(self.opened), "reusable": self.reusable}
        return json.dumps(fields, separators=(",", ":"))


@dataclass(frozen=True)
class TableSize:
    """Rows and columns of a table; None where they are not known."""

    rows: int | None
    columns: int | None


class Cost(NamedTuple):
    """What a step took when it last succeeded: seconds, and bytes at most; None where that was not measured."""

    seconds: float | None
    memory: int | None


TableName = tuple[str, str, str | None]  # step, port, channel
