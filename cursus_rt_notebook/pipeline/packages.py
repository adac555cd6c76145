"""Files inside installed distributions, found without importing anything."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from cursus_rt_notebook.pipeline.faults import listed, near, quoted
from cursus_rt_notebook.pipeline.files import exists, is_folder


class NotInPackage(LookupError):
    """The distribution or the file is not there: `where` it would be, and what to do (`fix`)."""

    def __init__(self, message: str, fix: str, where: Path) -> None:
        super().__init__(message)
        self.fix = fix
        self.where = where


def find_in_package(package: str, path: str) -> Path:
    """The file or folder `path` of an installed distribution, relative to its top-level folder.

    Raises:
        NotInPackage: there is no such distribution, or no such file in it.
    """
    relative = PurePosixPath(path)
    nowhere = Path(sysconfig.get_path("purelib"), package.replace("-", "_").replace(os.sep, "_"), *relative.parts)
    if relative.is_absolute() or ".." in relative.parts or "\0" in path:
        raise NotInPackage(f"{quoted(path)} does not lie inside a package", "write it relative to the package", nowhere)
    try:
        distribution = metadata.distribution(package)
    except (metadata.PackageNotFoundError, ValueError):
        raise NotInPackage(f"no package {quoted(package)} is installed", _install(package), nowhere) from None
    roots = tuple(dict.fromkeys(_roots(distribution, package)))
    found = next((root / path for root in roots if exists(root / path)), None)
    if found is None:
        where = (roots[0] if roots else nowhere.parent) / path
        raise NotInPackage(f"{quoted(package)} has no {quoted(path)}", _instead(roots, relative), where)
    return found


def _roots(distribution: metadata.Distribution, package: str) -> Iterator[Path]:
    """The folders that the file may lie in: the packages of the distribution, then the folder they are in."""
    site = Path(str(distribution.locate_file("")))
    names = dict.fromkeys([package.replace("-", "_"), *_top_level(distribution)])
    for name in names:
        if (site / name).is_dir():
            yield site / name
    yield from (folder for name in names for folder in _imported_from(name))
    yield site


def _top_level(distribution: metadata.Distribution) -> list[str]:
    files = distribution.files or []
    tops = dict.fromkeys(file.parts[0] for file in files if len(file.parts) > 1)
    return [top for top in tops if top.isidentifier()]


def _imported_from(name: str) -> Iterator[Path]:
    """Where an editable installation lies: the import system knows, and does not run a top-level package to say so."""
    try:
        spec = find_spec(name) if name.isidentifier() else None
    except (ImportError, ValueError):
        return
    yield from map(Path, (spec.submodule_search_locations or []) if spec else [])


def _install(package: str) -> str:
    meant = near(package, _installed(tuple(sys.path)))
    return f"did you mean {meant}? Else: pip install {package}" if meant else f"pip install {package}"


@lru_cache(maxsize=1)
def _installed(_where: tuple[str, ...]) -> tuple[str, ...]:
    """The names of all distributions: some hundred files to read, for a suggestion only."""
    return tuple(sorted({str(found.metadata["Name"]) for found in metadata.distributions() if found.metadata["Name"]}))


def _instead(roots: tuple[Path, ...], path: PurePosixPath) -> str:
    """What the folder that was meant holds; if there is no such folder, what the package holds."""
    inside = next((path.parent for root in roots if is_folder(root / path.parent)), PurePosixPath())
    folder = next((root / inside for root in roots if is_folder(root / inside)), None)
    names = [str(inside / name) for name in sorted(os.listdir(folder))] if folder else []  # noqa: PTH208 - names only
    meant = near(str(path), names)
    return f"did you mean {meant}?" if meant else f"there are {listed(names)}"
