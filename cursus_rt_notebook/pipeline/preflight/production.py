"""A script's `main` beside its `__main__` block: what goes well when the one is called, and not when the other runs.

Production starts the file, so that the block runs. A step with `entry: script` does the same; with `entry: main` its `main`
is called, and what would fail in production only is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from cursus_rt_notebook.pipeline.environment import is_given
from cursus_rt_notebook.pipeline.faults import listed, quoted
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.pipeline.preflight.conditions import is_passed
from cursus_rt_notebook.pipeline.script_use import MainBlock, PortUse, ScriptUse
from cursus_rt_notebook.pipeline.scripts.block.found import PortGiven


@dataclass(frozen=True)
class Production:
    """One step, what its `main` does, and what its `__main__` block passes to it."""

    step: Step
    use: ScriptUse
    block: MainBlock

    def findings(self) -> Iterator[Finding]:
        """Where the two differ; nothing where either cannot be read."""
        yield from self._relative()
        if self.block.calls_main:
            yield from self._ports("inputs")
            yield from self._ports("outputs")
            yield from self._environment()
            yield from self._no_arguments()
            yield from self._no_logger()
        yield from self._parser()

    def of_this_run(self) -> Iterator[Finding]:
        """Those that can be why the step fails here: not what production alone would meet."""
        if self.step.entry == "script":
            yield from self.findings()
        elif self.block.calls_main:
            yield from self._files("inputs", self.block.inputs, dict(self.use.inputs))
            yield from self._files("outputs", self.block.outputs, dict(self.use.outputs))

    def _relative(self) -> Iterator[Finding]:
        """A file that is started is in no package, so that its first relative import fails."""
        first = next((each for each in self.use.imports if each.level and each.surely and not each.optional), None)
        if first is None:
            return
        so = "the step fails" if self.step.entry == "script" else "it goes well here, and production fails"
        name = "." * first.level + first.module
        message = (
            f"the script imports {quoted(name)}, relative to a package, and a file that is started is in none: {so}"
        )
        yield self._at("error", message, "import it by its full name, from a folder on sys.path", first.line)

    def _ports(self, kind: str) -> Iterator[Finding]:
        """Ports that `main` takes and the block never passes."""
        passed = self.block.inputs if kind == "inputs" else self.block.outputs
        uses: dict[str, PortUse] = dict(self.use.inputs if kind == "inputs" else self.use.outputs)
        if kind in self.block.dynamic:
            return
        never_read = [] if kind in self.use.dynamic else [port for port in passed if port not in uses]
        lacking = {port: use for port, use in uses.items() if port not in passed}
        what = kind.removesuffix("s")
        for port, use in lacking.items():
            # One that main can do without is worth a word only where its name looks like a mistake for another.
            if use.demanded or never_read:
                yield self._never_passed(what, port, use, never_read)
        yield from self._files(kind, passed, uses)
        if kind == "inputs":
            yield from self._not_now(uses)

    def _files(self, kind: str, passed: Mapping[str, PortGiven], uses: Mapping[str, PortUse]) -> Iterator[Finding]:
        """Ports whose folder `main` is called with, where the block names a file in it."""
        places = getattr(self.step.container, kind, {}) if self.step.entry == "main" else {}
        for port in uses:
            given = passed.get(port)
            inside = PurePosixPath(given.path) if given and given.path else None
            if given is None or inside is None or not inside.suffix or str(inside.parent) != str(places.get(port)):
                continue
            what = kind.removesuffix("s")
            message = (
                f"main is called with the folder of {what} {quoted(port)}, and the __main__ block passes the file"
                f" {inside.name} in it: main may fail here, and production goes well"
            )
            fix = f'run the block, as production does: entry={{"{self.step.name}": "script"}} of load_cursus, or entry: script in YAML'
            yield self._at("warning", message, fix, given.line, port)

    def _never_passed(self, what: str, port: str, use: PortUse, never_read: list[str]) -> Finding:
        verb = "takes" if use.demanded else "asks for"
        message = f"main {verb} {what} {quoted(port)}, which the __main__ block never passes{self._so(use)}"
        fix = "let the block pass it"
        if never_read:
            fix += f": it passes {listed(never_read)}, which main never reads"
        severity = "error" if use.surely else "warning" if use.demanded else "info"
        return self._at(severity, message, fix, use.lines[0], port)

    def _so(self, use: PortUse) -> str:
        """What becomes of it."""
        if not use.demanded:
            return ""
        will = "fails" if use.surely else "may fail"
        return f": the step {will}" if self.step.entry == "script" else f": it goes well here, and production {will}"

    def _not_now(self, uses: dict[str, PortUse]) -> Iterator[Finding]:
        """Inputs that the block passes under a condition that does not hold for this step."""
        for port, use in uses.items():
            given = self.block.inputs.get(port)
            if given is None or not use.surely or is_passed(port, given, self.step, self.block) is not False:
                continue
            message = (
                f"main takes input {quoted(port)}, which the __main__ block passes only if {given.when}{self._so(use)}"
            )
            yield self._at("error", message, "give the step what the condition asks for", given.line, port)

    def _environment(self) -> Iterator[Finding]:
        main = self.step.entry == "main"
        for name, line in self.block.needs.items() if main else ():
            if name not in self.step.env and not is_given(name):
                message = f"the __main__ block needs the variable {name}, which nobody declares: production fails"
                yield self._at("warning", message, f"declare it for the step, env: {{{name}: null}}", line)
        if "env" in self.block.dynamic | self.use.dynamic:
            return
        for name in self.use.handed:
            if name in self.step.env and not self._passes(name) and not self._is_default(name):
                so = "production takes its own default" if main else "it takes its own default"
                message = f"main reads the variable {name}, which the __main__ block does not pass on: {so}"
                yield self._at("warning", message, "let the block pass it", self.use.env[name].lines[0])

    def _passes(self, name: str) -> bool:
        return name in self.block.env or any(name.startswith(prefix) for prefix in self.block.prefixes)

    def _is_default(self, name: str) -> bool:
        """Whether the step gives a variable the value that the script has for it anyway."""
        default, value = self.use.env[name].default, self.step.env[name]
        return default is not None and value is not None and default.casefold() == value.casefold()

    def _no_arguments(self) -> Iterator[Finding]:
        """Arguments that `main` reads where the block passes none."""
        how = {"none": "None", "empty": "an empty namespace"}.get(self.block.job_args)
        for name, use in self.use.args.items() if how else ():
            if use.surely:
                message = (
                    f"main reads the argument {name}, and the __main__ block passes {how}{self._so_of_arguments()}"
                )
                yield self._at("error", message, "let the block pass what it parses", use.lines[0])

    def _so_of_arguments(self) -> str:
        return ": the step fails" if self.step.entry == "script" else ": it goes well here, and production fails"

    def _no_logger(self) -> Iterator[Finding]:
        """A logger that is None unless it is given, which the block does not do."""
        for name, line in self.use.main.silent.items() if self.use.main else ():
            if name not in self.block.extra:
                message = f"main logs through {name}, and the __main__ block gives it none{self._so_of_arguments()}"
                yield self._at("error", message, f"let the block pass {name}=..., or main make its own", line)

    def _parser(self) -> Iterator[Finding]:
        """What the block's parser makes of the step's arguments: it exits with 2 where it does not take them."""
        if "args" in self.block.dynamic and self.block.calls_main:
            return
        given = {name.replace("-", "_"): value for name, value in self.step.args.items()}
        for name, use in self.block.args.items():
            value = given.get(name)
            if value is None:
                told = self.step.entry == "main" and name in self.use.args and self.use.args[name].demanded
                if use.required and not told:  # else it is said already that main reads it
                    yield self._refused(
                        f"asks for {use.flag}, which the step does not give", f"args: {{{name}: ...}}", use.line
                    )
            elif use.choices is not None and str(value) not in map(str, use.choices):
                fix = f"one of {listed(map(str, use.choices))}"
                yield self._refused(f"does not take {use.flag} {quoted(str(value))}", fix, use.line)
            elif use.type in _NUMBERS and not _is_number(value, use.type):
                fix = f"give it {_NUMBERS[use.type]}"
                yield self._refused(f"does not take {use.flag} {quoted(str(value))}", fix, use.line)
        if self.block.strict:
            for name, value in given.items():
                if name not in self.block.args and value not in (None, False):
                    known = (
                        f"it takes {listed(use.flag for use in self.block.args.values())}" if self.block.args else ""
                    )
                    yield self._refused(f"does not know the argument {name}", known or "it takes none", self.block.line)

    def _refused(self, what: str, fix: str, line: int) -> Finding:
        ends = "the step ends" if self.step.entry == "script" else "production ends"
        return self._at("error", f"the __main__ block's parser {what}: {ends} with exit status 2", fix, line)

    def _at(self, severity: str, message: str, fix: str, line: int, port: str | None = None) -> Finding:
        if severity == "error" and self.step.entry == "main":
            severity = "warning"
        return Finding(severity, message, fix, self.step.name, port, str(self.step.script), line)


_NUMBERS = {"int": "a whole number", "float": "a number"}


def _is_number(value: object, kind: str) -> bool:
    try:
        int(str(value)) if kind == "int" else float(str(value))
    except ValueError:
        return False
    return True
