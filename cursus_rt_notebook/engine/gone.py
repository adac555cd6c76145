"""The rows that a step's table had before and has no more: which tables to compare, and what is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.gone import GoneRows
from cursus_rt_notebook.data.reader import get_reader
from cursus_rt_notebook.engine.earlier import GoodRun, good_runs
from cursus_rt_notebook.engine.state import StepStatus
from cursus_rt_notebook.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from cursus_rt_notebook.engine.pause import StepView

_ALIKE = 0.25  # of the columns of both together; tables that share fewer are not the same one changed


@dataclass(frozen=True)
class Compared:
    """A table now and before: the parts of each, and the other tables that the step wrote, to which rows may have moved.

    `run` is the last good run, from which `earlier` comes; None where that kept nothing, and `input`, one of the step's
    own, stands in its place. `same` says that it is the very same artifact.
    """

    earlier: tuple[Artifact, ...]
    present: tuple[Artifact, ...]
    others: tuple[Artifact, ...]
    run: GoodRun | None = None
    input: str = ""
    same: bool = False

    def gone(self) -> GoneRows:
        """Find the rows that are gone.

        Raises:
            DataError: a table cannot be read, or there are too many rows.
        """
        paths = ([part.path for part in parts] for parts in (self.earlier, self.present, self.others))
        return get_reader().gone(*paths)


def compared(view: StepView, port: str, channel: str | None = None) -> Compared | None:
    """What to compare a table of a step's with: the last good run, else the input it is most like; None if there is none.

    The channels of a port that is split count together: a row that went to another channel is not gone.
    """
    if port not in view.outputs:
        return None
    present = _parts(view.outputs[port], channel)
    names = _columns(present)
    others = tuple(
        part
        for other, one in view.outputs.items()
        if other != port
        for part in _parts(one, None, split=False)
        if _names(part)
    )
    for run in reversed(good_runs(view.workspace.journal, view.pipeline.name)):
        key = _artifact_of(view, run) if run.run_id != view.run.run_id else None
        path = view.workspace.artifact_dir(key, port) if key else None
        if path is not None and path.exists():
            before = Artifact(path, step=view.name, port=port, channels=view.step.outputs[port].channels)
            parts = _parts(before, channel if len(present) == 1 else None)
            return Compared(parts, present, others, run, same=key == view.state.artifact)
    most = max(view.inputs.values(), key=lambda one: _likeness(_columns(_parts(one, None)), names), default=None)
    if most is None or _likeness(_columns(_parts(most, None)), names) < _ALIKE:
        return None
    return Compared(_parts(most, None), present, others, input=most.port)


def gone_rows(view: StepView, name: str) -> pd.DataFrame:
    """The rows that are gone from a table, `port` or `port/channel`, as they were; the index is their number there.

    Raises:
        KeyError: the step has no such table.
        DataError: there is nothing to compare it with, or nothing by which rows could be told apart.
    """
    import pandas as pd

    port, _, channel = name.partition("/")
    view[name]  # says what there is, if not this
    found = compared(view, port, channel or None)
    if found is None:
        raise DataError(f"nothing is known of {name} to compare it with", fix="run the pipeline to its end once")
    rows = found.gone()
    if not rows.key:
        raise DataError(f"no columns tell the rows of {name} apart", fix="give each row an id that it keeps")
    whole = pd.concat([part.df for part in found.earlier], ignore_index=True)
    return whole.iloc[rows.positions]


def _artifact_of(view: StepView, run: GoodRun) -> str | None:
    """The key of what the step wrote in a run, or took from the cache."""
    kept = [
        one.key for one in view.workspace.journal.attempts(run.run_id, view.name) if one.status in _KEPT and one.key
    ]
    return kept[-1] if kept else None


_KEPT = {"succeeded", str(StepStatus.CACHED)}


def _parts(artifact: Artifact, channel: str | None, *, split: bool = True) -> tuple[Artifact, ...]:
    """The tables of a port: all of its channels where it is split into them, else the one that is meant."""
    channels = artifact.channels
    if not channels:
        return (artifact,)
    every = tuple(artifact[name] for name in channels)
    if split and len(every) > 1 and len(set(map(_names, every))) > 1:
        return (artifact[channel if channel in channels else channels[0]],)
    return every


def _names(artifact: Artifact) -> frozenset[str]:
    try:
        return frozenset(artifact.schema)
    except DataError:
        return frozenset()


def _columns(parts: Sequence[Artifact]) -> frozenset[str]:
    return _names(parts[0]) if parts else frozenset()


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0
