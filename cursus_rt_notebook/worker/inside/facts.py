"""What the kernel must know of an interpreter: its version, its own modules, where packages are installed."""

from __future__ import annotations

import ast
import os
import site
import sys
import sysconfig
from typing import Any

_INSTALLED_INTO = {"site-packages", "dist-packages"}


def gather() -> dict[str, Any]:
    """The facts of the interpreter that runs this."""
    folders = site_folders()
    return {
        "version": ".".join(map(str, sys.version_info[:3])),
        "prefix": sys.prefix,
        "site": folders,
        "editable": sorted(_named_by_pth(_own_folders()) - set(folders)),
        "stdlib": sorted(_standard_library()),
    }


def site_folders() -> list[str]:
    """The folders that installed packages lie in, in the order in which they are searched."""
    own = _own_folders()
    return list(dict.fromkeys(own + _lent(_named_by_pth(own))))


def _own_folders() -> list[str]:
    found = [sysconfig.get_paths()[key] for key in ("purelib", "platlib")]
    if hasattr(site, "getsitepackages"):
        found += site.getsitepackages()
        if site.ENABLE_USER_SITE:
            found.append(site.getusersitepackages())
    return [f for f in dict.fromkeys(found) if os.path.isdir(f)]


def _lent(on_the_path: set[str]) -> list[str]:
    """Other environments' folders that .pth files put on the path: their packages are installed, nobody's project."""
    return sorted(place for place in on_the_path if os.path.basename(os.path.normpath(place)) in _INSTALLED_INTO)


def _named_by_pth(folders: list[str]) -> set[str]:
    """Folders that .pth files put on the path: somebody's projects, or the packages of another environment."""
    found: set[str] = set()
    for folder in folders:
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if name.endswith(".pth"):
                found.update(_folders_in(path, folder))
            elif name.startswith("__editable__") and name.endswith("_finder.py"):
                found.update(_folders_mapped(path))
    return found


def _folders_in(path: str, folder: str) -> list[str]:
    named = [line for line in _lines(path) if line and not line.startswith(("#", "import ", "import\t"))]
    return [place for place in (os.path.join(folder, line) for line in named) if os.path.isdir(place)]


def _folders_mapped(path: str) -> list[str]:
    """Where the packages lie that setuptools' own finder for editable installs leads to."""
    line = next((line for line in _lines(path) if line.startswith("MAPPING")), "")
    try:
        mapping: Any = ast.literal_eval(line.partition("=")[2].strip())
        return [os.path.dirname(str(place)) for place in mapping.values()]
    except (ValueError, SyntaxError, AttributeError):
        return []


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return [line.strip() for line in file]
    except OSError:
        return []


def _standard_library() -> set[str]:
    names = getattr(sys, "stdlib_module_names", None)  # from 3.10 on
    if names is not None:
        return set(names)
    found = set(sys.builtin_module_names)
    folder = os.path.dirname(os.__file__)
    for place in (folder, os.path.join(folder, "lib-dynload")):
        if os.path.isdir(place):
            found.update(name.partition(".")[0] for name in os.listdir(place))
    return found - {"site-packages", "__pycache__", "lib-dynload"}
