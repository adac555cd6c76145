"""The pipeline as everything else sees it: frozen models, complete and checked, with absolute paths.

Which output feeds which input, in one picture::

    Step.inputs["flights"] ──> FromStep("extract", "flights")    an upstream port, given as a folder
                           ──> FromPath("/data/flights.csv")     a file or folder of the user's, given as what it is
                           ──> FromAddress("s3://b/f.csv")       the same at an address, brought here when it is needed
                           ──> Open()                            nothing yet: the caller gives it
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from pydantic import Field

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.bindings import Binding
from cursus_rt_notebook.pipeline.facts import Bound, Breaker, Checks, Container, Output, Retry
from cursus_rt_notebook.pipeline.findings import Finding, Findings
from cursus_rt_notebook.pipeline.frozen import Frozen
from cursus_rt_notebook.pipeline.inputs import FromAddress, FromPath, FromStep, Input, Open
from cursus_rt_notebook.pipeline.standin import Given, Recorded, Stub

if TYPE_CHECKING:
    from cursus_rt_notebook.pipeline.explained import WiringExplanation

__all__ = [
    "NO_SCRIPT",
    "Bound",
    "Breaker",
    "Checks",
    "Container",
    "Effects",
    "FromAddress",
    "FromPath",
    "FromStep",
    "Given",
    "Input",
    "OnError",
    "Open",
    "Output",
    "Pipeline",
    "Recorded",
    "Retry",
    "Step",
    "Stub",
]


OnError = Literal["pause", "continue"]
Effects = Literal["record", "refuse", "allow"]
NO_SCRIPT: Final = Path(os.devnull)


class Step(Frozen):
    """One script with its contract and configuration; one node of the graph.

    `source_dir`, where nothing else is said the script's own folder, is on the script's `sys.path`. A step that a stub stands in for may have no script: `NO_SCRIPT`.
    `requirements` are the versions that its contract asks for, by distribution, as pip writes them: `">=1.2,<2"`.
    """

    name: str
    script: Path
    source_dir: Path = Field(default_factory=lambda known: known["script"].parent)
    entry: Literal["main", "script"] = "main"
    python: Path | None = None
    inputs: dict[str, Input] = {}
    outputs: dict[str, Output] = {}
    env: dict[str, str | None] = {}
    args: dict[str, Any] = {}
    after: tuple[str, ...] = ()
    timeout: float | None = None
    memory: int | None = None
    cache: bool = True
    effects: Effects | None = None
    on_error: OnError = "pause"
    retry: Retry = Retry()
    circuit_breaker: Breaker | None = None
    container: Container | None = None
    requirements: dict[str, str] = {}
    stub: Stub | None = None

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The steps that must have ended before this one, each once: for data first, then for order only."""
        fed = (source.step for source in self.inputs.values() if isinstance(source, FromStep))
        return tuple(dict.fromkeys((*fed, *self.after)))


class Pipeline(Frozen):
    """A graph of steps, with how each output feeds each input.

    `origin` is what it was read from, for messages: a file's path, `"dict"` or `"graph"`; `checks` hold for every output.
    `effects` says what becomes of what a step does beyond its own folders, where the step does not say so itself.
    `notes` is what its source noticed, for preflight; `bindings` say what a rule weighed to feed each input. Two pipelines
    are equal if they run alike, wherever they were read.
    """

    name: str
    steps: dict[str, Step]
    source_dir: Path
    base_dir: Path
    origin: str
    breakpoints: tuple[str, ...] = ()
    checks: Checks = Checks()
    effects: Effects = "record"
    notes: tuple[Finding, ...] = ()
    bindings: tuple[Binding, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pipeline) and self._runs_as == other._runs_as

    def __hash__(self) -> int:
        return hash((self.name, *self.steps))

    @property
    def _runs_as(self) -> tuple[Any, ...]:
        return self.name, self.steps, tuple(self.steps), self.breakpoints, self.checks, self.effects

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The steps so that each comes after all it needs; ties go by their order in the document."""
        position = {name: i for i, name in enumerate(self.steps)}
        sorter = TopologicalSorter({name: step.needs for name, step in self.steps.items()})
        sorter.prepare()
        ordered: list[str] = []
        ready = sorted(sorter.get_ready(), key=position.__getitem__)
        while ready:
            name = ready.pop(0)
            ordered.append(name)
            sorter.done(name)
            ready = sorted([*ready, *sorter.get_ready()], key=position.__getitem__)
        return tuple(ordered)

    @cached_property
    def rank(self) -> dict[str, int]:
        """Each step's place in the order."""
        return {name: place for place, name in enumerate(self.order)}

    @cached_property
    def consumers(self) -> dict[str, tuple[str, ...]]:
        """For each step, the steps that need it directly, in order."""
        found: dict[str, list[str]] = {name: [] for name in self.steps}
        for name in self.order:
            for need in self.steps[name].needs:
                found[need].append(name)
        return {name: tuple(consumers) for name, consumers in found.items()}

    def preflight(self, env: Collection[str] = ()) -> Findings:
        """Everything that can be seen before a step runs: what will stop it, and what looks wrong.

        A tuple, which shows itself with the worst first.

        Args:
            env: The names of the variables that the caller gives by hand.
        """
        from cursus_rt_notebook.pipeline.preflight.whole import preflight

        return Findings(preflight(self, env))

    def with_inputs(self, inputs: Mapping[str, Any]) -> Pipeline:
        """The same pipeline with these inputs, each named `STEP.PORT`.

        Each is a file or folder, an `s3://` address, or `{"path": ADDRESS, "sample": 10_000}` for the first rows of large
        tables.

        Raises:
            PipelineError: an address is none, or holds credentials.
            NameUnknown: there is no such step or port; names the inputs that there are.
            InputMissing: there is nothing at a path.
        """
        from cursus_rt_notebook.pipeline.parts import with_inputs

        return with_inputs(self, inputs)

    def with_stubs(self, stubs: Mapping[str, Any]) -> Pipeline:
        """The same pipeline with other stand-ins for steps, by step.

        Each is `"synthetic"`, `"skip"` or `"open"`; a folder or an `s3://` address below which each output lies under its
        name; a mapping from outputs (`PORT`, `PORT/CHANNEL`) to data: a path, an address, `{"path": ..., "sample": 10_000}`,
        a DataFrame, or a function of no arguments that makes one; such data itself for a step with one output; or None:
        nothing stands in any more, its script runs.

        Raises:
            NameUnknown: there is no such step or output; names those that there are.
            PipelineError: the stand-in means nothing, or the step has no script that could run.
            InputMissing: there is nothing at a path.
        """
        from cursus_rt_notebook.pipeline.with_stubs import with_stubs

        return with_stubs(self, stubs)

    def explain_wiring(self, step: str | None = None) -> WiringExplanation:
        """Why each input is fed by what feeds it: what a rule weighed and why one won, or where it is written.

        Args:
            step: One step, or `STEP.PORT`; None for all.

        Raises:
            NameUnknown: there is no such step or input; names those that there are.
        """
        from cursus_rt_notebook.pipeline.explained import explain_wiring

        return explain_wiring(self, step)

    def to_yaml(self, path: str | Path | None = None) -> str:
        """The pipeline as a YAML document of our own format, also written to `path`, if given: loaded from there it is equal.

        Paths below the folder of `path` are relative to it; without `path` all are absolute. Of inputs that a rule wired,
        comments tell its scores. What is only in memory cannot be written; a script that is not there is marked so.

        Raises:
            PipelineError: a stub's data is a DataFrame or a function; or the file cannot be written.
        """
        from cursus_rt_notebook.pipeline.to_yaml import to_yaml

        return to_yaml(self, path)

    def checks_of(self, step: str, port: str) -> Checks:
        """What is checked of an output: its own checks, over those of the pipeline."""
        return self.steps[step].outputs[port].checks.over(self.checks)

    def with_on_error(self, on_error: OnError) -> Pipeline:
        """The same pipeline, in which every step that fails pauses the run, or lets it continue.

        Raises:
            PipelineError: `on_error` is neither.
        """
        if on_error not in get_args(OnError):
            raise PipelineError(f"on_error={on_error!r} means nothing", fix='give "continue" or "pause"')
        return self.altered(steps={name: step.altered(on_error=on_error) for name, step in self.steps.items()})

    def descendants(self, name: str) -> tuple[str, ...]:
        """Every step that needs `name`, directly or not, in order."""
        found = {name}
        for other in self.order:
            if found.intersection(self.steps[other].needs):
                found.add(other)
        return tuple(s for s in self.order if s in found and s != name)

    def ancestors(self, name: str) -> tuple[str, ...]:
        """Every step that `name` needs, directly or not, in order."""
        found = {name}
        for other in reversed(self.order):
            if other in found:
                found.update(self.steps[other].needs)
        return tuple(s for s in self.order if s in found and s != name)
