"""The timeline of a run: when each step ran, with its attempts, and the memory of all of them together."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook import display
from cursus_rt_notebook.display import ShownWithGraph
from cursus_rt_notebook.engine.state import RunState
from cursus_rt_notebook.errors import WorkspaceError
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.worker import capacity
from cursus_rt_notebook.workspace.journal import Journal
from cursus_rt_notebook.workspace.records import AttemptRecord

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Tried:
    """An attempt at a step before its newest: when it began, in seconds since the run did, how long it took, its end."""

    began: float
    seconds: float
    status: str


@dataclass(frozen=True, repr=False)
class Timeline(ShownWithGraph):
    """The timeline of a run as it stood at `taken` (monotonic clock): a picture in a notebook, text in a terminal.

    `tried` are the earlier attempts by step; `machine` are the bytes that there are for all steps together.
    """

    state: RunState
    pipeline: Pipeline
    tried: Mapping[str, tuple[Tried, ...]]
    machine: int
    taken: float

    @property
    def figure(self) -> Any:
        """A new matplotlib Figure: a row a step, and memory under it."""
        return display.timeline_figure(self)

    def to_dataframe(self) -> pd.DataFrame:
        """A row for each attempt: step, attempt, status, when it began and what it took; seconds and bytes."""
        import pandas as pd

        rows: list[dict[str, Any]] = []
        for name in self.pipeline.order:
            step = self.state.steps[name]
            earlier = self.tried.get(name, ())
            rows += [
                {"step": name, "attempt": number, "status": each.status, "began": each.began, "seconds": each.seconds}
                for number, each in enumerate(earlier, start=step.attempt - len(earlier))
            ]
            facts = {name: getattr(step, name) for name in ("cpu_seconds", "memory", "read_bytes", "written_bytes")}
            rows.append(
                {"step": name, "attempt": step.attempt, "status": str(step.status), "began": step.began}
                | {"seconds": step.seconds, **facts}
            )
        return pd.DataFrame(rows).convert_dtypes()


def timeline_of(state: RunState, pipeline: Pipeline, journal: Journal) -> Timeline:
    """The timeline of a run as it stands."""
    tried: dict[str, tuple[Tried, ...]] = {}
    for record in _attempts(state, journal):
        began, newest = record.facts.get("began"), state.steps[record.step].attempt
        if 0 < record.attempt < newest and began is not None and record.seconds is not None:
            status = "done" if record.status == "succeeded" else record.status
            tried[record.step] = (*tried.get(record.step, ()), Tried(began, record.seconds, status))
    return Timeline(state, pipeline, tried, capacity.all_memory(), time.monotonic())


def _attempts(state: RunState, journal: Journal) -> list[AttemptRecord]:
    try:
        return journal.attempts(state.run_id)
    except WorkspaceError:  # a session that was closed still shows what it knows itself
        return []
