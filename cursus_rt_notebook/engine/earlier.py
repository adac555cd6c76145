"""What earlier runs of a pipeline took and gave: what the present one is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from cursus_rt_notebook.engine.state import RunState, StepStatus, Table
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


def keep_rows(journal: Journal, state: RunState) -> None:
    """Remember the tables of a run that finished, for the next ones."""
    rows = {
        (step.name, table.port, table.channel): table.rows
        for step in state.steps.values()
        if step.status is not StepStatus.SKIPPED
        for table in step.tables
        if table.rows is not None
    }
    journal.add_good_rows(state.pipeline_name, rows)
