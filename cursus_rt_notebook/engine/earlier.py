"""What earlier runs of a pipeline took and gave: what the present one is compared with."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from cursus_rt_notebook.engine.state import RunState, StepStatus, Table
from cursus_rt_notebook.settings import GOOD_RUNS
from cursus_rt_notebook.workspace.journal import Journal
from cursus_rt_notebook.workspace.records import TableName


@dataclass(frozen=True)
class Earlier:
    """Seconds and bytes by step, from its last success; rows by table in the last runs that finished, oldest first."""

    seconds: Mapping[str, float] = field(default_factory=dict[str, float])
    memory: Mapping[str, int] = field(default_factory=dict[str, int])
    rows: Mapping[TableName, tuple[int, ...]] = field(default_factory=dict[TableName, tuple[int, ...]])

    @classmethod
    def read(cls, journal: Journal, pipeline: str) -> Self:
        """What the journal knows of a pipeline."""
        costs = journal.costs(pipeline)
        seconds = {step: cost.seconds for step, cost in costs.items() if cost.seconds}
        memory = {step: cost.memory for step, cost in costs.items() if cost.memory}
        return cls(seconds, memory, journal.good_rows(pipeline))

    def beside(self, step: str, table: Table) -> Table:
        """The table with what it was before."""
        rows = self.rows.get((step, table.port, table.channel))
        return replace(table, former=rows[-1], usual=(min(rows), max(rows))) if rows else table


@dataclass(frozen=True)
class GoodRun:
    """A run that finished well, as far as others are compared with it; `at` in seconds since 1970, for people.

    `rows` has the size of every table; `given`, by step, the digests of what it read, by port.
    """

    run_id: str
    at: float
    rows: Mapping[TableName, int]
    given: Mapping[str, Mapping[str, str]]

    @classmethod
    def from_plain(cls, kept: Mapping[str, Any]) -> Self:
        """The run that `plain` made plain."""
        rows = {(step, port, channel): count for step, port, channel, count in kept["rows"]}
        return cls(kept["run"], kept["at"], rows, kept["given"])

    def plain(self) -> dict[str, Any]:
        """What JSON can say of it."""
        rows = [[*name, count] for name, count in self.rows.items()]
        return {"run": self.run_id, "at": self.at, "rows": rows, "given": self.given}


def good_runs(journal: Journal, pipeline: str) -> tuple[GoodRun, ...]:
    """The last good runs of a pipeline, oldest first."""
    return tuple(map(GoodRun.from_plain, journal.recall(_KIND, pipeline) or ()))


def keep_rows(journal: Journal, state: RunState) -> None:
    """Remember the tables of a run that finished, for the next ones to be compared with.

    One in which a step lost rows, or data was put in by hand or made up, says nothing of what is usual: else the next run would
    look as it should, with the same rows missing.
    """
    if any(step.losses or step.edited or step.stub == "synthetic" for step in state.steps.values()):
        return
    journal.add_good_rows(state.pipeline_name, _rows(state))
    _keep(journal, state)


def take_as_usual(journal: Journal, state: RunState, step: str) -> None:
    """Let what a step wrote count as good, as it stands in a run: it was meant to have fewer rows."""
    steps = {name: one for name, one in state.steps.items() if name == step or not (one.losses or one.edited)}
    sound = replace(state, steps=steps)
    own = {name: count for name, count in _rows(sound).items() if name[0] == step}
    journal.add_good_rows(state.pipeline_name, own)
    _keep(journal, sound)


def _keep(journal: Journal, state: RunState) -> None:
    """Remember a run as a whole, in the place of what was known of it."""
    given = {name: step.inputs for name, step in state.steps.items() if step.status is not StepStatus.SKIPPED}
    run = GoodRun(state.run_id, time.time(), _rows(state), given)
    others = [one for one in good_runs(journal, state.pipeline_name) if one.run_id != state.run_id]
    journal.remember(_KIND, {state.pipeline_name: [one.plain() for one in (*others, run)[-GOOD_RUNS:]]})


_KIND: Final = "good runs"


def _rows(state: RunState) -> dict[TableName, int]:
    return {
        (step.name, table.port, table.channel): table.rows
        for step in state.steps.values()
        if step.status is not StepStatus.SKIPPED
        for table in step.tables
        if table.rows is not None
    }
