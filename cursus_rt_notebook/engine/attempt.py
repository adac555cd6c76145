"""One attempt at one step: what every kind of it has, from its beginning to how the step then stands.

A step's own script runs in a `ScriptAttempt`; what stands in for one is laid out in a `StubAttempt`.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cursus_rt_notebook.engine import failures, judge, record, room
from cursus_rt_notebook.engine.plan import Planner, StepPlan
from cursus_rt_notebook.engine.remotes import Listener, listener_of
from cursus_rt_notebook.engine.state import RunState, StepState, StepStatus
from cursus_rt_notebook.errors import CursusError, WorkspaceError
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.workspace.atomic import storage_error
from cursus_rt_notebook.workspace.store import Manifest, Staging, Workspace

Report = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True)
class Result:
    """How a step stands after an attempt; `unchanged` if it proved to be what it was already."""

    state: StepState
    unchanged: bool = False


class Attempt(ABC):
    """One attempt, in a thread of its own; `report` hears what changes about the step while it runs."""

    def __init__(self, name: str, run: RunState, planner: Planner, report: Report) -> None:
        self._name = name
        self._states = run.steps
        self._before = run.steps[name]
        self._planner = planner
        self._workspace: Workspace = planner.workspace
        self._run_id = run.run_id
        self._report = report
        self._killed = threading.Event()
        self._number = self._before.attempt
        self._began = self._before.began
        self._tight = room.warning(run, name)

    def kill(self) -> None:
        """End it, or keep it from beginning; may be called from any thread."""
        self._killed.set()

    def run(self) -> Result:
        """Carry the attempt out. Never raises for what a script or a file does: that is a failed state."""
        try:
            return self._run()
        except Exception:  # noqa: BLE001  a mistake of ours must end the step, not leave it running for ever
            return Result(replace(self._before, status=StepStatus.FAILED, failure=failures.from_mistake(self._name)))

    @abstractmethod
    def _run(self) -> Result:
        """Carry it out; may raise for a mistake of ours alone."""

    def _in_our_words(self, error: CursusError | OSError) -> CursusError:
        """An error as it is told: some of ours are OSErrors as well, any other is one of the workspace's disk."""
        return error if isinstance(error, CursusError) else storage_error("do this", self._workspace.path, error)

    def _listener(self) -> Listener:
        """Who hears what is brought here from elsewhere, and says when to leave off."""
        return listener_of(lambda words: self._report({"reason": words}), self._killed.is_set)

    def _beginning(self) -> dict[str, Any]:
        """What is known of an attempt that begins."""
        news = {"attempt": self._number, **self._placed(0.0), "findings": self._tight}
        return news | {"memory": None, "memory_curve": ()}

    def _placed(self, seconds: float) -> dict[str, Any]:
        """When the attempt's process began, which has run so long: each of several, and a cold start, takes its time."""
        started, before = time.monotonic() - seconds, self._before
        if before.began is not None and before.started is not None:
            self._began = before.began + max(0.0, started - before.started)
        return {"started": started, "began": self._began}

    def _keep(
        self, plan: StepPlan, staging: Staging, *, opened: Mapping[str, str], facts: Mapping[str, Any], **how: Any
    ) -> Manifest:
        """Keep what is staged; `opened`, `facts` and `how` are as of `Workspace.commit`."""
        return self._workspace.commit(
            staging,
            base_key=plan.base_key,
            step=self._name,
            run_id=self._run_id,
            attempt=self._number,
            ports={port: staging.outputs(port) for port in plan.step.outputs},
            ingredients=plan.ingredients,
            opened=opened,
            facts=facts,
            **how,
        )

    def _settled(self, manifest: Manifest, plan: StepPlan, status: StepStatus, **numbers: Any) -> Result:
        facts = manifest.facts
        log = self._workspace.attempt_dir(manifest.run_id, manifest.step, manifest.attempt) / "log.txt"
        known: dict[str, Any] = {
            "attempt": self._number,
            **{name: facts.get(name) for name in judge.MEASURED},
            "estimate": facts.get("seconds"),
            "need": facts.get("memory"),
            "tables": self._before.tables if self._before.artifact == manifest.key else (),
            "losses": (),
            "findings": judge.from_plain(facts.get("findings", [])),
            "checks": (),
            "python": facts.get("python_version"),
            "packages": facts.get("packages", {}),
            "log_path": str(log) if log.exists() else None,
        }
        state = replace(
            self._before,
            status=status,
            reason="",
            key=plan.base_key,
            artifact=manifest.key,
            outputs={port: entry.digest for port, entry in manifest.ports.items()},
            inputs={port: given.digest for port, given in plan.inputs.items()},
            output_bytes=sum(entry.bytes for entry in manifest.ports.values()),
            failure=None,
            started=None,
            edited=False,
            **(known | numbers),
        )
        return Result(self._remembered(state, plan))

    def _failed(self, failure: Any, *, key: str | None, plan: StepPlan | None = None, **numbers: Any) -> Result:
        numbers = {"attempt": self._number, **numbers}
        state = replace(
            self._before,
            status=StepStatus.FAILED,
            reason=failure.title,
            key=key,
            failure=failure,
            started=None,
            **numbers,
        )
        return Result(self._remembered(state, plan))

    def _stopped(self, **numbers: Any) -> Result:
        state = replace(
            self._before,
            status=StepStatus.WAITING,
            reason="interrupted",
            started=None,
            **{"attempt": self._number, **numbers},
        )
        return Result(self._remembered(state, None))

    def _remembered(self, state: StepState, plan: StepPlan | None) -> StepState:
        """The state, which is now in the journal; where the disk did not take it, with a finding that says so."""
        try:
            record.attempt(self._planner, self._run_id, state, plan)
        except WorkspaceError as error:
            lost = Finding("warning", f"this attempt is not on record: {error.message}", error.fix, step=self._name)
            return replace(state, findings=(*state.findings, lost))
        return state
