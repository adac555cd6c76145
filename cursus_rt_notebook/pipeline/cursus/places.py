"""Where the files of a project lie on this machine, which is often not the one that its configuration was written on."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from cursus_rt_notebook import settings
from cursus_rt_notebook.pipeline.cursus.configuration import NodeConfig
from cursus_rt_notebook.pipeline.cursus.interface import RUN_HERE, Interface
from cursus_rt_notebook.pipeline.faults import quoted
from cursus_rt_notebook.pipeline.files import absolute, exists, is_folder, working_directory
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.project import Paths

_ENTRY_FIELDS = {
    "Processing": ("processing_entry_point",),
    "Training": ("training_entry_point",),
    "Tuning": ("tuning_entry_point", "training_entry_point"),
}
_SHOWN = 3  # files that may be meant
_SOURCE_FIELDS = ("processing_source_dir", "effective_source_dir", "source_dir")


@dataclass(frozen=True)
class Places:
    """The folders to search.

    Below each of `roots`, which the user gave, a path is looked for by its ends: all of it, then without its first folder,
    and so on. Below `bases`, where the project's files lie, it has to be there as it is written.
    """

    roots: tuple[Path, ...]
    bases: tuple[Path, ...]

    @classmethod
    def of(cls, source_dirs: Paths, bases: Iterable[Path]) -> Places:
        """The places that a caller names, and where the project's own files lie."""
        several = [source_dirs] if isinstance(source_dirs, (str, os.PathLike)) else list(source_dirs)
        here = working_directory()
        return cls(tuple(absolute(here, os.fspath(folder)) for folder in several), tuple(dict.fromkeys(bases)))

    def doubts(self) -> Iterator[Finding]:
        """A warning for each of the user's folders that is not there."""
        for root in self.roots:
            if not exists(root):
                fix = "give source_dirs=[FOLDER], the folder of the scripts or one above it"
                yield Finding("warning", f"source_dirs names {quoted(root)}, and there is no such folder", fix)

    def find(self, written: str, prefix: str | None = None) -> Path | None:
        """The file or folder that was `written` as a path, relative to a project called `prefix`; None if it is nowhere."""
        return next((path for path in self._candidates(written, prefix) if exists(path)), None)

    def expected(self, written: str) -> Path:
        """Where it should be, if it is nowhere."""
        path = PurePosixPath(written)
        if path.is_absolute() or not self.roots:
            return absolute(self.bases[0], written)
        return absolute(self.roots[0], written)

    def told(self, written: list[str]) -> str:
        """Where they were looked for, in words."""
        paths = " and ".join(f"'{path}'" for path in written)
        roots, bases = (", ".join(f"'{place}'" for place in places) for places in (self.roots, self.bases))
        ends = f"{paths}, and every shorter end of it, below {roots}" if roots else ""
        return f"{ends}; as written also below {bases}" if ends else f"{paths} below {bases}"

    def elsewhere(self, name: str) -> list[Path]:
        """The files below the user's folders that are called `name`: none is taken for what was meant, but it can be told."""
        below = islice((found for root in self.roots for found in os.walk(root)), settings.FOLDERS_SEARCHED)
        return sorted(Path(folder, name) for folder, _, files in below if name in files)

    def _candidates(self, written: str, prefix: str | None) -> Iterator[Path]:
        path = PurePosixPath(written)
        parts = [part for part in path.parts if part not in {"/", ".", ".."}]
        if path.is_absolute():
            yield Path(written)
        elif prefix:
            parts.insert(0, prefix)
        for root in self.roots:
            yield from (root.joinpath(*parts[start:]) for start in range(len(parts)))
        if not path.is_absolute():
            yield from (absolute(base, written) for base in self.bases)


@dataclass(frozen=True)
class Script:
    """A step's script and the folder that is its source; `missing` says why if it is not there.

    `written` is its path as the configuration has it.
    """

    path: Path
    source_dir: Path
    written: str = ""
    missing: Finding | None = None

    def folder(self, written: str) -> Path | None:
        """The folder `written` in the configuration, if it holds the script: then where that was found tells where it is."""
        rest = PurePosixPath(self.written.removeprefix(f"{written.rstrip('/')}/"))
        below = len(rest.parts)
        if self.missing or str(rest) == self.written or self.path.parts[-below:] != rest.parts:
            return None
        return self.path.parents[below - 1]


def find_script(interface: Interface, config: NodeConfig, places: Places) -> Script | None:
    """The script of a node; None for a step that has none."""
    written = list(dict.fromkeys(_written(interface, config)))
    if not written or interface.sagemaker_type not in RUN_HERE:
        return None
    prefix = config.text("project_root_folder")
    for path, entry in written:
        found = places.find(path, prefix)
        if found is not None and not is_folder(found):
            return Script(found, _source_dir(found, entry), path)
    path, entry = written[0]
    expected = places.expected(path)
    name = PurePosixPath(path).name
    finding = Finding(
        "error",
        f"its script {quoted(name)} is not found: looked for {places.told([p for p, _ in written])}",
        _remedy(places.elsewhere(name)),
        step=config.node,
        file=str(expected),
    )
    return Script(expected, _source_dir(expected, entry), path, finding)


def _remedy(alike: list[Path]) -> str:
    if not alike:
        return "give source_dirs=[FOLDER], a folder that it lies in or below"
    which = "is it" if len(alike) == 1 else "is it one of"
    more = f" and {len(alike) - _SHOWN} more" if len(alike) > _SHOWN else ""
    files = ", ".join(f"'{path}'" for path in alike[:_SHOWN])
    return f"{which} {files}{more}? Then add its folder: source_dirs=[..., '{alike[0].parent}']"


def _written(interface: Interface, config: NodeConfig) -> Iterator[tuple[str, str]]:
    """The paths that a script may have, each with the end of it that lies below its source folder."""
    entries = [config.text(name) for name in _ENTRY_FIELDS.get(interface.sagemaker_type, ())]
    entry = next((e for e in entries if e), None) or interface.entry_point
    if entry is None:
        return
    script = config.text("script_path")
    if script is not None:
        yield script, entry if script.endswith(f"/{entry}") else PurePosixPath(script).name
    for name in _SOURCE_FIELDS if interface.sagemaker_type == "Processing" else _SOURCE_FIELDS[1:]:
        source = config.text(name)
        if source is not None:
            yield f"{source.rstrip('/')}/{entry}", entry
    if not (script or any(config.text(name) for name in _SOURCE_FIELDS)):
        yield entry, entry


def _source_dir(script: Path, entry: str) -> Path:
    below = len(PurePosixPath(entry).parts)
    return script.parents[below - 1] if below <= len(script.parents) else script.parent
