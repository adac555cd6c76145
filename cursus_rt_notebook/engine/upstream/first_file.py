"""A step that takes the first file of a folder by its name, and gets another one than it wants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from cursus_rt_notebook.engine.plan import StepInput, StepPlan
from cursus_rt_notebook.engine.upstream.files import Files

_KIND = re.compile(
    r"\b(?:format|extension|suffix|file type)s?\b.*?\.(csv|tsv|json|parquet)\b", re.IGNORECASE | re.DOTALL
)


def wrong_first_file(names: Sequence[str], plan: StepPlan, files: Files) -> str:
    """Which file was likely taken, and which has what is missed; empty where the inputs do not show it.

    Args:
        names: The columns or keys that were missed.
        plan: The step.
        files: What its inputs hold.
    """
    for port, given in plan.inputs.items():
        for alike in _alike(files.tables(given.path)):
            for name in (name for name in names if not files.has_name(alike[0], name)):
                having = next((file for file in alike[1:] if files.has_name(file, name)), None)
                if having is not None:
                    return _told(port, given, alike, having, name)
    return ""


def of_another_kind(message: str, plan: StepPlan, files: Files) -> str:
    """Which file of the kind that a message does not take lies, first by its name, beside one of another kind.

    Args:
        message: What the exception says.
        plan: The step.
        files: What its inputs hold.
    """
    match = _KIND.search(message)
    if match is None:
        return ""
    for port, given in plan.inputs.items():
        for beside in _beside(files.tables(given.path)):
            first = beside[0]
            other = next((file for file in beside if file.suffix.lower() != first.suffix.lower()), None)
            if other is not None and first.suffix.lower() == f".{match[1].lower()}":
                by = f", written by {given.producer}" if given.producer else ""
                return (
                    f"Of the files side by side in input {port!r}{by}, {first.name} is the first by name, and {other.name} "
                    "is of another kind. See which of them the script takes."
                )
    return ""


def _beside(tables: Sequence[Path]) -> Iterator[list[Path]]:
    """Those of each folder, by name, where there are several."""
    groups: dict[Path, list[Path]] = {}
    for path in tables:
        groups.setdefault(path.parent, []).append(path)
    yield from (beside for beside in groups.values() if len(beside) > 1)


def _alike(tables: Sequence[Path]) -> Iterator[list[Path]]:
    """Those that lie side by side and are of one kind, where there are several, by name."""
    groups: dict[tuple[Path, str], list[Path]] = {}
    for path in tables:
        groups.setdefault((path.parent, path.suffix.lower()), []).append(path)
    yield from (alike for alike in groups.values() if len(alike) > 1)


def _told(port: str, given: StepInput, files: Sequence[Path], having: Path, name: str) -> str:
    kind = files[0].suffix.lower().lstrip(".")
    by = f", written by {given.producer}" if given.producer else ""
    return (
        f"Input {port!r} holds {len(files)} {kind} files{by}: the first by name is {files[0].name}, which has no {name!r}; "
        f"{having.name} has it. See which of them the script takes."
    )
