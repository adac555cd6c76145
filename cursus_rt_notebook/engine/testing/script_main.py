"""The `main` of a script as something to call: each call runs it in a step's process of its own."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cursus_rt_notebook.engine import failures
from cursus_rt_notebook.engine.plan import StepInput, StepPlan
from cursus_rt_notebook.engine.state import Failure
from cursus_rt_notebook.pipeline.model import FromPath, Output, Step
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.worker import launch, sources
from cursus_rt_notebook.worker.launch import Order, Outcome

_calls = itertools.count(1)


@dataclass(frozen=True)
class Ran:
    """One call: how its process ended, why it failed if it did, and where its log lies."""

    outcome: Outcome
    failure: Failure | None
    log_path: Path


@dataclass(frozen=True)
class ScriptMain:
    """The `main` of the script at `path`, as `ScriptImportManager.import_script_main` returns it.

    `folder` is where logs and scratch files of its calls go.
    """

    path: str
    source_dir: str
    python: str | None
    folder: str

    def __call__(
        self,
        input_paths: Mapping[str, str],
        output_paths: Mapping[str, str],
        environ_vars: Mapping[str, str],
        job_args: argparse.Namespace | None = None,
    ) -> str:
        """Run the script's `main` in a process of its own, and return what it returned, as short text.

        Raises:
            StepError: the subclass that says how it failed.
        """
        ran = self.run(input_paths, output_paths, environ_vars, job_args)
        if ran.failure is not None:
            raise failures.as_error(ran.failure, Path(self.path).stem)
        return ran.outcome.result

    def run(
        self,
        input_paths: Mapping[str, str],
        output_paths: Mapping[str, str],
        environ_vars: Mapping[str, str],
        job_args: argparse.Namespace | None = None,
    ) -> Ran:
        """The same, but a failure is returned."""
        input_paths, output_paths, environ_vars = map(_as_text, (input_paths, output_paths, environ_vars))
        plan = self._plan(input_paths, output_paths, environ_vars, vars(job_args) if job_args else {})
        folder = Path(self.folder) / f"call-{next(_calls)}"
        scratch = folder / "scratch"
        scratch.mkdir(parents=True)
        order = Order(
            step=plan.step.name,
            script=self.path,
            source_dir=self.source_dir,
            input_paths=input_paths,
            output_paths=output_paths,
            environ_vars=environ_vars,
            job_args=dict(plan.step.args),
            cwd=str(scratch),
            scratch=str(scratch),
        )
        log_path = folder / "log.txt"
        process = launch.start_step(
            order,
            python=self.python,
            modules=plan.sources.modules,
            log_path=log_path,
            redactor=plan.redactor,
            timeout=None,
            memory=None,
        )
        try:
            outcome = process.wait()
        except BaseException:
            process.kill()
            raise
        failure = None if outcome.ended == "succeeded" else failures.from_outcome(outcome, plan)
        return Ran(outcome, failure, log_path)

    def _plan(
        self,
        input_paths: Mapping[str, str],
        output_paths: Mapping[str, str],
        environ_vars: Mapping[str, str],
        job_args: Mapping[str, Any],
    ) -> StepPlan:
        """The call as a step's plan, which is what the advice on a failure is drawn from."""
        paths = {port: Path(path) for port, path in input_paths.items()}
        step = Step(
            name=Path(self.path).stem,
            script=Path(self.path),
            source_dir=Path(self.source_dir),
            python=Path(self.python) if self.python else None,
            inputs={port: FromPath(path=path) for port, path in paths.items()},
            outputs={port: Output() for port in output_paths},
            env=dict(environ_vars),
            args=dict(job_args),
        )
        inputs = {
            port: StepInput(port, path, digest="", producer=None, copy_files=False, empty=False)
            for port, path in paths.items()
        }
        found = sources.scan(step.script, Path(self.source_dir), self.python)
        redactor = Redactor.for_values(environ_vars, job_args)
        return StepPlan(step, inputs, found, dict(environ_vars), redactor, ingredients={}, base_key="")


def _as_text(values: Mapping[str, Any]) -> dict[str, str]:
    """Paths and numbers as the text that a script gets of them."""
    return {name: str(value) for name, value in values.items()}
