"""What a script reads, as a plan: the columns that it names, in files where it looks for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from cursus_rt_notebook.data.kinds import TABLE_KINDS
from cursus_rt_notebook.data.packing import PACKED_SUFFIXES
from cursus_rt_notebook.data.synthetic.plan import Target
from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.suffixes import TABLES


@dataclass(frozen=True)
class Reading:
    """What a script reads from one input: the columns it names, its table files, and those that are no tables."""

    columns: tuple[str, ...] = ()
    tables: tuple[Target, ...] = ()
    others: tuple[str, ...] = ()


def reading_of(step: Step, port: str, channels: Sequence[str]) -> Reading:
    """What the script of a step reads from an input; nothing where its text does not tell.

    Args:
        step: The step.
        port: Its input.
        channels: The subfolders that the step which writes it promises.
    """
    from cursus_rt_notebook.pipeline.script_use import script_use

    try:
        use = script_use(step.script, step.entry).inputs.get(port)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return Reading()
    if use is None:
        return Reading()
    tables = [target for file in use.files for target in _targets(file.pattern, file.kind, channels)]
    others = tuple(file.pattern for file in use.files if file.kind not in TABLE_KINDS)
    return Reading(
        tuple(dict.fromkeys(column.name for column in use.columns)),
        tuple(dict.fromkeys(_without_doubles(tables))),
        others,
    )


def usual_files(channels: Sequence[str]) -> tuple[Target, ...]:
    """The files of an input of which nobody says what it looks like: a CSV, or one in each channel."""
    return tuple(Target(f"{channel}/{channel}.csv") for channel in channels) or (Target("data.csv"),)


def _targets(pattern: str, kind: str, channels: Sequence[str]) -> Iterable[Target]:
    """The files in which a script that reads `pattern` finds something."""
    if kind not in TABLE_KINDS:
        return
    if pattern.endswith(".*"):  # `f"predictions.{suffix}"`: any that its kind has
        pattern = f"{pattern[:-1]}{kind}"
    folder = pattern.partition("/")[0]
    names = channels if "/" in pattern and folder == "*" and channels else ("data",)
    for name in names:
        path = re.sub(r"(?<=[-_])\*", "0", pattern.replace("**/", "")) if name == "data" else pattern
        path = re.sub(r"\*+", name, path).replace("?", "0")
        yield as_target(re.sub(r"\[(.).*?\]", r"\1", path), kind)


def as_target(path: str, kind: str) -> Target:
    """A file of this name, of the kind that its name says; of `kind` if it says nothing."""
    name = PurePosixPath(path)
    packing = PACKED_SUFFIXES.get(name.suffix)
    inner = PurePosixPath(name.stem) if packing else name
    told = TABLES.get(inner.suffix)
    if path and told is None and not inner.suffix and not packing:
        path = f"{path}.{kind}"
    return Target(path, told or kind, packing)


def _without_doubles(targets: list[Target]) -> Iterable[Target]:
    """The files, each path once."""
    return {target.path: target for target in targets}.values()
