"""Scripts one by one: found, checked, given what they need, and run in a step's process of their own."""

from __future__ import annotations

import argparse
import os
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cursus_rt_notebook.engine.importable import check_importable
from cursus_rt_notebook.engine.testing.results import ErrorReport, ExecutionResult, PortData
from cursus_rt_notebook.engine.testing.script_main import Ran, ScriptMain
from cursus_rt_notebook.errors import InputMissing, StepNotStarted
from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.pipeline.contract import ScriptContract
from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.pipeline.step_config import ConfigBase
from cursus_rt_notebook.worker import sources


@dataclass
class ExecutionContext:
    """What a script's `main` is called with."""

    input_paths: dict[str, str]
    output_paths: dict[str, str]
    environ_vars: dict[str, str]
    job_args: argparse.Namespace

    def to_dict(self) -> dict[str, Any]:
        """The four as keyword arguments of `main`."""
        return {
            "input_paths": self.input_paths,
            "output_paths": self.output_paths,
            "environ_vars": self.environ_vars,
            "job_args": self.job_args,
        }


class ScriptImportManager:
    """Finds scripts, says what keeps one from being imported, and runs their `main` as a step runs.

    Nothing of a script is run in this process: it is read as a syntax tree, and what `import_script_main` returns runs
    it in a process of its own, started as those of a pipeline's steps.

    Args:
        source_dir: Where the scripts' local modules lie; by default each script's own folder.
        python: The interpreter to run them with; by default this one.
    """

    def __init__(self, source_dir: str | Path | None = None, python: str | Path | None = None) -> None:
        self._source_dir = Path(source_dir).absolute() if source_dir else None
        self._python = str(python) if python else None
        self._imported_modules: dict[str, ScriptMain] = {}
        self._script_cache: dict[str, Mapping[str, str]] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="cursus-scripts-", ignore_cleanup_errors=True)
        self._finalizer = weakref.finalize(self, self._folder.cleanup)

    def import_script_main(self, script_path: str) -> ScriptMain:
        """The `main` of a script: a callable that runs it in a step's process, with the contract's four arguments.

        It is kept by content: as long as the script and its local modules are what they were, it is the same object.

        Raises:
            ScriptNotFound: there is no such file.
            ScriptSyntaxError: the script, or a local module of it, is no Python; names the line.
            DependencyMissing: it imports a package that is not installed; names the package and how to install it.
            MainMissing: it has no function `main`.
            WrongSignature: `main` takes other parameters; says what was expected, and what was found.
        """
        script = Path(script_path).absolute()
        source_dir = self._source_dir or script.parent
        found = sources.scan(script, source_dir, self._python)
        known = self._imported_modules.get(str(script))
        if known is not None and self._script_cache[str(script)] == found.files:
            return known
        check_importable(script, source_dir, self._python)
        main = ScriptMain(str(script), str(source_dir), self._python, self._folder.name)
        self._imported_modules[str(script)], self._script_cache[str(script)] = main, found.files
        return main

    def prepare_execution_context(
        self,
        step_config: ConfigBase | Step | Mapping[str, Any] | object,
        input_data_paths: Mapping[str, str | Path],
        output_base_dir: str | Path,
    ) -> ExecutionContext:
        """All that a script's `main` is called with; makes a folder under `output_base_dir` for each output port.

        Raises:
            ScriptNotFound: the configuration names no script that is there.
            InputMissing: a required input has no path, or nothing lies there; or a path is for no declared port.
            StepNotStarted: a required variable of the environment has no value.
        """
        config = ConfigBase.of(step_config)
        inputs = _checked_inputs(config.name, config.contract, input_data_paths)
        outputs = {port: Path(output_base_dir).absolute() / folder_name(port) for port in config.contract.outputs}
        environ = _environ(config)
        for port, folder in outputs.items():
            for channel in ("", *config.contract.outputs[port].channels):
                (folder / channel).mkdir(parents=True, exist_ok=True)
        arguments = {name.replace("-", "_"): value for name, value in config.args.items()}
        return ExecutionContext(
            input_paths=inputs,
            output_paths={port: str(folder) for port, folder in outputs.items()},
            environ_vars=environ,
            job_args=argparse.Namespace(**arguments),
        )

    def execute_script_main(self, main_func: ScriptMain, context: ExecutionContext) -> ExecutionResult:
        """Run a script's `main` in a step's process; a failure is told in the result, never raised.

        Raises:
            TypeError: `main_func` did not come from `import_script_main`.
        """
        if not isinstance(main_func, ScriptMain):  # pyright: ignore[reportUnnecessaryIsInstance]  a user's mistake
            raise TypeError("main_func must come from import_script_main: a step never runs in this process")
        ran = main_func.run(**context.to_dict())
        return _result(main_func, context, ran)

    def discover_script_from_config(self, config: ConfigBase | Step | Mapping[str, Any] | object) -> str:
        """The absolute path of the script that a configuration names.

        Raises:
            ScriptNotFound: it names none, or none that is there.
        """
        return str(ConfigBase.of(config).script)


def _checked_inputs(step: str, contract: ScriptContract, given: Mapping[str, str | Path]) -> dict[str, str]:
    strange = sorted(set(given) - set(contract.inputs)) if contract.inputs else []
    if strange:
        fix = f"its inputs are {', '.join(contract.inputs)}"
        raise InputMissing(f"{step} declares no input {strange[0]!r}", fix=fix, step=step, ports=tuple(strange))
    paths = {port: Path(path).absolute() for port, path in given.items()}
    for port, declared in contract.inputs.items():
        path = paths.get(port)
        if declared.required and path is None:
            fix = f"give its path: input_data_paths[{port!r}]"
            raise InputMissing(f"input {port!r} of {step} has no data", fix=fix, step=step, ports=(port,))
        if declared.required and path is not None and not path.exists():
            message = f"input {port!r} of {step} is missing: {path}"
            raise InputMissing(message, fix="put the data there, or mend the path", step=step, ports=(port,))
    return {port: str(path) for port, path in paths.items() if path.exists()}


def _environ(config: ConfigBase) -> dict[str, str]:
    found = {name: os.environ.get(name) if value is None else value for name, value in config.env.items()}
    missing = [name for name, value in found.items() if value is None]
    if missing:
        fix = f'set it: os.environ["{missing[0]}"] = "...", or give it a value in the configuration'
        raise StepNotStarted(f"{config.name} needs a value for {', '.join(missing)}", fix=fix, step=config.name)
    return {name: value for name, value in found.items() if value is not None}


def _result(main: ScriptMain, context: ExecutionContext, ran: Ran) -> ExecutionResult:
    outcome, failure = ran.outcome, ran.failure
    return ExecutionResult(
        step_name=Path(main.path).stem,
        script_path=main.path,
        status="failed" if failure else "done",
        success=failure is None,
        result=outcome.result,
        seconds=outcome.seconds,
        cpu_seconds=outcome.cpu_seconds,
        peak_memory=outcome.peak_memory,
        read_bytes=outcome.read_bytes,
        written_bytes=outcome.written_bytes,
        attempts=1,
        inputs={port: PortData(path=path) for port, path in context.input_paths.items()},
        outputs={port: PortData(path=path) for port, path in context.output_paths.items()},
        error=ErrorReport.of(failure) if failure else None,
        log_path=str(ran.log_path),
        log_tail=outcome.log_tail,
    )
