"""Make a pipeline of a document, or report everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cursus_rt_notebook.errors import NameRefused
from cursus_rt_notebook.names import check_name
from cursus_rt_notebook.pipeline.checks import read_checks
from cursus_rt_notebook.pipeline.configuration import read_args, read_breaker, read_env, read_retry
from cursus_rt_notebook.pipeline.containers import read_container, read_requirements
from cursus_rt_notebook.pipeline.dag import check_cycles, check_edges
from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import quoted
from cursus_rt_notebook.pipeline.files import absolute, folder_named, interpreter, script_file
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, Breaker, FromStep, Input, Pipeline, Retry, Step
from cursus_rt_notebook.pipeline.outputs import read_outputs
from cursus_rt_notebook.pipeline.plainbreaks import read_breakpoints
from cursus_rt_notebook.pipeline.reading import read
from cursus_rt_notebook.pipeline.stubs import read_stub
from cursus_rt_notebook.pipeline.wiring import Wiring
from cursus_rt_notebook.pipeline.written import WrittenPipeline, WrittenStep


def build(document: Document) -> Pipeline:
    """The pipeline that `document` describes.

    Raises:
        PipelineError: it describes none; `faults` says why, in full.
    """
    head = read(WrittenPipeline, document.value, (), document)
    name = _name(head.name, document)
    builder = _Builder(document, head, _source_dir(head, document))
    breakpoints = read_breakpoints(head.breakpoints, head.steps, document)
    checks = read_checks(head.checks, ("checks",), document, whole=True)
    steps = builder.steps()
    return Pipeline(
        name=name,
        steps=steps,
        source_dir=absolute(document.base_dir, head.source_dir),
        base_dir=document.base_dir,
        origin=document.origin,
        breakpoints=breakpoints,
        checks=checks,
        effects=head.effects,
    )


def _name(written: str | None, document: Document) -> str:
    if written is not None:
        document.check_name(("name",), written, "pipeline")
        return written
    try:
        return check_name(document.name)
    except NameRefused:
        return "pipeline"


def _source_dir(head: WrittenPipeline, document: Document) -> Path | None:
    """Where the scripts lie; None if it is not there, which is said once and not again for every script."""
    return folder_named(head.source_dir, ("source_dir",), document)


@dataclass(frozen=True)
class _Builder:
    document: Document
    head: WrittenPipeline
    source_dir: Path | None

    @cached_property
    def python(self) -> Path | None:
        """The interpreter of steps that name none."""
        return interpreter(self.head.python, ("python",), self.document)

    @cached_property
    def env(self) -> dict[str, str | None]:
        """The environment of all steps, under their own."""
        return read_env(self.head.env, ("env",), self.document)

    @cached_property
    def retry(self) -> Retry:
        """How often every step is tried, under what it says itself."""
        return read_retry(self.head.retry, ("retry",), self.document)

    @cached_property
    def breaker(self) -> Breaker | None:
        """When every step is left alone, under what it says itself."""
        return read_breaker(self.head.circuit_breaker, ("circuit_breaker",), self.document)

    def steps(self) -> dict[str, Step]:
        written = {name: self.read(name, value) for name, value in self.head.steps.items()}
        readable = self.document.value is None or isinstance(self.document.value, dict)
        if not written and readable and not self.document.is_faulty(("steps",)):
            self.document.fault((), "has no steps", "add steps: {NAME: {script: NAME.py}}")
        outputs = {n: read_outputs(w.outputs, ("steps", n, "outputs"), self.document) for n, w in written.items()}
        wiring = Wiring(self.document, {n: None if o is None else tuple(o) for n, o in outputs.items()})
        inputs = {n: wiring.inputs(w.inputs, ("steps", n, "inputs")) for n, w in written.items()}
        after = self.after(written, inputs, wiring)
        facts = {name: self.facts(step, ("steps", name), outputs[name]) for name, step in written.items()}
        self.document.raise_faults()
        return {
            name: Step(name=name, inputs=inputs[name], outputs=outputs[name] or {}, after=after[name], **facts[name])
            for name in written
        }

    def read(self, name: str, value: Any) -> WrittenStep:
        path = ("steps", name)
        self.document.check_name(path, name, "step")
        step = read(WrittenStep, value, path, self.document)
        if step.script is None and step.stub is None and (value is None or isinstance(value, dict)):
            self.no_script(name, (*path, "script"))
        return step

    def no_script(self, name: str, path: KeyPath) -> None:
        if self.document.is_faulty(path):
            return
        meant = self.document.near(name, (other for other in self.head.steps if other != name))
        by_edge = self.document.edges and meant and not self.head.steps[name]
        hint = f", or mend the edge: did you mean {quoted(meant)}?" if by_edge else ""
        self.document.fault(path[:-1], f"step {quoted(name)} has no script", f"add script: {name}.py{hint}")

    def facts(self, step: WrittenStep, path: KeyPath, outputs: Collection[str] | None) -> dict[str, Any]:
        """What a step is beside its ports: script, interpreter, configuration, limits."""
        script, source_dir = self.script(step, path)
        own = interpreter(step.python, (*path, "python"), self.document)
        return {
            "script": script,
            "source_dir": source_dir,
            "python": own or self.python,
            "env": self.env | read_env(step.env, (*path, "env"), self.document),
            "args": read_args(step.args, (*path, "args"), self.document),
            "effects": step.effects if "effects" in step.model_fields_set else None,
            "on_error": (step if "on_error" in step.model_fields_set else self.head).on_error,
            "retry": read_retry(step.retry, (*path, "retry"), self.document, self.retry),
            "circuit_breaker": read_breaker(
                step.circuit_breaker, (*path, "circuit_breaker"), self.document, self.breaker
            ),
            "container": read_container(step.container, (*path, "container"), self.document),
            "requirements": read_requirements(step.requirements, (*path, "requirements"), self.document),
            "stub": read_stub(step.stub, (*path, "stub"), self.document, outputs),
            **{key: getattr(step, key) for key in ("entry", "timeout", "memory", "cache")},
        }

    def script(self, step: WrittenStep, path: KeyPath) -> tuple[Path, Path]:
        """A step's script and source folder; of one that is said to be missing, where they should be."""
        if step.script is not None and step.script_missing:
            own = absolute(self.document.base_dir, step.source_dir) if step.source_dir else self.source_dir
            folder = own or self.document.base_dir
            return absolute(folder, step.script), folder
        folder = folder_named(step.source_dir, (*path, "source_dir"), self.document) or self.source_dir
        if step.script is None or folder is None:
            return NO_SCRIPT, NO_SCRIPT.parent
        return script_file(step.script, folder, (*path, "script"), self.document), folder

    def after(
        self, written: Mapping[str, WrittenStep], inputs: Mapping[str, Mapping[str, Input]], wiring: Wiring
    ) -> dict[str, tuple[str, ...]]:
        """For each step, those that it follows without their data: as `after` says, and a graph's other edges."""
        after = {name: self.named(name, step.after, wiring) for name, step in written.items()}
        waits = {name: _waits(name, inputs[name], written[name].after, after[name]) for name in written}
        for name, others in check_edges(waits, self.document).items():
            for other in others:
                waits[name][other] = (("edges", f"{other} -> {name}"),)
                after[name] = (*after[name], other)
        check_cycles(waits, self.document)
        return after

    def named(self, name: str, others: list[str], wiring: Wiring) -> tuple[str, ...]:
        for index, other in enumerate(others):
            path = ("steps", name, "after", index)
            if other not in self.head.steps:
                wiring.unknown_step(other, path)
            elif other == name:
                self.document.fault(path, f"step {quoted(name)} comes after itself", "take it away")
        return tuple(dict.fromkeys(other for other in others if other in self.head.steps and other != name))


def _waits(
    name: str, inputs: Mapping[str, Input], written: list[str], after: tuple[str, ...]
) -> dict[str, tuple[KeyPath, ...]]:
    """What a step waits for, each with the places that say so."""
    path = ("steps", name)
    links = [(s.step, (*path, "inputs", port)) for port, s in inputs.items() if isinstance(s, FromStep)]
    links += [(other, (*path, "after", written.index(other))) for other in after]
    return {other: tuple(place for step, place in links if step == other) for other, _ in links}
