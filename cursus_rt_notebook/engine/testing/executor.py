"""Tests of scripts and pipelines in one call each: a script by itself, an edge, the whole, or the whole step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cursus_rt_notebook.data.synthetic.plan import Making
from cursus_rt_notebook.engine.execute import execute_pipeline_with_breakpoints
from cursus_rt_notebook.engine.session import InteractiveExecutionResult
from cursus_rt_notebook.engine.state import RunStatus
from cursus_rt_notebook.engine.testing.data_flow import DataFlowManager
from cursus_rt_notebook.engine.testing.data_sources import (
    REAL,
    SCRIPT,
    SYNTHETIC,
    Sourced,
    label,
    pipeline_inputs,
    step_inputs,
    synthetic_name,
)
from cursus_rt_notebook.engine.testing.executed import execution, executions, transition, transitions
from cursus_rt_notebook.engine.testing.lookup import TEST, find_step, pipeline_of, pipeline_of_script, unknown
from cursus_rt_notebook.engine.testing.results import (
    ExecutionResult,
    PipelineTestResult,
    TestResult,
    TransitionTestResult,
)
from cursus_rt_notebook.engine.testing.script_manager import ScriptImportManager
from cursus_rt_notebook.errors import DataError, NameUnknown, ScriptNotFound
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, FromStep, Pipeline, Step
from cursus_rt_notebook.pipeline.parts import alone, on_data, part
from cursus_rt_notebook.settings import COUNTS_OF_A_TEST, WORKSPACE_DIR
from cursus_rt_notebook.workspace.folder import absolute_folder
from cursus_rt_notebook.workspace.store import Workspace


class PipelineScriptExecutor:
    """Runs scripts and pipelines to see whether they work, each script in a step's process of its own.

    A name is looked up in the pipeline given, else in that of the workspace's last run, else (a script's) as a path.

    Args:
        workspace_dir: Where artifacts, logs, made-up data and the journal are kept.
        pipeline: A YAML file, a mapping, a networkx graph or a loaded pipeline.

    Raises:
        PipelineError: the pipeline is wrong; lists every fault.
    """

    def __init__(self, workspace_dir: str | Path = WORKSPACE_DIR, pipeline: Any = None) -> None:
        self.workspace_dir = absolute_folder(workspace_dir)  # the same one after a change of the working directory
        self.pipeline = None if pipeline is None else load_pipeline(pipeline)
        self.script_manager = ScriptImportManager()
        self.data_manager = DataFlowManager(self.workspace_dir)
        self._history: list[ExecutionResult | InteractiveExecutionResult] = []

    @property
    def execution_history(self) -> list[ExecutionResult]:
        """Every execution so far, oldest first; of a session that still goes on, the steps that have ended."""
        found: list[ExecutionResult] = []
        for each in self._history:
            found += [each] if isinstance(each, ExecutionResult) else executions(each)
        return found

    def test_script_isolation(
        self,
        script_name: str | Path,
        data_source: Any = SYNTHETIC,
        *,
        rows: int | None = None,
        seed: int = 0,
        scenario: str = "standard",
    ) -> TestResult:
        """Run one script by itself.

        Args:
            script_name: A step, a script of a step (`encode` or `encode.py`), or a script's path.
            data_source: `"synthetic"`; `"local"` (the folder `local/` of the workspace, one subfolder a port); `"real"`
                (what the pipeline names, and what the steps above last wrote); a folder; an `s3://` address; or a
                mapping from ports to DataFrames or paths, over what is real.
            rows: Of each table that is made up; 1,000 if None, a million of a large one.
            seed: Of what is made up: the same seed, the same data.
            scenario: What is made up: standard, empty, one_row, all_null, extreme, unicode, duplicate_keys or large.

        Raises:
            NameUnknown: there is no such script; lists what there is.
            DataError, DataFlowError: an input has no data; says which, and what to give.
        """
        script_name = str(script_name)
        step, pipeline = self._step(script_name)
        if step.script == NO_SCRIPT:
            fix = "test a step that reads what stands in for it"
            raise ScriptNotFound(f"{step.name} has no script that could be tested", fix=fix, step=step.name)
        sourced = self._inputs(step, pipeline, data_source, Making(rows, seed, scenario))
        session = self._run(_by_itself(step, pipeline, sourced.paths))
        try:
            result = execution(session[step.name])
            findings = session.state.findings
        finally:
            session.close()
        self._history.append(result)
        return TestResult(
            script_name=script_name,
            data_source=label(data_source),
            success=result.success,
            execution=result,
            inputs_from=dict(sourced.origins),
            findings=findings,
        )

    def test_pipeline_e2e(
        self,
        pipeline_dag: Any,
        data_source: Any = SYNTHETIC,
        *,
        rows: int | None = None,
        seed: int = 0,
        scenario: str = "standard",
    ) -> PipelineTestResult:
        """Run a whole pipeline, and compare what flows along each edge with what its reader expects.

        A step that fails keeps only those from running that need it. `data_source` is as in `test_script_isolation`, for
        the inputs that no step feeds.

        Raises:
            PipelineError: the pipeline is wrong; lists every fault.
            DataError, DataFlowError: an input has no data; says which, and what to give.
        """
        pipeline = load_pipeline(pipeline_dag)
        paths = pipeline_inputs(pipeline, data_source, self._workspace(), Making(rows, seed, scenario))
        session = self._run(_fed(pipeline, paths, data_source))
        try:
            ran, edges = executions(session), transitions(session)
            finished, elapsed = session.status is RunStatus.FINISHED, session.state.elapsed
            findings = session.state.findings
        finally:
            session.close()
        self._history += ran
        return PipelineTestResult(
            pipeline=pipeline.name,
            data_source=label(data_source),
            success=finished and all(each.success for each in (*_not_left_out(ran, pipeline), *edges)),
            seconds=elapsed,
            executions=ran,
            transitions=edges,
            lineage=self.data_manager.create_data_lineage(ran),
            inputs_from={f"{step}.{port}": str(path) for (step, port), path in paths.items()},
            findings=findings,
        )

    def test_step_transition(self, upstream_step: str, downstream_step: str) -> TransitionTestResult:
        """Whether what one step writes fits what the next one reads; the first is run, if it has not been.

        Raises:
            NameUnknown: there is no such step, or no data flows from the one to the other; lists what there is.
        """
        pipeline = pipeline_of(self.pipeline, self.workspace_dir)
        for name in (upstream_step, downstream_step):
            if pipeline is None or name not in pipeline.steps:
                raise unknown("step", name, pipeline)
        assert pipeline is not None
        _check_edge(pipeline, upstream_step, downstream_step)
        above = (*pipeline.ancestors(upstream_step), upstream_step)
        name = f"{pipeline.name}: down to {upstream_step}"
        session = self._run(part(pipeline, above).altered(name=name, origin=TEST))
        try:
            result = transition(session, pipeline, upstream_step, downstream_step)
            self._history += executions(session)
        finally:
            session.close()
        return result

    def execute_pipeline_with_breakpoints(
        self, pipeline_dag: Any, breakpoints: Sequence[Any] | None = None
    ) -> InteractiveExecutionResult:
        """A session that runs a pipeline and pauses at breakpoints, as the function of this name makes it."""
        session = execute_pipeline_with_breakpoints(pipeline_dag, breakpoints, self.workspace_dir)
        self._history.append(session)
        return session

    def _workspace(self) -> Path:
        """The workspace's folder, which is made one before anything is put there."""
        workspace = Workspace.open(self.workspace_dir)
        workspace.close()
        return workspace.path

    def _inputs(self, step: Step, pipeline: Pipeline, source: Any, making: Making) -> Sourced:
        above = pipeline.ancestors(step.name) if isinstance(source, str) and source == SYNTHETIC else ()
        sourced = None
        try:
            sourced = step_inputs(step, pipeline, source, self._workspace(), making)
            if not above or not _guessed(step, sourced):
                return sourced
        except DataError:
            if not above:
                raise
        # What the steps above write, on what can be made up for them, is nearer the truth than what this script names.
        paths = pipeline_inputs(part(pipeline, above), source, self._workspace(), making)
        upper = part(pipeline.with_stubs({step.name: "skip"}), (*above, step.name))  # which tells what it reads
        try:
            self._run(_fed(upper, paths, source)).close()
        except DataError:
            if sourced is None:
                raise
            return sourced
        return step_inputs(step, pipeline, source, self._workspace(), making)

    def _step(self, name: str) -> tuple[Step, Pipeline]:
        pipeline = pipeline_of(self.pipeline, self.workspace_dir)
        step = find_step(name, pipeline)
        if step is not None and pipeline is not None:
            return step, pipeline
        path = Path(name)
        if path.is_file():
            pipeline = pipeline_of_script(path)
            return pipeline.steps[path.stem], pipeline
        raise unknown("script", name, pipeline)

    def _run(self, pipeline: Pipeline) -> InteractiveExecutionResult:
        session = execute_pipeline_with_breakpoints(pipeline, (), self.workspace_dir)
        try:
            # What preflight and the checks found is in the result; a failure that nothing changed ends the run.
            while session.resume() is not None:
                pass
            session.wait(COUNTS_OF_A_TEST)
        except BaseException:
            session.close()
            raise
        return session


def _guessed(step: Step, sourced: Sourced) -> bool:
    """Whether an input that a step feeds was made from nothing but what the script reads of it."""
    return any(isinstance(step.inputs[port], FromStep) and how == SCRIPT for port, how in sourced.origins.items())


def _not_left_out(ran: Sequence[ExecutionResult], pipeline: Pipeline) -> list[ExecutionResult]:
    """The steps without those that the pipeline's stubs leave out, and what these keep from running."""
    skips = [name for name, step in pipeline.steps.items() if step.stub is not None and step.stub.kind == "skip"]
    below = {*skips, *(other for name in skips for other in pipeline.descendants(name))}
    return [each for each in ran if each.status != "skipped" or each.step_name not in below]


def _by_itself(step: Step, pipeline: Pipeline, paths: Mapping[str, Path]) -> Pipeline:
    pipeline = pipeline.with_stubs({step.name: None})
    return alone(pipeline, step.name, paths).altered(name=f"{pipeline.name}: {step.name} by itself", origin=TEST)


def _fed(pipeline: Pipeline, paths: Mapping[tuple[str, str], Path], source: Any) -> Pipeline:
    """The pipeline with other data for its own inputs; a failure keeps only those from running that need the step."""
    fed = on_data(pipeline, paths)
    if source == SYNTHETIC:  # also what stands in for a load of data is made up
        fed = fed.with_stubs({name: SYNTHETIC for name, step in fed.steps.items() if _loads(step)})
    steps = {name: step.altered(on_error="continue") for name, step in fed.steps.items()}
    if source == REAL:
        return fed.altered(steps=steps)
    name = synthetic_name(pipeline) if source == SYNTHETIC else f"{pipeline.name} on other data"
    return fed.altered(name=name, steps=steps, origin=TEST)


def _loads(step: Step) -> bool:
    """Whether a step only brings data, which does not come from other steps, and is given or still to be given."""
    return step.stub is not None and step.stub.kind in {"given", "open"} and not step.needs


def _check_edge(pipeline: Pipeline, upstream: str, downstream: str) -> None:
    fed = {s.step for s in pipeline.steps[downstream].inputs.values() if isinstance(s, FromStep)}
    if upstream not in fed:
        there = ", ".join(sorted(fed)) or "no step"
        raise NameUnknown(f"no data flows from {upstream} to {downstream}", fix=f"{downstream} is fed by {there}")
