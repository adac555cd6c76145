"""The steps above a failed one, and what they wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cursus_rt_notebook.engine.plan import Planner
from cursus_rt_notebook.engine.state import StepState
from cursus_rt_notebook.engine.upstream.files import Files
from cursus_rt_notebook.engine.upstream.lost import where_lost
from cursus_rt_notebook.pipeline.model import FromPath


@dataclass(frozen=True)
class Written:
    """One port above: the step that wrote it (empty for the user's own data), its name, where its files are."""

    step: str
    port: str
    path: Path

    @property
    def shown(self) -> str:
        """`impute.params`, or the user's file."""
        return f"{self.step}.{self.port}" if self.step else f"your own {self.path.name}"


@dataclass(frozen=True)
class Above:
    """What is above a step; nothing without a planner. Called with a column, it tells where that was lost."""

    name: str = ""
    states: Mapping[str, StepState] = field(default_factory=dict[str, StepState])
    planner: Planner | None = None
    files: Files = field(default_factory=Files)

    def __call__(self, column: str) -> str:
        """Where a column was lost, in a sentence; nothing where that is not known."""
        return where_lost(column, self.name, self.states, self.planner, self.files) if self.planner else ""

    def written(self) -> Iterator[Written]:
        """What the steps above read of the user's and wrote, in the order of the pipeline."""
        if self.planner is None:
            return
        pipeline, workspace = self.planner.pipeline, self.planner.workspace
        for step in (*pipeline.ancestors(self.name), self.name):
            for port, source in pipeline.steps[step].inputs.items():
                if isinstance(source, FromPath) and source.path.exists():
                    yield Written("", port, source.path)
            state = self.states[step]
            if step != self.name and state.artifact is not None:
                yield from (Written(step, port, workspace.artifact_dir(state.artifact, port)) for port in state.outputs)
