"""One attempt at running a step's script, from its key to its kept outputs.

The way, top to bottom: bring the inputs, plan, look in the cache, hold the key's lock, lay out views and staging, run the
process, judge how it ended, keep its outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from cursus_rt_notebook.engine import breaker, container, effects, failures, judge, launching, pip_asked
from cursus_rt_notebook.engine.attempt import Attempt, Report, Result
from cursus_rt_notebook.engine.breaker import Circuit
from cursus_rt_notebook.engine.curve import MemoryCurve
from cursus_rt_notebook.engine.frontier import soon
from cursus_rt_notebook.engine.importable import check_sources
from cursus_rt_notebook.engine.plan import Planner, StepPlan, check_inputs
from cursus_rt_notebook.engine.remotes import bring_inputs
from cursus_rt_notebook.engine.retry import with_retries
from cursus_rt_notebook.engine.state import SETTLED, RunState, StepStatus
from cursus_rt_notebook.engine.upstream.above import Above
from cursus_rt_notebook.errors import CursusError, StepInterrupted, WorkspaceError
from cursus_rt_notebook.pipeline.effects import mode_of
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.worker.launch import Outcome, Progress, StepProcess
from cursus_rt_notebook.workspace.store import Manifest, Staging
from cursus_rt_notebook.workspace.views import View


class ScriptAttempt(Attempt):
    """An attempt that runs the step's own script, in a process of its own."""

    def __init__(self, name: str, run: RunState, planner: Planner, report: Report) -> None:
        super().__init__(name, run, planner, report)
        self._ahead = soon(run, planner.pipeline)
        self._process: StepProcess | None = None
        self._curve = MemoryCurve()

    def kill(self) -> None:
        """End the step's process, or keep it from starting."""
        super().kill()
        process = self._process
        if process is not None:
            process.kill()

    def _run(self) -> Result:
        plan = None
        try:
            self._bring_inputs()
            plan = self._planner.plan(self._name, self._states)
            return self._from_plan(plan)
        except StepInterrupted:
            return self._stopped()
        except (CursusError, OSError) as error:
            told = self._in_our_words(error)
            redactor = plan.redactor if plan else None
            key = plan.base_key if plan else None
            return self._failed(failures.from_error(told, redactor), key=key)

    def _bring_inputs(self) -> None:
        step = self._planner.pipeline.steps[self._name]
        said = bring_inputs(step, self._planner.remotes, self._listener(), anew=self._before.forced)
        self._tight = (*self._tight, *said)

    def _from_plan(self, plan: StepPlan) -> Result:
        before = self._before
        as_it_was = before.former in SETTLED and before.key == plan.base_key and not before.forced
        if as_it_was and before.former is not None:
            return Result(replace(before, status=before.former, reason=""), unchanged=True)
        check_sources(plan.sources, plan.step.name, self._planner.pipeline.notes)
        check_inputs(plan)
        cached = self._cached(plan)
        if cached is not None:
            return cached
        self._planner.warm()  # only now: a run that finds everything in the cache needs no zygote
        name = (str(self._workspace.path), self._planner.pipeline.name, self._name)
        circuit = breaker.circuit_of(name, plan.base_key, plan.step.circuit_breaker)
        return with_retries(
            plan.step.retry,
            lambda: self._locked(plan, circuit),
            self._killed,
            tell=lambda words: self._report({"reason": words}),
            blocked=lambda: circuit is not None and circuit.is_open,
            refused=lambda last: Result(breaker.refused(last.state, circuit)),
        )

    def _cached(self, plan: StepPlan) -> Result | None:
        if not plan.step.cache or self._before.forced:
            return None
        will_do = effects.will_do(without=mode_of(self._planner.pipeline, self._name) == "refuse")
        manifest = self._workspace.lookup(plan.base_key, self._workspace.digest_opened, will_do)
        if manifest is None or judge.lacks_required(plan.step, manifest):
            return None
        return self._settled(manifest, plan, StepStatus.CACHED)

    def _locked(self, plan: StepPlan, circuit: Circuit | None) -> Result:
        lock = self._workspace.lock_key(
            plan.base_key,
            step=self._name,
            run_id=self._run_id,
            on_wait=lambda holder: self._report({"last_line": f"waiting for {holder}"}),
            cancelled=self._killed.is_set,
        )
        with lock:
            if self._killed.is_set():
                return self._stopped()
            # Another session may have made it while this one waited.
            return self._cached(plan) or self._guarded(plan, circuit)

    def _guarded(self, plan: StepPlan, circuit: Circuit | None) -> Result:
        """The attempt itself, unless it failed too often: then only the user's word brings it about."""
        if circuit is None:
            return self._execute(plan)
        if self._before.forced:
            circuit.try_now()
        if circuit.is_open:
            state = breaker.refused(replace(self._before, key=plan.base_key), circuit)
            self._remembered(replace(state, attempt=0), plan)  # no attempt was made
            return Result(state)
        result = self._execute(plan)
        if result.state.status in {StepStatus.DONE, StepStatus.FAILED}:
            circuit.note(result.state.failure)
        return result

    def _execute(self, plan: StepPlan) -> Result:
        self._number += 1
        self._curve = MemoryCurve()
        folder = self._workspace.attempt_dir(self._run_id, self._name, self._number)
        log_path = folder / "log.txt"
        self._report(self._beginning() | {"log_path": str(log_path), "key": plan.base_key})
        with ExitStack() as undo:
            staging = self._workspace.stage(self._name, self._run_id, self._number)
            undo.callback(staging.discard)
            views = launching.make_views(plan, staging, self._workspace)
            outcome = self._run_process(plan, staging, views, log_path)
            return self._judge(plan, staging, views, outcome, log_path)

    def _run_process(self, plan: StepPlan, staging: Staging, views: Mapping[str, View], log_path: Path) -> Outcome:
        order = launching.order_of(plan, self._planner, staging, views)
        process = self._process = launching.start(order, plan, self._planner, log_path, ahead=self._ahead)
        if self._killed.is_set():  # set between the check and the start
            process.kill()
        return process.wait(self._progress)

    def _progress(self, progress: Progress) -> None:
        if progress.memory:  # it has been measured
            self._curve.add(progress.seconds, progress.memory)
        news = {"seconds": progress.seconds, "memory": progress.memory, "last_line": progress.last_line}
        self._report({**news, **self._placed(progress.seconds), "memory_curve": self._curve.points})

    def _judge(
        self, plan: StepPlan, staging: Staging, views: Mapping[str, View], outcome: Outcome, log_path: Path
    ) -> Result:
        numbers: dict[str, Any] = {
            "attempt": self._number,
            "began": self._placed(outcome.seconds)["began"],
            "log_path": str(log_path),
            "memory_curve": self._curve.points,
            "findings": self._tight,
            "python": outcome.python_version or None,
            "packages": outcome.packages,
            **judge.measured(outcome),
        }
        if outcome.ended == "killed" or (self._killed.is_set() and outcome.ended != "succeeded"):
            return self._stopped(**numbers)
        if outcome.ended != "succeeded":
            failure = failures.from_outcome(outcome, plan, Above(self._name, self._states, self._planner))
            left_out = (*pip_asked.findings(plan, outcome), *effects.findings(self._name, outcome))
            numbers["findings"] = (*self._tight, *left_out)
            return self._failed(failure, key=plan.base_key, plan=plan, **numbers)
        lost = container.collect(plan, staging)
        empty = judge.empty_outputs(plan.step, staging)
        required = tuple(port for port in empty if plan.step.outputs[port].required)
        if required:
            failure = failures.outputs_missing(self._name, required, outcome.log_tail, plan.redactor)
            return self._failed(failure, key=plan.base_key, plan=plan, **numbers)
        touched = judge.inputs_touched(plan, views, self._workspace)
        unsure = (*judge.sources_edited(self._name, self._planner.edited(plan)), *touched.findings)
        findings = (*judge.findings(plan, outcome, empty, lost, views), *unsure)
        try:
            manifest = self._commit(plan, staging, outcome, findings, reusable=not unsure)
        except WorkspaceError as error:
            failure = failures.not_kept(error, outcome.log_tail, plan.redactor)
            return self._failed(failure, key=plan.base_key, plan=plan, **numbers)
        self._workspace.set_aside(touched.artifacts)
        return self._settled(manifest, plan, StepStatus.DONE, **numbers | {"findings": (*self._tight, *findings)})

    def _commit(
        self, plan: StepPlan, staging: Staging, outcome: Outcome, findings: tuple[Finding, ...], *, reusable: bool
    ) -> Manifest:
        opened = judge.opened_digests(outcome, self._workspace)
        mode = mode_of(self._planner.pipeline, self._name)
        facts = {
            **judge.measured(outcome),
            "result": plan.redactor.text(outcome.result),
            "python_version": outcome.python_version,
            "packages": outcome.packages,
            "findings": judge.as_plain(findings),
            "effects": effects.as_facts(mode, outcome),
        }
        return self._keep(
            plan,
            staging,
            opened=opened or {},
            facts=facts,
            reusable=reusable and plan.step.cache and opened is not None and not effects.was_refused(outcome),
            accepts=effects.will_do(without=mode != "allow" and not outcome.effects),
        )
