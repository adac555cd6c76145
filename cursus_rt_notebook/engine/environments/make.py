"""Make the environment of one group: the newest interpreter here for which there are wheels, tried before it counts."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from cursus_rt_notebook.engine.environments.groups import Group
from cursus_rt_notebook.errors import StepNotStarted
from cursus_rt_notebook.worker import installers, interpreters, pythons
from cursus_rt_notebook.worker.installers import Installer, NotFulfilled
from cursus_rt_notebook.worker.packages import all_versions
from cursus_rt_notebook.worker.pythons import Python
from cursus_rt_notebook.workspace.environments import EnvironmentFolder, environment_folder

Tell = Callable[[str], None]
_FORMAT: Final = 1  # another one makes all environments anew
# What old wheels do not say of packages that came after them, by what their import says.
_REMEDIES: Final = (
    (r"numpy\.dtype size changed|compiled using NumPy 1|numpy\.core\.multiarray failed|_ARRAY_API", "numpy<2"),
    (r"module 'numpy' has no attribute '(?:float|int|bool|object|str|complex|long|typeDict)'", "numpy<1.24"),
    (r"No module named '(?:pkg_resources|distutils)", "setuptools<80"),
)
_REMEDIES_TRIED: Final = 3


@dataclass(frozen=True)
class Tried:
    """An interpreter that did not do, and why."""

    version: str
    reason: str


@dataclass(frozen=True)
class Environment:
    """What a group of steps runs in. `python` is None for the kernel's own; seconds and bytes are those of its making."""

    group: Group
    python: Path | None
    version: str
    packages: dict[str, str]
    tried: tuple[Tried, ...] = ()
    added: tuple[str, ...] = ()
    seconds: float = 0.0
    bytes: int = 0
    reused: bool = False


@dataclass(frozen=True)
class Refused:
    """A group that nothing on this machine fulfils, with what was tried."""

    group: Group
    tried: tuple[Tried, ...]


@dataclass
class Maker:
    """Makes environments in one workspace; `tell` hears what it is doing."""

    workspace_dir: Path
    tell: Tell

    @cached_property
    def pythons(self) -> tuple[Python, ...]:
        """The interpreters of this machine, looked for when the first environment is to be made."""
        self.tell("looking for interpreters")
        return pythons.on_this_machine(installers.find_uv())

    def made(self, group: Group) -> Environment | Refused:
        """The environment of a group, made now if it is not there.

        Raises:
            WorkspaceError: the workspace cannot be used.
        """
        key = _key(group)
        with environment_folder(
            self.workspace_dir, key, on_wait=lambda holder: self.tell(f"waiting for {holder}")
        ) as place:
            kept = _kept(place, group)
            if kept is not None:
                return kept
            place.clear()
            try:
                return self._make(group, place)
            except BaseException:
                place.clear()
                raise

    def _make(self, group: Group, place: EnvironmentFolder) -> Environment | Refused:
        began = time.monotonic()
        tried: list[Tried] = [
            Tried(python.shown, f"python {group.asked.python} is asked for")
            for python in self.pythons
            if not group.asked.python.contains(python.shown)
        ]
        usable = [python for python in self.pythons if group.asked.python.contains(python.shown)]
        for installer in installers.available():
            for python in usable:
                try:
                    added = _install(installer, python, group, place.path, self._telling(python))
                except NotFulfilled as error:
                    place.clear()
                    tried.append(Tried(python.shown, error.reason))
                    if not error.final:  # the tool, not the packages: another may do better
                        break
                    continue
                return _finished(place, group, python, tuple(tried), added, time.monotonic() - began)
            else:
                break
        return Refused(group, tuple(tried))

    def _telling(self, python: Python) -> Tell:
        def say(line: str) -> None:
            if line[:1].isalpha():  # not the list of what was installed
                self.tell(f"Python {python.shown}: {line}")

        return say


def _install(installer: Installer, python: Python, group: Group, folder: Path, tell: Tell) -> tuple[str, ...]:
    """Install what a group asks for, and see that it can be imported; returns what had to be added for that."""
    lines = list(group.asked.lines)
    added: list[str] = []
    tell("which versions fit?")
    packages = installer.resolve(python, lines)
    while True:
        tell(f"installing {len(packages)} packages")
        installer.make(python, folder, packages, tell)
        tell("trying the imports")
        problem = installers.try_imports(installers.python_in(folder), _modules(group))
        if not problem:
            return tuple(added)
        remedy = next((line for pattern, line in _REMEDIES if re.search(pattern, problem)), None)
        if remedy is None or remedy in added or len(added) >= _REMEDIES_TRIED:
            raise NotFulfilled(f"what was installed cannot be imported: {problem}")
        added.append(remedy)
        tell(f"{problem} Again with {remedy}")
        packages = installer.resolve(python, [*lines, *added])


def _modules(group: Group) -> list[str]:
    """What to try: the scripts' imports, and what is asked for without being imported, as pyarrow is for pandas."""
    asked = group.asked
    return [*sorted(asked.modules), *(f"{name.replace('-', '_')}?" for name in sorted(asked.packages))]


def _finished(
    place: EnvironmentFolder,
    group: Group,
    python: Python,
    tried: tuple[Tried, ...],
    added: tuple[str, ...],
    seconds: float,
) -> Environment:
    there = interpreters.find(str(installers.python_in(place.path)))
    facts: dict[str, Any] = {
        "lines": group.asked.lines,
        "base": python.path,
        "version": there.version,
        "packages": all_versions(there),
        "tried": [[one.version, one.reason] for one in tried],
        "added": added,
        "seconds": seconds,
        "bytes": place.bytes,
    }
    place.finish(facts)
    return _told(place.path, facts, group, reused=False)


def _kept(place: EnvironmentFolder, group: Group) -> Environment | None:
    """The environment that is there, if its interpreter still is, too."""
    if place.facts is None:
        return None
    try:
        interpreters.find(str(installers.python_in(place.path)))
        return _told(place.path, place.facts, group, reused=True)
    except (StepNotStarted, KeyError, TypeError, ValueError):
        return None


def _told(path: Path, facts: Any, group: Group, *, reused: bool) -> Environment:
    return Environment(
        group,
        installers.python_in(path),
        str(facts["version"]),
        {str(name): str(version) for name, version in facts["packages"].items()},
        tuple(Tried(str(version), str(reason)) for version, reason in facts["tried"]),
        tuple(map(str, facts["added"])),
        float(facts["seconds"]),
        int(facts["bytes"]),
        reused,
    )


def _key(group: Group) -> str:
    wish = [_FORMAT, group.asked.lines, str(group.asked.python)]
    return hashlib.sha256(json.dumps(wish).encode()).hexdigest()[:16]
