"""Importing the libraries that steps will need, and nothing that is the user's own.

A module that fails is left out, and so is one that needs what a step must not share: a name that a local file hides
(in production the local file would win), or an editable install, whose code the user is working on.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib import machinery
from typing import Any, Callable, Sequence

from . import loader


class _Gate:
    """First on `sys.meta_path` while libraries are loaded: notes what must not come in, and stops it."""

    def __init__(self, hidden: frozenset[str]) -> None:
        self._hidden = hidden
        self.stopped: list[str] = []

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> machinery.ModuleSpec | None:
        """Refuse a hidden or foreign module by an ImportError; leave the rest to the others."""
        del target
        if path is not None:
            return None  # a submodule: its package came through here
        if name in self._hidden:
            self._stop(f"a local file hides {name!r}")
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, None, None)
            if spec is not None:
                if not _from_library(spec):
                    self._stop(f"{name!r} is installed as editable")
                return spec
        return None

    def _stop(self, why: str) -> None:
        self.stopped.append(why)
        raise ImportError(why)


def _from_library(spec: machinery.ModuleSpec) -> bool:
    if spec.origin in (None, "built-in", "frozen", "namespace"):
        places = list(spec.submodule_search_locations or ())
        return all(loader.is_library(place) for place in places)
    return loader.is_library(str(spec.origin))


def preload(
    modules: Sequence[str], hidden: Sequence[str], startup: set[str], tell: Callable[[str], None]
) -> dict[str, str]:
    """Import each module; `tell` hears each name before it is tried.

    Returns:
        Why a module was left out, by its name. The imports of one that failed half-way are still there: the caller
        starts again without it.
    """
    if hidden:
        _start_afresh(startup)
    gate = _Gate(frozenset(hidden))
    sys.meta_path.insert(0, gate)  # type: ignore[arg-type]
    problems: dict[str, str] = {}
    try:
        for name in modules:
            tell(name)
            problem = _import(name, gate)
            if problem:
                problems[name] = problem
                break
    finally:
        sys.meta_path.remove(gate)  # type: ignore[arg-type]
    return problems


def _start_afresh(startup: set[str]) -> None:
    # What this worker imported for itself may use the very names that are hidden; libraries get modules of their own.
    for name in list(sys.modules):
        if name not in startup and not name.startswith("_cursus_inside"):
            del sys.modules[name]


def _import(name: str, gate: _Gate) -> str:
    """Import one module, if there is such a one; why it must be left out, if it must."""
    try:
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name)
    except BaseException as error:  # noqa: BLE001 - a module may raise anything, SystemExit too
        if not gate.stopped and _is_absent(name, error):
            return ""
        return gate.stopped[0] if gate.stopped else f"{type(error).__name__}: {error}"[:500]
    # Whoever catches ImportErrors has imported well, but other than it would in production.
    return gate.stopped[0] if gate.stopped else ""


def _is_absent(name: str, error: BaseException) -> bool:
    """Whether the module itself is not installed: the script's affair, and no problem here."""
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    return missing is not None and (name + ".").startswith(missing + ".")
