"""A step's declarations beside what its script does with them: ports, environment, arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cursus_rt_notebook.pipeline.environment import is_given
from cursus_rt_notebook.pipeline.faults import listed, near, quoted
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import FromPath, FromStep, Pipeline, Step
from cursus_rt_notebook.pipeline.preflight.conditions import is_passed
from cursus_rt_notebook.pipeline.preflight.places import same_place
from cursus_rt_notebook.pipeline.script_use import NameUse, PortUse, ScriptUse
from cursus_rt_notebook.pipeline.scripts.block.found import PortGiven


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
            if port not in declared and port in self._places("inputs"):
                yield from self._unfed(port, use)
            elif port not in declared and not self._is_explained("inputs", port, use):
                what = "which nothing provides" if use.demanded else "which the pipeline does not declare"
                verb = "takes" if use.demanded else "asks for"
                fix = self._declare("input", port, self._unused(declared, self.use.inputs), declared)
                yield self._at(use, _weight(use), f"the script {verb} input {quoted(port)}, {what}", fix, port)
            elif port in declared and declared[port].optional and use.surely:
                yield self._needed_after_all(port, use)
        for port in self._never("inputs", declared):
            if self._is_own(port):
                continue
            severity = "info" if declared[port].optional else "warning"
            yield self._untouched(severity, "input", port)

    def _is_own(self, port: str) -> bool:
        """Whether an input is of the step's own source folder, where a script finds it without being given it."""
        source = self.step.inputs[port]
        return source.optional and isinstance(source, FromPath) and source.path.is_relative_to(self.step.source_dir)

    def _needed_after_all(self, port: str, use: PortUse) -> Finding:
        """An input that is declared as optional, and that `main` fails without."""
        given = self.use.block.inputs.get(port) if self.use.block else None
        message = f"input {quoted(port)} is optional, and the script fails without it{self._passed(port)}"
        declare = "let its interface say required: true" if self.step.container else "take away optional: true"
        fix = f"{declare}, or ask first in the script: if {port!r} in {self._parameter('inputs')}"
        severity = "info" if self._places("inputs") and given is not None and given.always else "warning"
        return self._at(use, severity, message, fix, port)

    def _unfed(self, port: str, use: PortUse) -> Iterator[Finding]:
        """An input that the interface declares as optional, and that nothing feeds."""
        block = self.use.block
        given = block.inputs.get(port) if block else None
        passed = is_passed(port, given, self.step, block) if block and block.calls_main else None
        if not use.demanded or (not use.surely and passed is False):
            return  # it does without, or comes to that line only where the input is passed
        if given is not None and given.always:
            message = f"main demands input {quoted(port)}, which is optional and nothing feeds{self._passed(port)}"
            fix = f"there is nothing at its path; to feed it, wire an output to it, or {self._with_inputs(port)}"
            yield self._at(use, "info", message, fix, port)
            return
        verb = "fails" if use.surely else "may fail"
        message = (
            f"input {quoted(port)} is optional and nothing feeds it, and main {verb} without it{self._passed(port)}"
        )
        fix = f"wire an output to it, or {self._with_inputs(port)}"
        yield self._at(use, "error" if use.surely else "warning", message, fix, port)

    def _with_inputs(self, port: str) -> str:
        return f'pipeline.with_inputs({{"{self.step.name}.{port}": PATH}})'

    def _passed(self, port: str) -> str:
        """Whether the script's `__main__` block gives main a path for an input, as the end of a sentence."""
        block = self.use.block
        if block is None or not block.calls_main or "inputs" in block.dynamic:
            return ""
        given = block.inputs.get(port)
        if given is None:
            return "; its __main__ block never passes it"
        if given.always:
            return f"; its __main__ block always passes it (line {given.line})"
        return f"; its __main__ block passes it if {given.when} (line {given.line})" if given.when else ""

    def _places(self, kind: str) -> Mapping[str, str]:
        """The ports that the interface declares, with their paths in the container."""
        return getattr(self.step.container, kind) if self.step.container else {}

    def _outputs(self) -> Iterator[Finding]:
        declared = self.step.outputs
        for port, use in self.use.outputs.items():
            if port not in declared and not self._is_explained("outputs", port, use):
                fix = self._as_in_block(port) or self._declare(
                    "output", port, self._unused(declared, self.use.outputs), declared
                )
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
            if any(use.demanded and self._as_in_block(other, port) for other, use in self.use.outputs.items()):
                continue  # said of the other name
            severity = "warning" if declared[port].required or port in wanted else "info"
            yield self._untouched(severity, "output", port)

    def _is_explained(self, kind: str, port: str, use: PortUse) -> bool:
        """Whether a port that nobody declares needs no word: it stands in for another, or is one by another name."""
        block = self.use.block
        if use.demanded:
            # A line that the script comes to only where its block passes that input.
            given = block.inputs.get(port) if block and kind == "inputs" else None
            unpassed = block is not None and given is not None and is_passed(port, given, self.step, block) is False
            return unpassed and not use.surely
        passed = (block.inputs if kind == "inputs" else block.outputs) if block else {}
        return bool(use.instead_of) or same_place(port, self._places(kind), passed) is not None

    def _untouched(self, severity: str, what: str, port: str) -> Finding:
        """A declared port that the script never touches, maybe since it calls it otherwise."""
        message = f"{what} {quoted(port)} is declared, and the script never touches it"
        block = self.use.block
        passed = (block.inputs if what == "input" else block.outputs) if block else {}
        place = self._places(f"{what}s").get(port, "")
        other = same_place(
            port, {name: given.path or "" for name, given in passed.items()}, {port: PortGiven(1, place)}
        )
        if not other:
            return self._unread(severity, message, port)
        message += f": its __main__ block has {quoted(other)} at {place}"
        fix = (
            "the interface may be that of another version of the script; write entry: script, or give the one that fits"
        )
        return Finding(severity, message, fix, self.step.name, port, str(self.step.script), passed[other].line)

    def _as_in_block(self, port: str, wanted: str | None = None) -> str:
        """What to do where the block passes a port at the path of one (of `wanted`) that has another name."""
        block = self.use.block
        other = same_place(port, self._places("outputs"), block.outputs) if block else None
        if other is None or block is None or wanted not in {None, other}:
            return ""
        given = block.outputs[port]
        return (
            f"its __main__ block passes {quoted(port)} at {given.path}, where the interface has {quoted(other)}: "
            f"{self._as_script()}, or write one name in both"
        )

    def _environment(self) -> Iterator[Finding]:
        for name, use in self.use.env.items():
            if use.demanded and name not in self.step.env and not is_given(name):
                meant = near(name, self._unused(self.step.env, self.use.env))
                declare = f"declare it for the step, env: {{{name}: null}}, and give it a value"
                fix = f"did you mean {quoted(meant)}? Else {declare}" if meant else declare
                message = f"the script needs the variable {name}, which nobody declares"
                yield self._at(use, _weight(use), message, fix)

        yield from self._untyped()

    def _untyped(self) -> Iterator[Finding]:
        """Variables that main wants to be true or false, or a number, and gets as text."""
        block = self.use.block
        for name, use in self.use.typed.items():
            value = self.step.env.get(name)
            made = block.env.get(name) if block else None
            if value is None or (made is not None and made.expression and made.kind != "text"):
                continue
            known = "the text is always true" if use.kind == "bool" else "it gets a text"
            wants = "true or false" if use.kind == "bool" else "a number"
            message = f"main wants {wants} in the variable {name}, and nothing converts {quoted(value)}: {known}"
            fix = f'convert it in the script: {name.lower()} = str(...).lower() == "true"' if use.kind == "bool" else ""
            fix = fix or "convert it in the script, int(...) or float(...)"
            yield Finding("warning", message, fix, self.step.name, None, str(self.step.script), use.line)

    def _arguments(self) -> Iterator[Finding]:
        declared = {name.replace("-", "_"): value for name, value in self.step.args.items()}
        parsed = self.use.block.args if self.use.block else {}
        for name, use in self.use.args.items():
            # What the block's parser has a default for is given so where main is called, too.
            if use.demanded and name not in declared and (name not in parsed or parsed[name].required):
                fix = self._declare("argument", name, self._unused(declared, self.use.args), declared)
                message = f"the script reads {self._parameter('args')}.{name}, which the pipeline does not declare"
                yield self._at(use, _weight(use), message, fix)
        for name in self._never("args", (name for name in declared if name not in parsed)):
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

    def _as_script(self) -> str:
        """How to run the script's own block."""
        return f'run it as production does, entry={{"{self.step.name}": "script"}} (entry: script in YAML)'

    def _parameter(self, kind: str) -> str:
        """What the script calls one of the four that it is given."""
        return self.use.main.names.get(kind, kind) if self.use.main else kind

    def _at(self, use: NameUse, severity: str, message: str, fix: str, port: str | None = None) -> Finding:
        return Finding(severity, message, fix, self.step.name, port, str(self.step.script), use.lines[0])

    def _unread(self, severity: str, message: str, port: str | None = None) -> Finding:
        line = self.use.main.line if self.use.main else None
        where = "its interface" if self.step.container else "the pipeline"
        fix = f"use it in the script, or take it out of {where}"
        return Finding(severity, message, fix, self.step.name, port, str(self.step.script), line)


_SECTION = {"input": "inputs", "output": "outputs", "argument": "args"}


def _weight(use: NameUse) -> str:
    return "error" if use.surely else "warning" if use.demanded else "info"
