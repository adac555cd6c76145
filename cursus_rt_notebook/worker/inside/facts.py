"""What the kernel must know of an interpreter: its version, its own modules, where packages are installed."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from typing import Any, Dict, List, Set


def gather() -> Dict[str, Any]:
    """The facts of the interpreter that runs this."""
    folders = site_folders()
    return {
        "version": ".".join(map(str, sys.version_info[:3])),
        "prefix": sys.prefix,
        "site": folders,
        "editable": sorted(_editable(folders)),
        "stdlib": sorted(_standard_library()),
    }


def site_folders() -> List[str]:
    """The folders that installed packages lie in, in the order in which they are searched."""
    found = [sysconfig.get_paths()[key] for key in ("purelib", "platlib")]
    if hasattr(site, "getsitepackages"):
        found += site.getsitepackages()
        if site.ENABLE_USER_SITE:
            found.append(site.getusersitepackages())
    return [f for f in dict.fromkeys(found) if os.path.isdir(f)]


def _editable(folders: List[str]) -> Set[str]:
    """Folders that .pth files put on the path: what lies there is somebody's project, not an installed package."""
    found: Set[str] = set()
    for folder in folders:
        for name in os.listdir(folder):
            if name.endswith(".pth"):
                found.update(_folders_in(os.path.join(folder, name), folder))
    return found - set(folders)


def _folders_in(path: str, folder: str) -> List[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line.strip() for line in file]
    except OSError:
        return []
    places = [os.path.join(folder, line) for line in lines if line and not line.startswith(("#", "import ", "import\t"))]
    return [place for place in places if os.path.isdir(place)]


def _standard_library() -> Set[str]:
    names = getattr(sys, "stdlib_module_names", None)  # from 3.10 on
    if names is not None:
        return set(names)
    found = set(sys.builtin_module_names)
    folder = os.path.dirname(os.__file__)
    for place in (folder, os.path.join(folder, "lib-dynload")):
        if os.path.isdir(place):
            found.update(name.partition(".")[0] for name in os.listdir(place))
    return found - {"site-packages", "__pycache__", "lib-dynload"}
