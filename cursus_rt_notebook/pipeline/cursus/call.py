"""What the caller of `load_cursus` says beside the files: inputs, wiring, entries; checked, and told apart by step."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from cursus_rt_notebook.pipeline.addresses import is_address
from cursus_rt_notebook.pipeline.cursus.interface import Interface
from cursus_rt_notebook.pipeline.document import Document
from cursus_rt_notebook.pipeline.faults import described, listed, quoted
from cursus_rt_notebook.pipeline.files import absolute, exists, names_near, working_directory

ENTRIES = ("main", "script")


@dataclass(frozen=True)
class Call:
    """The caller's words, by step and port. Where a wire is None, nothing feeds the port."""

    document: Document
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, "Mapping[str, Any]"])
    wiring: Mapping[str, Mapping[str, tuple[str, str] | None]] = field(
        default_factory=dict[str, "Mapping[str, tuple[str, str] | None]"]
    )
    entries: str | Mapping[str, str] = "main"

    def entry(self, node: str) -> str:
        """How a node's script is entered."""
        return self.entries if isinstance(self.entries, str) else self.entries.get(node, "main")


@dataclass(frozen=True)
class _Reader:
    document: Document
    ports: Mapping[str, Interface]
    complete: bool

    def step(self, text: str, path: tuple[str, ...]) -> bool:
        """Whether there is such a step; a fault if not, unless not all steps are known."""
        if text in self.ports or not self.complete:
            return text in self.ports
        meant = self.document.near(text, self.ports)
        fix = f"write {quoted(meant)}" if meant else f"the steps are {listed(self.ports)}"
        self.document.fault(path, f"there is no step {quoted(text)}", fix)
        return False

    def place(self, text: Any, path: tuple[str, ...], ports: Callable[[Interface], Mapping[str, Any]]) -> Any:
        """The step and port that `STEP.PORT` names, None if there are none."""
        name = str(text)
        step = max((s for s in self.ports if name.startswith(f"{s}.")), key=len, default="")
        port = name[len(step) + 1 :]
        if step and port in ports(self.ports[step]):
            return step, port
        if step or self.complete:
            there = [f"{s}.{p}" for s, i in self.ports.items() for p in ports(i) if not step or s == step]
            meant = self.document.near(name, there)
            fix = f"write {quoted(meant)}" if meant else f"there are {listed(there)}"
            self.document.fault(path, f"{quoted(name)} names no port", fix)
        return None


def read_call(
    ports: Mapping[str, Interface],
    *,
    complete: bool,
    inputs: Mapping[str, Any] | None,
    wiring: Mapping[str, Any] | None,
    entry: Any,
) -> Call:
    """The caller's words; what is wrong with them is noted in the call's document.

    Args:
        ports: The interfaces of the steps.
        complete: Whether all steps are among them: else nobody knows what is no step.
        inputs: As of `load_cursus`, and so are `wiring` and `entry`.
    """
    document = Document("the call", "call", working_directory(), kind="call")
    reader = _Reader(document, ports, complete)
    return Call(
        document,
        inputs=_inputs(inputs or {}, reader),
        wiring=_wiring(wiring or {}, reader),
        entries=_entries(entry, reader),
    )


def _inputs(given: Mapping[str, Any], reader: _Reader) -> dict[str, dict[str, Any]]:
    """What feeds ports, as a document writes an input in its long form."""
    found: dict[str, dict[str, Any]] = {}
    for name, source in given.items():
        path = ("inputs", str(name))
        place = reader.place(name, path, lambda interface: interface.inputs)
        written = _input(source, path, reader.document)
        if place and written:
            found.setdefault(place[0], {})[place[1]] = written
    return found


def _input(source: Any, path: tuple[str, ...], document: Document) -> dict[str, Any] | None:
    said = dict(cast("Mapping[str, Any]", source)) if isinstance(source, Mapping) else {"path": source}
    if not isinstance(said.get("path"), (str, os.PathLike)):
        fix = "give the path of a file or folder, or an s3:// address"
        document.fault(path, f"is {described(source)}, not a path", fix)
        return None
    text = os.fspath(cast("str | os.PathLike[str]", said["path"]))
    if is_address(text):
        return said
    file = absolute(working_directory(), text)
    if not exists(file):
        document.fault(path, f"there is no file or folder {quoted(str(file))}", names_near(file, document))
    return said | {"path": str(file)}


def _wiring(given: Mapping[str, Any], reader: _Reader) -> dict[str, dict[str, tuple[str, str] | None]]:
    found: dict[str, dict[str, tuple[str, str] | None]] = {}
    for name, source in given.items():
        path = ("wiring", str(name))
        place = reader.place(name, path, lambda interface: interface.inputs)
        wire = None if source is None else reader.place(source, path, lambda interface: interface.outputs)
        if place and (wire or source is None):
            found.setdefault(place[0], {})[place[1]] = wire
    return found


def _entries(given: Any, reader: _Reader) -> str | dict[str, str]:
    if isinstance(given, Mapping):
        entries = cast("Mapping[str, Any]", given)
        return {n: e for n, e in entries.items() if reader.step(str(n), ("entry", str(n))) and _entry(n, e, reader)}
    return given if _entry("", given, reader) else "main"


def _entry(name: str, given: Any, reader: _Reader) -> bool:
    if given in ENTRIES:
        return True
    path = ("entry", name) if name else ("entry",)
    reader.document.fault(path, f"is {quoted(given)}", 'write "main", or "script" for the __main__ block')
    return False
