"""Where a session stands, to look at: a pause, and any step as it stands.

Both hold a snapshot and the workspace, not the session: artifacts are immutable, so a pause kept in a variable still
shows what it showed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.checks.quality import CheckResult
from cursus_rt_notebook.display import Shown, ShownWithGraph
from cursus_rt_notebook.engine import gone
from cursus_rt_notebook.engine.remotes import place_of
from cursus_rt_notebook.engine.state import Failure, Frame, RunState, StepState, StepStatus, When
from cursus_rt_notebook.names import subscript
from cursus_rt_notebook.pipeline.model import FromAddress, FromPath, Input, Open, Pipeline, Step
from cursus_rt_notebook.workspace.records import AttemptRecord
from cursus_rt_notebook.workspace.store import Workspace

if TYPE_CHECKING:
    import pandas as pd


class StepView(Shown):
    """One step as it stood when the view was taken: `session["encode"]`.

    `view["port"]` and `view["port/channel"]` give an artifact: an output, else an input of that name.
    """

    def __init__(
        self, name: str, run: RunState, pipeline: Pipeline, workspace: Workspace, owner: str = "session"
    ) -> None:
        self.name = name
        self.run = run
        self.pipeline = pipeline
        self._workspace = workspace
        self._owner = owner

    @property
    def workspace(self) -> Workspace:
        """Where its artifacts, attempts and sources are kept."""
        return self._workspace

    @property
    def step(self) -> Step:
        """The step as the pipeline describes it."""
        return self.pipeline.steps[self.name]

    @property
    def state(self) -> StepState:
        """Status, times, memory, digests: plain data."""
        return self.run.steps[self.name]

    @property
    def status(self) -> StepStatus:
        """One of waiting, running, done, cached, failed, skipped, stale."""
        return self.state.status

    @cached_property
    def outputs(self) -> Mapping[str, Artifact]:
        """The artifacts the step wrote, by port; empty until it ended."""
        key = self.state.artifact
        if key is None:
            return {}
        return {port: self._artifact(self.name, key, port) for port in self.state.outputs}

    @cached_property
    def inputs(self) -> Mapping[str, Artifact]:
        """What the step reads, by port: upstream artifacts and the user's own files, as far as they are there."""
        found = {port: self._input(port, source) for port, source in self.step.inputs.items()}
        return {port: artifact for port, artifact in found.items() if artifact is not None}

    def _input(self, port: str, source: Input) -> Artifact | None:
        expression = f"{self._owner}.inputs{subscript(port)}"
        if isinstance(source, FromPath | FromAddress):
            own = isinstance(source, FromPath)
            path = source.path if own else place_of(self._workspace.path, source.address, source.sample)
            if path is None or not path.exists():
                return None
            return Artifact(path, step=None, port=port, channels=(), expression=expression)
        if isinstance(source, Open):
            return None
        producer = self.run.steps[source.step]
        if producer.artifact is None or source.port not in producer.outputs:
            return None
        return self._artifact(source.step, producer.artifact, source.port, expression)

    def _artifact(self, step: str, key: str, port: str, expression: str = "") -> Artifact:
        channels = self.pipeline.steps[step].outputs[port].channels
        path = self._workspace.artifact_dir(key, port)
        return Artifact(
            path, step=step, port=port, channels=channels, expression=expression or f"{self._owner}{subscript(port)}"
        )

    @property
    def error(self) -> Failure | None:
        """Why the step's last attempt failed, if it did."""
        return self.state.failure

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The failed attempt's stack, outermost first."""
        return self.error.frames if self.error else ()

    @property
    def checks(self) -> tuple[CheckResult, ...]:
        """How the checks of its outputs came out, passed and failed."""
        return self.state.checks

    @property
    def log(self) -> str:
        """What the step's last attempt printed, secrets masked; its beginning and end where it was long."""
        from cursus_rt_notebook.worker.logs import read_log

        path = self.state.log_path
        return "\n".join(text for _, text in read_log(Path(path))) if path and Path(path).exists() else ""

    @property
    def attempts(self) -> list[AttemptRecord]:
        """The attempts at this step in this run, oldest first: how each ended, seconds, memory."""
        return self._workspace.journal.attempts(self.run.run_id, self.name)

    @property
    def expression(self) -> str:
        """The Python that gives this view."""
        return self._owner

    def gone(self, name: str) -> pd.DataFrame:
        """The rows that `port` or `port/channel` had in the last good run (else in the input it is most like) and has no more.

        Raises:
            KeyError: the step has no such table.
            DataError: there is nothing to compare it with, or nothing by which rows could be told apart.
        """
        return gone.gone_rows(self, name)

    def __getitem__(self, name: str) -> Artifact:
        port, _, channel = name.partition("/")
        artifact = self.outputs.get(port) or self.inputs.get(port)
        if artifact is None:
            known = ", ".join([*self.step.outputs, *self.step.inputs]) or "none"
            state = "" if self.outputs else f" ({self.name} is {self.status})"
            raise KeyError(f"{self.name} has no data at {port!r} now{state}; its ports are {known}")
        return artifact[channel] if channel else artifact


class Pause(ShownWithGraph):
    """Where the session stands: which step, why it stopped, and what there is to look at."""

    def __init__(self, run: RunState, pipeline: Pipeline, workspace: Workspace) -> None:
        assert run.pause is not None
        self.state = run
        self.pipeline = pipeline
        self._workspace = workspace
        self._info = run.pause

    @property
    def workspace(self) -> Workspace:
        """Where its artifacts, attempts and sources are kept."""
        return self._workspace

    @property
    def number(self) -> int:
        """The pause's number in its session, from 1."""
        return self._info.number

    @property
    def step(self) -> str | None:
        """The step it stands at; None where the pipeline as a whole is meant."""
        return self._info.step

    @property
    def when(self) -> When:
        """One of before, after, condition, check, failed, interrupted, preflight."""
        return self._info.when

    @property
    def reason(self) -> str:
        """Why it stopped, in words."""
        return self._info.reason

    @cached_property
    def view(self) -> StepView | None:
        """The step it stands at, as a view."""
        if self.step is None:
            return None
        return StepView(self.step, self.state, self.pipeline, self._workspace, owner="pause")

    @property
    def inputs(self) -> Mapping[str, Artifact]:
        """What the step reads, by port."""
        return self.view.inputs if self.view else {}

    @property
    def outputs(self) -> Mapping[str, Artifact]:
        """What the step wrote, by port; empty before it ran."""
        return self.view.outputs if self.view else {}

    @property
    def error(self) -> Failure | None:
        """Why the step failed, if it did."""
        return self.view.error if self.view else None

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The failed step's stack, outermost first."""
        return self.view.frames if self.view else ()

    @property
    def checks(self) -> tuple[CheckResult, ...]:
        """The checks of the step's outputs that failed, each with the rows that fail it.

        `pause[check.table].query(check.where)` shows them all.
        """
        return tuple(check for check in self.view.checks if check.failed) if self.view else ()

    @property
    def log(self) -> str:
        """What the step printed."""
        return self.view.log if self.view else ""

    def __getitem__(self, name: str) -> Artifact:
        if self.view is None:
            raise KeyError(f"no step at this pause, so no {name!r}")
        return self.view[name]
