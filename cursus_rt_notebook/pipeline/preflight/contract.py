"""A step's declarations beside what its script does with them: ports, environment, arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cursus_rt_notebook.pipeline.environment import is_given
from cursus_rt_notebook.pipeline.faults import listed, near, quoted
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import FromStep, Pipeline, Step
from cursus_rt_notebook.pipeline.script_use import NameUse, ScriptUse


@dataclass(frozen=True)
class Contract:
    """One step, what its script does, and the pipeline both belong to."""

    pipeline: Pipeline
    step: Step
    use: ScriptUse

    def findings(self) -> Iterator[Finding]:
        """Where declaration and script disagree; nothing where the script's text does not tell."""
        yield from self._inputs()
        yield from self._outputs()
        yield from self._environment()
        yield from self._arguments()

    def _inputs(self) -> Iterator[Finding]:
        declared = self.step.inputs
        for port, use in self.use.inputs.items():
            if port not in declared:
                what = "which nothing provides" if use.demanded else "which the pipeline does not declare"
                verb = "takes" if use.demanded else "asks for"
                fix = self._declare("input", port, self._unused(declared, self.use.inputs), declared)
                yield self._at(use, _weight(use), f"the script {verb} input {quoted(port)}, {what}", fix, port)
            elif declared[port].optional and use.surely:
                message = f"input {quoted(port)} is optional, and the script fails without it"
                name = self._parameter("inputs")
                fix = f"take away optional: true, or ask first in the script: if {port!r} in {name}"
                yield self._at(use, "warning", message, fix, port)
        for port in self._never("inputs", declared):
            severity = "info" if declared[port].optional else "warning"
            yield self._unread(severity, f"input {quoted(port)} is declared, and the script never touches it", port)

    def _outputs(self) -> Iterator[Finding]:
        declared = self.step.outputs
        for port, use in self.use.outputs.items():
            if port not in declared:
                fix = self._declare("output", port, self._unused(declared, self.use.outputs), declared)
                verb = "writes to" if use.demanded else "asks for"
                message = f"the script {verb} output {quoted(port)}, which the pipeline does not declare"
                yield self._at(use, _weight(use), message, fix, port)
        wanted = {
            source.port
            for name in self.pipeline.consumers[self.step.name]
            for source in self.pipeline.steps[name].inputs.values()
            if isinstance(source, FromStep) and source.step == self.step.name
        }
        for port in self._never("outputs", declared):
            severity = "warning" if declared[port].required or port in wanted else "info"
            yield self._unread(severity, f"output {quoted(port)} is declared, and the script never touches it", port)

    def _environment(self) -> Iterator[Finding]:
        for name, use in self.use.env.items():
            if use.demanded and name not in self.step.env and not is_given(name):
                meant = near(name, self._unused(self.step.env, self.use.env))
                declare = f"declare it for the step, env: {{{name}: null}}, and give it a value"
                fix = f"did you mean {quoted(meant)}? Else {declare}" if meant else declare
                message = f"the script needs the variable {name}, which nobody declares"
                yield self._at(use, _weight(use), message, fix)

    def _arguments(self) -> Iterator[Finding]:
        declared = {name.replace("-", "_"): value for name, value in self.step.args.items()}
        for name, use in self.use.args.items():
            if use.demanded and name not in declared:
                fix = self._declare("argument", name, self._unused(declared, self.use.args), declared)
                message = f"the script reads {self._parameter('args')}.{name}, which the pipeline does not declare"
                yield self._at(use, _weight(use), message, fix)
        for name in self._never("args", declared):
            yield self._unread("info", f"argument {quoted(name)} is declared, and the script never reads it")

    def _never(self, kind: str, declared: Iterable[str]) -> Iterator[str]:
        """What is declared and not used, where all uses are known."""
        if kind not in self.use.dynamic:
            used: Mapping[str, NameUse] = getattr(self.use, kind)
            yield from (name for name in declared if name not in used)

    def _unused(self, declared: Iterable[str], used: Mapping[str, NameUse]) -> list[str]:
        return [name for name in declared if name not in used]

    def _declare(self, what: str, name: str, unused: list[str], declared: Iterable[str]) -> str:
        """The right spelling if one is likely, else where to declare it."""
        meant = near(name, unused)
        sample = {"input": f"{name}: step.port", "output": name, "argument": f"{name}: ..."}[what]
        declare = f"add it to the {_SECTION[what]} of step {quoted(self.step.name)}: {sample}"
        if meant:
            return f"did you mean {quoted(meant)}? Else {declare}"
        has = f" (declared: {listed(declared)})" if list(declared) else ""
        return f"{declare}{has}"

    def _parameter(self, kind: str) -> str:
        """What the script calls one of the four that it is given."""
        return self.use.main.names.get(kind, kind) if self.use.main else kind

    def _at(self, use: NameUse, severity: str, message: str, fix: str, port: str | None = None) -> Finding:
        return Finding(severity, message, fix, self.step.name, port, str(self.step.script), use.lines[0])

    def _unread(self, severity: str, message: str, port: str | None = None) -> Finding:
        line = self.use.main.line if self.use.main else None
        fix = "use it in the script, or take it out of the pipeline"
        return Finding(severity, message, fix, self.step.name, port, str(self.step.script), line)


_SECTION = {"input": "inputs", "output": "outputs", "argument": "args"}


def _weight(use: NameUse) -> str:
    return "error" if use.surely else "warning" if use.demanded else "info"
