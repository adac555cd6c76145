"""Which distributions an interpreter has, and in which versions, told from the names of files: nothing is started."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import canonicalize_name

from cursus_rt_notebook.pipeline.preflight.site_packages import folders_of

_INFO = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info$")
_VERSION = re.compile(r"^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)", re.MULTILINE)
_FOLDER = re.compile(r"python(3\.\d+)$")


@dataclass(frozen=True)
class Installed:
    """What an interpreter has: its version ("3.9" where the last number is not known), distributions by normalised name."""

    python: str
    versions: Mapping[str, str] = field(default_factory=dict[str, str])


def installed_of(python: Path | None) -> Installed | None:
    """What an interpreter has, the kernel's own for None; None where its folders are not laid out as known."""
    if python is None:
        return Installed(".".join(map(str, sys.version_info[:3])), _in(sys.path))
    folders = folders_of(python)
    if folders is None:
        return None
    version = _version_of(python, folders)
    return Installed(version, _in(folders)) if version else None


def _version_of(python: Path, folders: Iterable[str]) -> str:
    try:
        found = _VERSION.search((python.parent.parent / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        found = None
    if found is not None:
        return found[1]
    return next((match[1] for folder in folders if (match := _FOLDER.search(str(Path(folder).parent)))), "")


def _in(folders: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for folder in folders:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208 - names only
        except OSError:
            continue
        for match in filter(None, map(_INFO.match, names)):
            found.setdefault(
                str(canonicalize_name(match["name"])), match["version"]
            )  # the first folder wins, as in imports
    return found
