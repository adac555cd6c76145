"""What the caller of `load_cursus` says beside the files: inputs, wiring, entries; checked, and told apart by step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from cursus_rt_notebook.pipeline.addresses import is_address
from cursus_rt_notebook.pipeline.cursus.interface import Interface
from cursus_rt_notebook.pipeline.document import Document
from cursus_rt_notebook.pipeline.faults import described, listed, quoted
from cursus_rt_notebook.pipeline.files import absolute, exists, names_near, working_directory

ENTRIES = ("main", "script")
_FORMS = {
    "inputs": 'write {"STEP.PORT": PATH}',
    "wiring": 'write {"STEP.PORT": "OTHER.OUTPUT"}, or None for a port that nothing feeds',
    "stubs": 'write {"STEP": {OUTPUT: PATH}}, {"STEP": "synthetic"} or {"STEP": "skip"}',
}


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

    def place(
        self, text: Any, path: tuple[str, ...], ports: Callable[[Interface], Mapping[str, Any]], kind: str
    ) -> Any:
        """The step and port that `STEP.PORT` names, None if there are none; `kind` is what a port of these is called."""
        name = str(text)
        step = max((s for s in self.ports if name.startswith(f"{s}.")), key=len, default="")
        port = name[len(step) + 1 :]
        if step and port in ports(self.ports[step]):
            return step, port
        if step:
            there = list(ports(self.ports[step]))
            meant = self.document.near(port, there)
            options = f"its {kind}s are {listed(there)}" if there else f"it has no {kind}s"
            fix = f"write {quoted(f'{step}.{meant}')}" if meant else options
            self.document.fault(path, f"{quoted(name)} names no port: {quoted(step)} has no such {kind}", fix)
        elif self.complete:
            there = [f"{s}.{p}" for s, i in self.ports.items() for p in ports(i)]
            meant = self.document.near(name, there)
            fix = f"write {quoted(meant)}" if meant else f"write STEP.{kind.upper()}; there are {listed(there)}"
            self.document.fault(path, f"{quoted(name)} names no port", fix)
        return None


def check_call(source_dirs: Any, **mappings: Any) -> Document:
    """The call's document, with a fault for each argument that cannot be what it should be.

    Args:
        source_dirs: A folder, or several; None for none.
        mappings: The arguments that are mappings or None, by name.
    """
    document = Document("the call", "call", working_directory(), kind="call")
    for index, folder in enumerate(_folders(source_dirs)):
        path = ("source_dirs", index)
        if not isinstance(folder, (str, os.PathLike)):
            document.fault(path, f"is {described(folder)}, not a folder", "give source_dirs=[FOLDER]")
    for name, given in mappings.items():
        if given is not None and not isinstance(given, Mapping):
            document.fault((name,), f"is {described(given)}, not a mapping", _FORMS[name])
    return document


def _folders(source_dirs: Any) -> list[Any]:
    single = isinstance(source_dirs, (str, os.PathLike)) or not isinstance(source_dirs, Iterable)
    return [source_dirs] if single else list(cast("Iterable[Any]", source_dirs))


def read_call(
    document: Document,
    ports: Mapping[str, Interface],
    *,
    complete: bool,
    inputs: Any,
    wiring: Any,
    entry: Any,
) -> Call:
    """The caller's words; what is wrong with them is noted in the call's document.

    Args:
        document: That of the call, as `check_call` gives it.
        ports: The interfaces of the steps.
        complete: Whether all steps are among them: else nobody knows what is no step.
        inputs: As of `load_cursus`, and so are `wiring` and `entry`.
    """
    reader = _Reader(document, ports, complete)
    return Call(
        document,
        inputs=_inputs(inputs if isinstance(inputs, Mapping) else {}, reader),  # pyright: ignore[reportUnknownArgumentType]
        wiring=_wiring(wiring if isinstance(wiring, Mapping) else {}, reader),  # pyright: ignore[reportUnknownArgumentType]
        entries=_entries(entry, reader),
    )


def _inputs(given: Mapping[str, Any], reader: _Reader) -> dict[str, dict[str, Any]]:
    """What feeds ports, as a document writes an input in its long form."""
    found: dict[str, dict[str, Any]] = {}
    for name, source in given.items():
        path = ("inputs", str(name))
        place = reader.place(name, path, lambda interface: interface.inputs, "input")
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
        document.fault(path, f"there is no file or folder {quoted(file)}", names_near(file, document))
    return said | {"path": str(file)}


def _wiring(given: Mapping[str, Any], reader: _Reader) -> dict[str, dict[str, tuple[str, str] | None]]:
    found: dict[str, dict[str, tuple[str, str] | None]] = {}
    for name, source in given.items():
        path = ("wiring", str(name))
        place = reader.place(name, path, lambda interface: interface.inputs, "input")
        wire = None if source is None else reader.place(source, path, lambda interface: interface.outputs, "output")
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
