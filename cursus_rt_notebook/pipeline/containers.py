"""What a step says of the container that its script was written for: where the ports lie, which versions are there."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import described, quoted
from cursus_rt_notebook.pipeline.model import Container
from cursus_rt_notebook.pipeline.reading import read
from cursus_rt_notebook.pipeline.written import WrittenContainer


def read_container(value: Any, path: KeyPath, document: Document) -> Container | None:
    """The container written at `path`; None if none is."""
    if value is None:
        return None
    written = read(WrittenContainer, value, path, document)
    return Container(
        inputs=_places(written.inputs, (*path, "inputs"), document),
        outputs=_places(written.outputs, (*path, "outputs"), document),
    )


def _places(written: dict[str, Any], path: KeyPath, document: Document) -> dict[str, str]:
    found: dict[str, str] = {}
    for port, place in written.items():
        if not isinstance(place, str):
            document.fault((*path, port), f"is {described(place)}, not a path", "write /opt/ml/processing/input/data")
        elif not place.startswith("/") or ".." in PurePosixPath(place).parts or "\0" in place:
            document.fault(
                (*path, port), f"{quoted(place)} is no absolute path", "write the path in the container, from /"
            )
        else:
            found[port] = place
    return found


def read_requirements(written: dict[str, Any], path: KeyPath, document: Document) -> dict[str, str]:
    """The versions asked for, by distribution, as pip writes them; `python` is the interpreter's."""
    found: dict[str, str] = {}
    for name, versions in written.items():
        if not isinstance(versions, str):
            document.fault((*path, name), f"is {described(versions)}, not versions", 'write ">=1.2,<2" in quotes')
            continue
        try:
            Requirement(f"{name} {versions}")  # with a space: `pandas` and `2` are no `pandas2`
        except InvalidRequirement:
            document.fault((*path, name), f"{quoted(versions)} are no versions", 'write ">=1.2,<2", as pip does')
        else:
            found[name] = versions
    return found
