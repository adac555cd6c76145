"""Importing the libraries that steps will need, and nothing that is the user's own.

A module that fails is left out, and so is one that needs what a step must not share: a name that a local file hides
(in production the local file would win), or an editable install, whose code the user is working on.
"""

from __future__ import annotations

import importlib
import importlib.machinery as machinery
import importlib.util
import sys
from typing import Any, Callable, Dict, FrozenSet, List, Optional, Sequence, Set

from . import loader


class _Gate:
    """First on `sys.meta_path` while libraries are loaded: notes what must not come in, and stops it."""

    def __init__(self, hidden: FrozenSet[str]) -> None:
        self._hidden = hidden
        self.stopped: List[str] = []

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Optional[machinery.ModuleSpec]:
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


def preload(modules: Sequence[str], hidden: Sequence[str], startup: Set[str], tell: Callable[[str], None]) -> Dict[str, str]:
    """Import each module; `tell` hears each name before it is tried.

    Returns:
        Why a module was left out, by its name. The imports of one that failed half-way are still there: the caller
        starts again without it.
    """
    if hidden:
        _start_afresh(startup)
    gate = _Gate(frozenset(hidden))
    sys.meta_path.insert(0, gate)  # type: ignore[arg-type]
    problems: Dict[str, str] = {}
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


def _start_afresh(startup: Set[str]) -> None:
    # What this worker imported for itself may use the very names that are hidden; libraries get modules of their own.
    for name in list(sys.modules):
        if name not in startup and not name.startswith("_cursus_inside"):
            del sys.modules[name]


def _import(name: str, gate: _Gate) -> str:
    if not _exists(name, gate):
        return ""
    try:
        importlib.import_module(name)
    except BaseException as error:  # noqa: BLE001 - a module may raise anything, SystemExit too
        return gate.stopped[0] if gate.stopped else f"{type(error).__name__}: {error}"[:500]
    # Whoever catches ImportErrors has imported well, but other than it would in production.
    return gate.stopped[0] if gate.stopped else ""


def _exists(name: str, gate: _Gate) -> bool:
    """Whether there is such a module; one that is not installed is the script's affair, not a problem here."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, AttributeError, ValueError):
        return bool(gate.stopped)
