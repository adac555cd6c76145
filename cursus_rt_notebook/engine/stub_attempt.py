"""One attempt at a step that does not run: what stands in for it is laid out and kept as its outputs."""

from __future__ import annotations

import time
import traceback
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from cursus_rt_notebook.engine import failures, judge
from cursus_rt_notebook.engine.attempt import Attempt, Result
from cursus_rt_notebook.engine.plan import StepPlan
from cursus_rt_notebook.engine.stand_ins import open_stub
from cursus_rt_notebook.engine.state import SETTLED, Failure, Frame, StepStatus
from cursus_rt_notebook.errors import CursusError, StepInterrupted, StubFailed
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, Recorded, Step, Stub


class StubAttempt(Attempt):
    """An attempt without a process: no script of the step's is read, and none runs."""

    def _run(self) -> Result:
        step = self._planner.pipeline.steps[self._name]
        stub = step.stub
        assert stub is not None
        try:
            if stub.kind in {"open", "skip"}:
                raise open_stub(step)
            if stub.recorded is not None and stub.recorded.status != "Succeeded":
                return self._failed(_as_recorded(step, stub.recorded), key=None, **_times(stub))
            return self._stand_in(step, stub)
        except StepInterrupted:
            return self._stopped()
        except (CursusError, OSError) as error:
            told = self._in_our_words(error)
            return self._failed(_told(told, self._name), key=None)

    def _stand_in(self, step: Step, stub: Stub) -> Result:
        began = time.monotonic()
        self._number += 1
        self._report(self._beginning() | {"log_path": None})
        with ExitStack() as undo:
            staging = self._workspace.stage(self._name, self._run_id, self._number)
            undo.callback(staging.discard)
            plan = self._plan()
            kept = self._kept(plan) if stub.kind == "synthetic" else None
            if kept is not None:
                return kept
            listener = self._listener()
            said = self._planner.stand_ins.lay(step, staging, listener, anew=self._before.forced)
            plan = self._plan()
            listener.check()
            empty = judge.empty_outputs(step, staging)
            required = [port for port in empty if step.outputs[port].required]
            if required:
                fix = "give it: pipeline.with_stubs, or session.replace"
                raise StubFailed(
                    f"nothing stands in for output {required[0]!r} of {self._name}", fix=fix, title="no data"
                )
            said = (*said, *self._made_there(stub))
            kept = self._kept(plan)
            if kept is not None:
                return Result(replace(kept.state, findings=_with(kept.state.findings, said)), kept.unchanged)
            numbers = {"seconds": time.monotonic() - began, **_times(stub)}
            findings = (*said, *_nothing_for(step, stub, empty))
            facts = {**numbers, "findings": judge.as_plain(findings), "stub": self._before.stub}
            manifest = self._keep(plan, staging, opened={}, facts=facts)
            return self._settled(manifest, plan, StepStatus.DONE, findings=findings, **numbers)

    def _made_there(self, stub: Stub) -> list[Finding]:
        """That recorded outputs are not of what a step above made here."""
        steps = self._planner.pipeline.steps
        above = self._planner.pipeline.ancestors(self._name) if stub.recorded else ()
        here = [name for name in above if steps[name].stub is not None and not self._states[name].stub]
        if not here:
            return []
        message = f"its outputs are those that it made in the cloud, of what {here[-1]} wrote there, not here"
        fix = "" if steps[self._name].script == NO_SCRIPT else f"session.rerun({self._name!r}) runs it here"
        return [Finding("warning", message, fix, step=self._name)]

    def _plan(self) -> StepPlan:
        return self._planner.plan(self._name, self._states)

    def _kept(self, plan: StepPlan) -> Result | None:
        """The step as it is kept already, in this run or from another."""
        before = self._before
        if before.forced:
            return None
        if before.former in SETTLED and before.key == plan.base_key and before.former is not None:
            return Result(replace(before, status=before.former, reason=""), unchanged=True)
        manifest = self._workspace.lookup(plan.base_key, self._workspace.digest_opened)
        return None if manifest is None else self._settled(manifest, plan, StepStatus.CACHED)


def _with(findings: tuple[Finding, ...], more: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys((*findings, *more)))


def _times(stub: Stub) -> dict[str, Any]:
    """What the step took in the cloud, if that is where its outputs are from."""
    seconds = stub.recorded.seconds if stub.recorded else None
    return {} if seconds is None else {"seconds": seconds}


def _nothing_for(step: Step, stub: Stub, empty: tuple[str, ...]) -> list[Finding]:
    if stub.kind == "synthetic":  # nobody reads them
        return []
    given = {name.partition("/")[0] for name in stub.outputs}
    return [
        Finding("warning", f"nothing stands in for output {port!r}", "give it: pipeline.with_stubs", step.name, port)
        for port in empty
        if port not in given or stub.recorded is None
    ]


def _as_recorded(step: Step, recorded: Recorded) -> Failure:
    """The failure of a step that failed in the cloud, as the service told it."""
    how = {"Failed": "failed", "Stopped": "was stopped", "Stopping": "was stopped"}.get(
        recorded.status, "has not ended"
    )
    reason = recorded.reason or "nothing is said of why"
    code = recorded.exit_code
    here = f"Run it here, on its recorded inputs: session.rerun({step.name!r})"
    return failures.masked(
        Failure(
            kind="StepFailed",
            title=f"exit {code}" if code is not None else f"{recorded.status} in the cloud",
            message=reason,
            summary=f"{step.name} {how} in the cloud: {reason}",
            advice=here if step.script != NO_SCRIPT else "Give its outputs: session.replace",
            facts={"exit_code": code} if code is not None else {},
        )
    )


def _told(error: CursusError, step: str) -> Failure:
    """What kept a stand-in from being had; of a function that raised, with the lines that led there."""
    if not isinstance(error, StubFailed):
        fix, title = error.fix, str(getattr(error, "title", "no data"))
        error = StubFailed(f"{step}: {error.message}", fix=fix, step=step, title=title).with_traceback(
            error.__traceback__
        )
    told = failures.from_error(error)
    cause = error.__cause__
    if cause is None or isinstance(cause, CursusError):
        return told
    ours = str(Path(__file__).parent)
    stack = [line for line in traceback.extract_tb(cause.__traceback__) if _is_the_users(line, ours)]
    frames = tuple(_frame(line) for line in stack)
    text = "".join(traceback.format_exception(type(cause), cause, cause.__traceback__))
    return failures.masked(replace(told, frames=frames, traceback=text))


def _is_the_users(line: traceback.FrameSummary, ours: str) -> bool:
    """Whether a line is not one of those that lead to the user's function."""
    return not line.filename.startswith(ours) and "concurrent/futures" not in line.filename


def _frame(line: traceback.FrameSummary) -> Frame:
    source = ((line.lineno or 0, line.line),) if line.line else ()
    return Frame(
        line.name, line.filename, line.lineno or 0, own="site-packages" not in Path(line.filename).parts, source=source
    )
