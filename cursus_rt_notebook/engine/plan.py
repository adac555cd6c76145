"""What a step would run with, and the key that says whether it must: everything known before a process starts."""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cursus_rt_notebook.data import reader
from cursus_rt_notebook.engine.earlier import Earlier
from cursus_rt_notebook.engine.remotes import Remotes
from cursus_rt_notebook.engine.stand_ins import StandIns
from cursus_rt_notebook.engine.state import StepState
from cursus_rt_notebook.errors import InputMissing, StepNotStarted
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, FromAddress, FromPath, FromStep, Input, Open, Pipeline, Step
from cursus_rt_notebook.redact import Redactor, is_secret_name
from cursus_rt_notebook.worker import launch, sources
from cursus_rt_notebook.worker.sources import Sources
from cursus_rt_notebook.workspace import keys
from cursus_rt_notebook.workspace.keys import Ingredients
from cursus_rt_notebook.workspace.store import Workspace

_SHOWN_IN_KEY = 200  # a longer value enters the explanation as a digest


@dataclass(frozen=True)
class StepInput:
    """One input as it will be given: where it lies, its content digest, and who made it.

    `packed` is the name of the archive as which it is given, where production hands it on as one.
    """

    port: str
    path: Path
    digest: str
    producer: str | None  # the step that wrote it; None for the user's own file
    copy_files: bool
    empty: bool
    packed: str | None = None


@dataclass(frozen=True)
class StepPlan:
    """All that one attempt needs to know beforehand. `base_key` digests the `ingredients`."""

    step: Step
    inputs: Mapping[str, StepInput]
    sources: Sources
    environ: Mapping[str, str]
    redactor: Redactor
    ingredients: Ingredients
    base_key: str


@dataclass(frozen=True)
class Planner:
    """Makes plans for the steps of one pipeline in one workspace; `env` is what the caller gave by hand."""

    pipeline: Pipeline
    workspace: Workspace
    env: Mapping[str, str]
    earlier: Earlier = field(default_factory=Earlier)
    _warmed: threading.Event = field(default_factory=threading.Event, init=False, repr=False, compare=False)

    def plan(self, name: str, states: Mapping[str, StepState]) -> StepPlan:
        """The plan of one step, whose upstream steps are settled.

        Raises:
            StepNotStarted: a required environment variable has no value, or a script cannot be read.
        """
        step = self.pipeline.steps[name]
        if states[name].stub:
            made_of = self.stand_ins.ingredients(step)
            return StepPlan(step, {}, Sources({}), {}, Redactor(), made_of, keys.step_key(made_of))
        environ = self._environ(step)
        inputs = dict(self._inputs(step, states))
        found = _scan(step)
        ingredients = _ingredients(step, environ, inputs, found)
        redactor = Redactor.for_values(environ, step.args)
        return StepPlan(step, inputs, found, environ, redactor, ingredients, keys.step_key(ingredients))

    @cached_property
    def remotes(self) -> Remotes:
        """What its steps read at addresses."""
        return Remotes(self.workspace.path)

    @cached_property
    def stand_ins(self) -> StandIns:
        """What stands in for its steps."""
        return StandIns(self.pipeline, self.workspace, self.remotes)

    def warm(self) -> None:
        """Start what the steps will need, in the background: their zygotes, and the reader; once is enough."""
        if self._warmed.is_set():
            return
        self._warmed.set()
        steps = [step for step in self.pipeline.steps.values() if step.script != NO_SCRIPT]
        for python, env in {(step.python, tuple(step.env.items())) for step in steps}:
            given = {name: value for name, value in env if value is not None}
            with suppress(StepNotStarted):  # an interpreter that does not run is the failure of the step that needs it
                launch.warm(str(python) if python else None, tuple(sorted(self._imports[python])), given)
        reader.warm_reader()

    def modules(self, plan: StepPlan) -> tuple[str, ...]:
        """The third-party modules to load ahead for a step: what any script under its interpreter imports.

        One zygote has them all. The other scripts are read once: a step must not cost more for each that there is.
        """
        return tuple(sorted(self._imports[plan.step.python].union(plan.sources.modules)))

    @cached_property
    def _imports(self) -> dict[Path | None, set[str]]:
        found: dict[Path | None, set[str]] = {}
        steps = {(step.script, step.source_dir, step.python): step for step in self.pipeline.steps.values()}
        for step in (step for step in steps.values() if step.script != NO_SCRIPT):
            found.setdefault(step.python, set()).update(_scan(step).modules)
        return found

    def edited(self, plan: StepPlan) -> tuple[str, ...]:
        """The sources of a step that are not any more what it was planned with."""
        before, now = plan.sources.files, _scan(plan.step).files
        return tuple(name for name in {**before, **now} if before.get(name) != now.get(name))

    def _environ(self, step: Step) -> dict[str, str]:
        environ = {name: self.env.get(name, value) for name, value in step.env.items()}
        found = {name: os.environ.get(name) if value is None else value for name, value in environ.items()}
        missing = [name for name, value in found.items() if value is None]
        if missing:
            names = ", ".join(missing)
            fix = f'give it: execute_pipeline_with_breakpoints(..., env={{"{missing[0]}": ...}}), or set it outside'
            raise StepNotStarted(f"{step.name} needs a value for {names}", fix=fix, step=step.name)
        return {name: value for name, value in found.items() if value is not None}

    def _inputs(self, step: Step, states: Mapping[str, StepState]) -> list[tuple[str, StepInput]]:
        found = [self._input(port, source, states) for port, source in step.inputs.items()]
        return [(each.port, each) for each in found if each is not None]

    def _input(self, port: str, source: Input, states: Mapping[str, StepState]) -> StepInput | None:
        if isinstance(source, FromStep):
            producer = states[source.step]
            if producer.artifact is None or source.port not in producer.outputs:
                return None
            path = self.workspace.artifact_dir(producer.artifact, source.port)
            empty = path.is_dir() and not any(path.iterdir())  # a script may put a file in place of the folder
            packed = self.pipeline.steps[source.step].outputs[source.port].packed
            digest = producer.outputs[source.port]
            return StepInput(port, path, digest, source.step, source.copy_files, empty, packed)
        path = self._own(source)
        if path is None or not path.exists():
            return None
        tree = self.workspace.digest_path(path)
        return StepInput(port, path, tree.digest, None, source.copy_files, empty=not tree.files)

    def _own(self, source: FromPath | FromAddress | Open) -> Path | None:
        """Where an input lies that no step feeds; None if it is not here."""
        if isinstance(source, FromAddress):
            return self.remotes.there(source.address, source.sample)
        return None if isinstance(source, Open) else source.path


def _scan(step: Step) -> Sources:
    return sources.scan(step.script, step.source_dir, str(step.python) if step.python else None)


def check_inputs(plan: StepPlan) -> None:
    """Refuse to start a step that lacks a required input, or whose input is empty; names who should have made it.

    Raises:
        InputMissing: with the port and the step upstream.
    """
    for port, source in plan.step.inputs.items():
        if source.optional:
            continue
        given = plan.inputs.get(port)
        if given is not None and not given.empty:
            continue
        lack = "is missing" if given is None else "is empty"
        if isinstance(source, FromStep):
            message = f"input {port!r} of {plan.step.name} {lack}: {source.step} wrote nothing to {source.port!r}"
            fix = f"look at {source.step}'s log, or mark the input `optional: true`"
        elif isinstance(source, FromAddress):
            message = f"input {port!r} of {plan.step.name} {lack}: nothing was fetched from {source.address}"
            fix = "see its address, or mark the input `optional: true`"
        elif isinstance(source, Open):
            message = f"input {port!r} of {plan.step.name} is open: nothing feeds it"
            fix = f'give it: pipeline.with_inputs({{"{plan.step.name}.{port}": PATH}})'
        else:
            message = f"input {port!r} of {plan.step.name} {lack}: {source.path}"
            fix = "put the file there, or mark the input `optional: true`"
        raise InputMissing(message, fix=fix, step=plan.step.name, ports=(port,), title="no input")


def _ingredients(
    step: Step, environ: Mapping[str, str], inputs: Mapping[str, StepInput], found: Sources
) -> dict[str, dict[str, str]]:
    contract = {
        "entry": step.entry,
        "script": step.script.name,
        "outputs": keys.digest_of_value({port: list(out.channels) for port, out in step.outputs.items()}),
    }
    if step.container is not None:
        contract["container"] = keys.digest_of_value(step.container.model_dump())
    return {
        "source": dict(found.files),
        "contract": contract,
        "env": {name: _shown(name, value) for name, value in environ.items()},
        "args": {name: _shown(name, value) for name, value in step.args.items()},
        "inputs": {port: _given_as(given) for port, given in inputs.items()},
        "packages": dict(found.packages),
        "python": {"version": found.python_version, "machine": platform.machine()},
    }


def _given_as(given: StepInput) -> str:
    return f"{given.digest} in {given.packed}" if given.packed else given.digest


def _shown(name: str, value: Any) -> str:
    """A value as the key and its explanation hold it: itself where it is short and no secret, else its digest."""
    short = isinstance(value, (str, int, float, bool)) and len(repr(value)) <= _SHOWN_IN_KEY
    return repr(value) if short and not is_secret_name(name) else keys.digest_of_value(value)


def explain_change(before: Ingredients, after: Ingredients) -> str:
    """In a few words, why a step must run again: "script changed", "input flights changed"."""
    changes = keys.changes(before, after)
    if not changes:
        return "to be run again"
    first = changes[0]
    words = {
        "source": f"{Path(first.name).name} changed",
        "inputs": f"input {first.name} changed",
        "env": f"{first.name} changed",
        "args": f"argument {first.name} changed",
        "packages": f"{first.name} {first.before} -> {first.after}",
        "python": "interpreter changed",
        "stub": f"stub {first.name} changed",
    }
    return words.get(first.section, f"{first.section} changed")
