"""Where a script's `__main__` block looks for its ports, beside where its container has them.

A project holds older copies of a library's scripts, whose ports have other names than the interface that comes with the
library: then the interface may be the wrong one, and that is said once instead of port by port.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from cursus_rt_notebook.pipeline.faults import listed, quoted
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Container, Step
from cursus_rt_notebook.pipeline.sagemaker import CODE
from cursus_rt_notebook.pipeline.script_use import MainBlock
from cursus_rt_notebook.pipeline.scripts.block.found import PortGiven


@dataclass(frozen=True)
class Places:
    """One step with a container, and the block of its script."""

    step: Step
    container: Container
    block: MainBlock

    def findings(self) -> Iterator[Finding]:
        """Paths that the block passes and the container does not have."""
        for kind, passed, places in (
            ("input", self.block.inputs, self.container.inputs),
            ("output", self.block.outputs, self.container.outputs),
        ):
            if f"{kind}s" in self.block.dynamic or not self.block.calls_main:
                continue
            strange = {port: given for port, given in passed.items() if self._is_strange(given, places)}
            missing = [port for port, place in places.items() if not _is_known(port, place, passed)]
            if strange and missing and not set(passed) & set(places):
                yield self._wrong_interface(kind, strange, missing)
                continue
            for port, given in strange.items():
                yield self._elsewhere(kind, port, given, places)
            if kind == "output" and self.step.entry == "script":
                yield from (self._left_empty(port) for port in missing if not strange)

    def _is_strange(self, given: PortGiven, places: Mapping[str, str]) -> bool:
        paths = [given.path, *given.others] if given.path else []
        known = (CODE, *places.values())
        # Above a port is where it is seen as a folder in a folder, and below it a file in it.
        return bool(paths) and not any(_lies_with(path, place) for path in paths for place in known)

    def _left_empty(self, port: str) -> Finding:
        message = f"output {quoted(port)} is declared, and the __main__ block never passes it"
        output = self.step.outputs.get(port)
        severity = "warning" if output is not None and output.required else "info"
        fix = "see whether the script writes there in another way; else it stays empty"
        return Finding(severity, message, fix, self.step.name, port, str(self.step.script), self.block.line)

    def _elsewhere(self, kind: str, port: str, given: PortGiven, places: Mapping[str, str]) -> Finding:
        where = f"the __main__ block has {kind} {quoted(port)} at {given.path}"
        if port in places:
            message = f"{where}, and its interface at {places[port]}"
            fix = f"write one path in both: where the interface says, is what feeds {quoted(port)}"
        else:
            message = f"{where}, and its interface has no such {kind}"
            fix = (
                f"is it the interface of this script? It has {listed(places)}" if places else "add it to the interface"
            )
        severity = "warning" if self.step.entry == "script" else "info"
        return Finding(severity, message, fix, self.step.name, port, str(self.step.script), given.line)

    def _wrong_interface(self, kind: str, strange: Mapping[str, PortGiven], missing: list[str]) -> Finding:
        message = f"the __main__ block passes the {kind}s {listed(strange)}; its interface has {listed(missing)}"
        fix = "this may be another copy of the script than the interface is for: give the interface that belongs to it"
        line = min(given.line for given in strange.values())
        return Finding("warning", message, fix, self.step.name, None, str(self.step.script), line)


def same_place(port: str, places: Mapping[str, str], passed: Mapping[str, PortGiven]) -> str | None:
    """The declared port at the very path at which the block passes `port`; None if there is none."""
    path = passed[port].path if port in passed else None
    return next((name for name, place in places.items() if path and _plain(path) == _plain(place)), None)


def _is_known(port: str, place: str, passed: Mapping[str, PortGiven]) -> bool:
    paths = [path for given in passed.values() for path in (given.path, *given.others) if path]
    return port in passed or any(_lies_with(path, place) for path in paths)


def _lies_with(path: str, place: str) -> bool:
    a, b = _plain(path), _plain(place)
    return a == b or a in b.parents or b in a.parents


def _plain(path: str) -> PurePosixPath:
    return PurePosixPath(path)
