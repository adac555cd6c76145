"""A step that takes the first file of a folder by its name, and gets another one than it wants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from cursus_rt_notebook.engine.plan import StepInput, StepPlan
from cursus_rt_notebook.engine.upstream.files import Files


def wrong_first_file(names: Sequence[str], plan: StepPlan, files: Files) -> str:
    """Which file was likely taken, and which has what is missed; empty where the inputs do not show it.

    Args:
        names: The columns or keys that were missed.
        plan: The step.
        files: What is in files.
    """
    for port, given in plan.inputs.items():
        for alike in _alike(files.tables(given.path)):
            for name in (name for name in names if not files.has_name(alike[0], name)):
                having = next((file for file in alike[1:] if files.has_name(file, name)), None)
                if having is not None:
                    return _told(port, given, alike, having, name)
    return ""


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
