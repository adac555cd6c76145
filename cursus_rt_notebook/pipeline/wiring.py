"""What feeds each input: another step's port, a path, or a file of a package.

A text is a reference exactly when that step and that port exist; else it is a path; if it could be both, the long form
is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from cursus_rt_notebook.pipeline.addresses import is_address, shown, wrong_address
from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import described, listed, quoted
from cursus_rt_notebook.pipeline.files import absolute, exists, names_near, schema_file
from cursus_rt_notebook.pipeline.model import FromAddress, FromPath, FromStep, Input, Open
from cursus_rt_notebook.pipeline.packages import NotInPackage, find_in_package
from cursus_rt_notebook.pipeline.reading import read
from cursus_rt_notebook.pipeline.written import WrittenInput


class Options(TypedDict):
    """What any input may ask for, wherever it comes from."""

    optional: bool
    copy_files: bool
    schema_file: Path | None


@dataclass(frozen=True)
class Wiring:
    """Reads inputs. `ports` are each step's outputs; None where they could not be read, so that any may exist."""

    document: Document
    ports: Mapping[str, tuple[str, ...] | None]

    def inputs(self, written: Mapping[str, Any], path: KeyPath) -> dict[str, Input]:
        """The inputs of one step; what cannot be wired is noted and left out."""
        found = {port: self._input(value, (*path, port)) for port, value in written.items()}
        return {port: source for port, source in found.items() if source is not None}

    def _input(self, value: Any, path: KeyPath) -> Input | None:
        self.document.check_name(path, path[-1], "input")
        if isinstance(value, str) and value:
            is_elsewhere = is_address(value)
            return (
                self._from_address(FromAddress(address=value), path) if is_elsewhere else self._from_text(value, path)
            )
        if isinstance(value, dict) and value:
            return self._from_mapping(value, path)
        if not value and not isinstance(value, (bool, int, float)):
            self.document.fault(path, "nothing provides this input", "write step.port, or the path of a file or folder")
        else:
            self.document.fault(path, f"is {described(value)}, not an input", "write step.port, or a path in quotes")
        return None

    def _from_text(self, text: str, path: KeyPath) -> Input | None:
        references = list(self._references(text))
        file = absolute(self.document.base_dir, text)
        readings = [f"{{step: {step}, port: {port}}}" for step, port in references]
        if references and exists(file):
            readings.append(f"{{path: {text}}}")
        if len(readings) > 1:
            what = "both a port and a path" if exists(file) else "more than one port"
            self.document.fault(path, f"{quoted(text)} could be {what}", f"write {' or '.join(readings)}")
            return None
        if references:
            step, port = references[0]
            return self._fed(FromStep(step=step, port=port), path)
        if not exists(file):
            self._nothing(text, path)
        return FromPath(path=file)

    def _references(self, text: str) -> Iterator[tuple[str, str]]:
        """Every step and port that `text` could name; names may hold dots themselves."""
        for step, port in _splits(text):
            ports = self.ports.get(step, ())
            if ports is None or port in ports:
                yield step, port

    def _nothing(self, text: str, path: KeyPath) -> None:
        """Say of a text that is neither reference nor path which of them it was most likely meant to be."""
        step = next((step for step, _ in _splits(text) if step in self.ports), None)
        if step is not None:
            self._unknown_port(step, text[len(step) + 1 :], path)
            return
        meant = self.document.near(text, self._all_references())
        hint = f"write {meant}" if meant else names_near(absolute(self.document.base_dir, text), self.document)
        where = quoted(self.document.base_dir)
        self.document.fault(path, f"{quoted(text)} is neither a step.port nor a file or folder in {where}", hint)

    def _from_mapping(self, value: dict[str, Any], path: KeyPath) -> Input | None:
        written = read(WrittenInput, value, path, self.document)
        schema = schema_file(written.schema_file, (*path, "schema"), self.document)
        options = Options(optional=written.optional, copy_files=written.copy_files, schema_file=schema)
        if self.document.is_faulty(path):
            return None
        match (written.step, written.port, written.package, written.path or None):
            case (None, None, None, None) if written.open and not written.optional:
                return Open(copy_files=written.copy_files, schema_file=schema)
            case _ if written.open:
                self.document.fault(path, "is open, and says what feeds it, or that nothing must", "write {open: true}")
            case (str(step), str(port), None, None):
                return self._from_step(FromStep(step=step, port=port, **options), path)
            case (str(step), None, None, None):
                self._port_missing(step, path)
            case (None, None, None, str(text)):
                return self._from_place(text, written.sample, options, path)
            case (None, None, str(package), str(text)):
                return self._from_package(package, text, options, path)
            case (None, None, str(), None):
                self.document.fault(path, "names a package, but no file in it", "add path: data/file.csv")
            case (None, None, None, None):
                self.document.fault(path, "nothing provides this input", "add step and port, or path")
            case _:
                self.document.fault(path, "mixes the forms of an input", _FORMS)
        return None

    def _from_step(self, source: FromStep, path: KeyPath) -> FromStep | None:
        if source.step not in self.ports:
            self.unknown_step(source.step, (*path, "step"))
            return None
        ports = self.ports[source.step]
        if ports is not None and source.port not in ports:
            self._unknown_port(source.step, source.port, (*path, "port"))
            return None
        return self._fed(source, path)

    def _fed(self, source: FromStep, path: KeyPath) -> FromStep | None:
        if source.step != path[1]:
            return source
        self.document.fault(path, f"step {quoted(source.step)} feeds itself", "name another step's port, or a path")
        return None

    def _from_place(self, text: str, sample: int | None, options: Options, path: KeyPath) -> Input | None:
        if is_address(text):
            return self._from_address(FromAddress(address=text, sample=sample, **options), (*path, "path"))
        if sample is not None:
            self.document.fault((*path, "sample"), "is for data at an s3:// address", "take it away")
        return self._from_path(FromPath(path=absolute(self.document.base_dir, text), **options), path)

    def _from_path(self, source: FromPath, path: KeyPath) -> FromPath:
        if not source.optional and not exists(source.path):
            message = f"there is no file or folder {quoted(source.path)}"
            hint = names_near(source.path, self.document)
            self.document.fault((*path, "path"), message, f"{hint} (or add optional: true)".strip())
        return source

    def _from_address(self, source: FromAddress, path: KeyPath) -> FromAddress | None:
        wrong = wrong_address(source.address)
        if wrong is None:
            return source
        self.document.fault(path, f"{shown(source.address)} {wrong[0]}", wrong[1])
        return None

    def _from_package(self, package: str, text: str, options: Options, path: KeyPath) -> FromPath:
        try:
            file = find_in_package(package, text)
        except NotInPackage as missing:
            file = missing.where
            if not options["optional"]:
                self.document.fault(path, str(missing), missing.fix)
        return FromPath(path=file, package=package, **options)

    def _port_missing(self, step: str, path: KeyPath) -> None:
        if step not in self.ports:
            self.unknown_step(step, (*path, "step"))
        else:
            ports = self.ports[step] or ()
            self.document.fault(path, "names a step, but no port of it", f"add port: {' or '.join(ports) or '...'}")

    def _unknown_port(self, step: str, port: str, path: KeyPath) -> None:
        ports = self.ports[step] or ()
        meant = self.document.near(port, ports)
        has = f"its outputs are {listed(ports)}" if ports else f"add it to the outputs of {quoted(step)}"
        fix = f"write {step}.{meant}" if meant and path[-1] != "port" else f"write {meant}" if meant else has
        self.document.fault(path, f"step {quoted(step)} has no output {quoted(port)}", fix)

    def unknown_step(self, step: str, path: KeyPath) -> None:
        """Note that `step` is no step; the remedy splits a reference, or names a similar one."""
        reference = next(self._references(step), None)
        meant = self.document.near(step, self.ports)
        if reference and path[-1] == "step":
            fix = f"write step: {reference[0]}, port: {reference[1]}"
        elif reference:
            fix = f"write {reference[0]}"
        else:
            fix = f"write {meant}" if meant else f"the steps are {listed(self.ports)}"
        self.document.fault(path, f"there is no step {quoted(step)}", fix)

    def _all_references(self) -> Iterator[str]:
        return (f"{step}.{port}" for step, ports in self.ports.items() for port in ports or ())


_FORMS = "write {step: a, port: b}, {path: a.csv} or {package: p, path: a.csv}"


def _splits(text: str) -> Iterator[tuple[str, str]]:
    return ((text[:at], text[at + 1 :]) for at, sign in enumerate(text) if sign == ".")
