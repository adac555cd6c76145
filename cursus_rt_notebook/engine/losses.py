"""Rows that a step lost though it kept them in earlier runs, found without being told what to expect.

An output is measured by the share of its input that it keeps: a smaller input is no fault of the step's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.engine.earlier import GoodRun
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.state import Loss, Table
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import FromAddress, FromPath
from cursus_rt_notebook.settings import LOST_GROWTH, LOST_SHARE

SEE_CHANGED = "see its outputs beside its inputs"

Columns = Callable[[Artifact, str | None, str], Iterable[str]]
Rows = Callable[[Artifact, str], int]


@dataclass(frozen=True)
class Looks:
    """How tables are looked at, given an artifact and its digest: `columns` of one channel, `rows` of all together."""

    columns: Columns
    rows: Rows


@dataclass(frozen=True)
class _Group:
    """Tables that are counted as one: a port's channels where it is split into them, else one of them."""

    port: str
    channel: str | None
    rows: int
    columns: frozenset[str]


@dataclass(frozen=True)
class _Input:
    """An input that another step wrote, and how many rows it has."""

    port: str
    source: tuple[str, str]
    rows: int
    columns: frozenset[str]


def find(view: StepView, tables: Sequence[Table], good: Sequence[GoodRun], looks: Looks) -> Iterator[Loss]:
    """The outputs that lack far more rows than in every good run before."""
    if not good or not tables:
        return
    inputs = list(_inputs(view, looks))
    for group in _groups(view, tables, looks):
        expect = partial(_expected, view, group, inputs)
        known = [(run, rows) for run in good if (rows := expect(run)) is not None]
        # The least of them: what a step has kept before, it may keep again.
        if known and group.rows <= min(rows for _, rows in known) * (1 - LOST_SHARE):
            yield _loss(group, _measured_by(group, inputs), known)


def findings(step: str, losses: Iterable[Loss]) -> Iterator[Finding]:
    """What to say of each loss: how many rows, of how many, and (once) since when; the largest first."""
    for place, loss in enumerate(sorted(losses, key=lambda one: -one.fewer)):
        name = "/".join(filter(None, (loss.port, loss.channel)))
        message = f"{loss.fewer:,} rows fewer than before in {name}"
        message += f" too: {loss.rows:,} of {loss.expected:,}" if place else f": {_since(loss)}"
        yield Finding("warning", message, SEE_CHANGED, step=step, port=loss.port)


def _since(loss: Loss) -> str:
    last = f"the last good run ({time.strftime('%Y-%m-%d %H:%M', time.localtime(loss.at))})"
    if not loss.input:
        return f"it has {loss.rows:,}, and had {loss.expected:,} in {last}"
    now = f"{loss.rows:,} of the {loss.came:,} that came in by {loss.input} ({loss.rows / loss.came:.1%})"
    return f"{now}, and {loss.kept:.1%} or more up to {last}"


def _inputs(view: StepView, looks: Looks) -> Iterator[_Input]:
    for port, artifact in view.inputs.items():
        if artifact.step is not None:
            digest = view.run.steps[artifact.step].outputs[artifact.port]
            columns = frozenset(looks.columns(artifact, next(iter(artifact.channels), None), digest))
            yield _Input(port, (artifact.step, artifact.port), looks.rows(artifact, digest), columns)


def _groups(view: StepView, tables: Sequence[Table], looks: Looks) -> Iterator[_Group]:
    for port in dict.fromkeys(table.port for table in tables):
        parts = [table for table in tables if table.port == port and table.rows is not None]
        digest = view.state.outputs[port]
        columns = [frozenset(looks.columns(view.outputs[port], part.channel, digest)) for part in parts]
        if len(parts) > 1 and len(set(columns)) == 1:
            yield _Group(port, None, sum(part.rows or 0 for part in parts), columns[0])
        else:
            yield from (_Group(port, p.channel, p.rows or 0, c) for p, c in zip(parts, columns, strict=True))


def _expected(view: StepView, group: _Group, inputs: Sequence[_Input], run: GoodRun) -> float | None:
    """How many rows a table should have, going by an earlier run; None if that run tells nothing."""
    then = _rows_then(run, view.name, group.port, group.channel)
    if not then:
        return None
    main = _measured_by(group, inputs)
    if main is not None:
        came = _rows_then(run, *main.source)
        ratio = main.rows / came if came else 1.0
        return then * (ratio if ratio <= LOST_GROWTH else 1.0)
    if not _same_files(view, run):
        return None
    # It is made of its inputs in another way than row by row: a larger one need not make it larger.
    ratios = [one.rows / came for one in inputs if (came := _rows_then(run, *one.source))]
    return then * min(1.0, *ratios) if ratios else float(then)


def _rows_then(run: GoodRun, step: str, port: str, channel: str | None = None) -> int:
    """How many rows a port had, or one of its channels."""
    if channel is not None:
        return run.rows.get((step, port, channel), 0)
    return sum(rows for (of, where, _), rows in run.rows.items() if (of, where) == (step, port))


def _measured_by(group: _Group, inputs: Sequence[_Input]) -> _Input | None:
    """The input whose rows go on in a table: it still has half of the input's columns; of several the most alike."""
    passed = [one for one in inputs if one.rows and 2 * len(group.columns & one.columns) >= len(one.columns) > 0]
    alike = {one.port: len(group.columns & one.columns) / len(group.columns | one.columns) for one in passed}
    return max(passed, key=lambda one: (alike[one.port], one.rows), default=None)


def _same_files(view: StepView, run: GoodRun) -> bool:
    """Whether the step read the same files of the user's then as now."""
    ports = [port for port, source in view.step.inputs.items() if isinstance(source, FromPath | FromAddress)]
    then: Mapping[str, str] = run.given.get(view.name, {})
    return all(then.get(port) == view.state.inputs.get(port) for port in ports)


def _loss(group: _Group, main: _Input | None, known: Sequence[tuple[GoodRun, float]]) -> Loss:
    last, expected = known[-1]
    least = min(rows for _, rows in known)
    return Loss(
        port=group.port,
        channel=group.channel,
        rows=group.rows,
        expected=round(expected),
        input=main.port if main else "",
        came=main.rows if main else 0,
        kept=least / main.rows if main else 0.0,
        run=last.run_id,
        at=last.at,
    )
