"""The interfaces of a project: found by step type in folders and files, and read only where a node needs them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.cursus.interface import Interface, read_interface
from cursus_rt_notebook.pipeline.cursus.objects import is_catalog, is_interface, loader, written_interface
from cursus_rt_notebook.pipeline.document import Document
from cursus_rt_notebook.pipeline.faults import Fault, described, quoted
from cursus_rt_notebook.pipeline.files import absolute, is_folder, working_directory
from cursus_rt_notebook.pipeline.sources.mapping import plain_values

KIND = "step's interface"
_SUFFIXES = (".step.yaml", ".step.yml")
_STEP_TYPE = re.compile(rb"""^step_type:[ \t]*["']?([A-Za-z0-9_.-]+)["']?[ \t]*(?:#.*)?\r?$""", re.MULTILINE)
_SCANNED = 64 * 1024  # bytes of a file in which its step type is looked for, before it is read in full


@dataclass
class Interfaces:
    """Interfaces by step type: each a file, or a document that is read already; `faults` is what was wrong with them."""

    places: str
    catalogs: list[Any] = field(default_factory=list[Any])
    known: dict[str, Path | Document] = field(default_factory=dict[str, "Path | Document"])
    faults: list[Fault] = field(default_factory=list[Fault])
    _read: dict[Path, Document | None] = field(default_factory=dict[Path, "Document | None"])

    def find(self, step_type: str) -> str | None:
        """The name by which the interface of a step type is known: its own, also if written in other case or with `_`."""
        if step_type in self.known:
            return step_type
        folded = _folded(step_type)
        found = next((name for name in self.known if _folded(name) == folded), None)
        return found or self._in_catalog(step_type)

    def _in_catalog(self, step_type: str) -> str | None:
        for catalog in self.catalogs:
            found = loader(catalog)(step_type)
            if found is not None:
                self.add(_named(step_type, found))
                return step_type
        return None

    def get(self, step_type: str, job_type: str | None) -> Interface | None:
        """The interface of a step type, for one job type; None if it cannot be read, which is noted."""
        source = self.known[step_type]
        document = self._document(source) if isinstance(source, Path) else source
        if document is None:
            return None
        before = len(document.faults)
        found = read_interface(document, job_type)
        self.faults += document.faults[before:]
        return found

    def add(self, source: Any) -> None:
        """Take in a folder, a file, a mapping or an object; of two for one step type the first counts."""
        if isinstance(source, (str, os.PathLike)):
            self._add_files(absolute(working_directory(), os.fspath(cast("str | os.PathLike[str]", source))))
        elif is_catalog(source):
            self.catalogs.append(source)
        elif not (isinstance(source, Mapping) or is_interface(source)):
            fix = "give the folder of the *.step.yaml files, a file, its content, or an object of the cursus package"
            self.faults.append(Fault("interfaces", f"is {described(source)}, not an interface", fix))
        else:
            value = source if isinstance(source, Mapping) else written_interface(source)
            document = Document("an interface", "interface", working_directory(), kind=KIND)
            document = replace(document, value=plain_values(value, document))
            step_type = document.value.get("step_type")
            if isinstance(step_type, str) and step_type:
                self.known.setdefault(step_type, document)
            else:
                fix = "write step_type: NAME, as the first of its keys"
                self.faults.append(Fault("interfaces", "one of the interfaces given has no step_type", fix))

    def _add_files(self, path: Path) -> None:
        found: dict[str, Path] = {}
        for file in self._files(path):
            step_type = _step_type(file) or self._slowly(file)
            if step_type in found:
                message = f"is a second interface of {quoted(step_type)}, beside {quoted(found[step_type].name)}"
                self.faults.append(Fault("", message, "take one of them away", str(file), 1))
            elif step_type:
                found[step_type] = file
        self.known = found | self.known

    def _files(self, path: Path) -> Iterator[Path]:
        if not is_folder(path):
            yield path
            return
        names = sorted(name for name in os.listdir(path) if name.endswith(_SUFFIXES))  # noqa: PTH208 - names, not paths
        if not names:
            self.faults.append(Fault(str(path), "holds no *.step.yaml", "name the folder of the step interfaces"))
        yield from (path / name for name in names)

    def _slowly(self, file: Path) -> str:
        """The step type of a file in which it does not stand in a line of its own."""
        document = self._document(file)
        value: Any = document.value if document else None
        found = value.get("step_type") if isinstance(value, dict) else None
        if document is not None and not isinstance(found, str):
            fix = "write step_type: NAME, as the first of its keys"
            self.faults.append(Fault("", "has no step_type", fix, str(file), 1))
        return found if isinstance(found, str) else ""

    def _document(self, file: Path) -> Document | None:
        if file not in self._read:
            from cursus_rt_notebook.pipeline.sources.yaml import read_yaml

            try:
                document = self._read[file] = read_yaml(file, KIND)
            except PipelineError as error:
                self.faults += error.faults
                self._read[file] = None
            else:
                self.faults += document.faults
        return self._read[file]


def read_interfaces(source: Any) -> Interfaces:
    """The interfaces in folders, files, mappings or objects: one of them, or several of which the first counts."""
    sources = _several(source)
    shown = ", ".join(quoted(os.fspath(s)) for s in sources if isinstance(s, (str, os.PathLike)))
    found = Interfaces(shown or "the interfaces given")
    for each in sources:
        found.add(each)
    return found


def _several(source: Any) -> list[Any]:
    single = isinstance(source, (str, os.PathLike, Mapping)) or not isinstance(source, Iterable)
    if isinstance(source, Mapping) and "contract" not in source and "step_type" not in source:
        named = cast("Mapping[str, Any]", source)  # by step type
        return [_named(name, each) for name, each in named.items()]
    return [source] if single else list(cast("Iterable[Any]", source))


def _named(step_type: str, source: Any) -> Any:
    if isinstance(source, (str, os.PathLike)):
        return cast("str | os.PathLike[str]", source)
    if not (isinstance(source, Mapping) or is_interface(source)):
        return source
    value = source if isinstance(source, Mapping) else written_interface(source)
    return {"step_type": step_type, **{k: v for k, v in value.items() if v is not None}}


def _folded(step_type: str) -> str:
    return step_type.replace("_", "").casefold()


def _step_type(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            found = _STEP_TYPE.search(opened.read(_SCANNED))
    except (OSError, ValueError):
        return ""
    return found[1].decode("ascii") if found else ""
