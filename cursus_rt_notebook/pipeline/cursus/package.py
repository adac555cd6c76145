"""The cursus package, where it is installed: its interfaces are read as files, its classes are asked for what they emit."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, cast

_NAME: Final = "cursus"
_LOADERS: Final = "cursus.steps.configs.utils"


def installed_interfaces() -> Path | None:
    """The folder of the interfaces that come with the package; nothing of it is imported."""
    for place in _places():
        folder = Path(place, "steps", "interfaces")
        if folder.is_dir():
            return folder
    return None


def is_installed() -> bool:
    """Whether there is such a package."""
    return bool(_places())


def made_configs(file: str | os.PathLike[str]) -> Mapping[str, Any]:
    """The config objects that the package makes of a merged configuration, by node.

    Raises:
        Exception: whatever the package raises where it cannot: it is asked, and its word is not needed.
    """
    loaded: Any = import_module(_LOADERS).load_configs(os.fspath(file))
    if not isinstance(loaded, Mapping):
        raise TypeError(f"load_configs gave {type(loaded).__name__}")
    found = cast("Mapping[str, Any]", loaded)
    return {str(node): config for node, config in found.items() if not isinstance(config, (Mapping, str))}


def _places() -> list[str]:
    try:
        # A project's own folder of that name may be on the path as well: it is not installed, and is never imported.
        distribution(_NAME)
        spec = find_spec(_NAME)
    except (ImportError, ValueError, AttributeError):  # of which PackageNotFoundError is one
        return []
    # A folder of that name on the path is a package, too: one with nothing in it.
    places = list(spec.submodule_search_locations or []) if spec else []
    return [place for place in places if Path(place, "steps").is_dir()]
