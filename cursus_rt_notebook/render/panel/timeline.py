"""The timeline of a run as plain data: a bar for each step, the memory of all of them below, an axis in seconds.

Where nothing ran for a while (a pause that somebody thought about) the time is cut out: bars count working time.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from typing import Any

from cursus_rt_notebook.engine.estimate import seconds_left
from cursus_rt_notebook.engine.state import RunState, RunStatus, StepState, StepStatus
from cursus_rt_notebook.engine.timeline import Tried
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.render import status, words
from cursus_rt_notebook.render.states import STATES, look_of

Json = dict[str, Any]
Point = tuple[float, float]

_STANDSTILL = 1.0  # seconds without a running step, from which on they are cut out
_TICKS = 6
_POINTS = 240  # of the memory's curve: more than it has pixels to tell apart
_TICK_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
# The axis grows by these, so that bars keep their length for a while.
_ROUND = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True)
class _Bar:
    """A step's newest attempt, in seconds since the run's first command."""

    step: StepState
    began: float
    seconds: float | None  # None where it took no time of its own: cached, not started
    tried: Sequence[Tried] = ()

    @property
    def first(self) -> float:
        """When its first attempt began."""
        return min((each.began for each in self.tried), default=self.began)

    @property
    def ended(self) -> float:
        """Its end, as far as it is there."""
        return self.began + (self.seconds or 0.0)


@dataclass(frozen=True)
class _Standstill:
    """Time that is cut out."""

    began: float
    ended: float


def timeline_view(
    state: RunState, pipeline: Pipeline, now: float | None = None, tried: Mapping[str, Sequence[Tried]] | None = None
) -> Json:
    """Rows in the order in which the steps began (those that wait come last), ticks, standstills, memory.

    `now` is a reading of the monotonic clock, `tried` are attempts before the newest, by step. Times are seconds of
    work; `moving` says that the running bars grow.
    """
    now, tried = time.monotonic() if now is None else now, tried or {}
    began = (step for step in state.steps.values() if step.began is not None)
    bars = sorted((_bar(step, now, tried.get(step.name, ())) for step in began), key=lambda bar: bar.first)
    cuts = tuple(_standstills(bars))
    worked = max((_worked(bar.ended, cuts) for bar in bars), default=0.0)
    span = _rounded_up(max(worked, *_expected(state, pipeline, worked, now), 1.0))
    waiting = [state.steps[name] for name in pipeline.order if state.steps[name].began is None]
    return {
        "rows": [*(_row(bar, state, cuts) for bar in bars), *(_waiting_row(step, state) for step in waiting)],
        "moving": bool(state.running),
        "now": round(worked, 3),
        "span": span,
        "ticks": [{"at": at, "text": _tick_text(at)} for at in _ticks(span)],
        "standstills": [{"at": round(_worked(cut.began, cuts), 3)} for cut in cuts],
        "note": _note(cuts),
        "memory": _memory(bars, cuts, span),
    }


def _bar(step: StepState, now: float, tried: Sequence[Tried]) -> _Bar:
    began = step.began or 0.0
    if step.status is StepStatus.RUNNING and step.started is not None:
        return _Bar(step, began, max(now - step.started, 0.0), tried)
    # What came from the cache says how long it took in another run.
    return _Bar(step, began, None if step.status is StepStatus.CACHED else step.seconds, tried)


def _standstills(bars: Sequence[_Bar]) -> Iterator[_Standstill]:
    busy = 0.0
    spans = [(bar.began, bar.ended) for bar in bars]
    spans += [(each.began, each.began + each.seconds) for bar in bars for each in bar.tried]
    for began, ended in sorted(spans):
        if began - busy > _STANDSTILL:
            yield _Standstill(busy, began)
        busy = max(busy, ended)


def _worked(at: float, cuts: Sequence[_Standstill]) -> float:
    """A moment as seconds of work, without what is cut out before it."""
    return at - sum(min(at, cut.ended) - cut.began for cut in cuts if cut.began < at)


def _expected(state: RunState, pipeline: Pipeline, worked: float, now: float) -> Iterator[float]:
    left = seconds_left(state, pipeline, now) if state.status is RunStatus.RUNNING else None
    if left is not None:
        yield worked + left


def _row(bar: _Bar, state: RunState, cuts: Sequence[_Standstill]) -> Json:
    step, key = bar.step, look_of(bar.step, state)
    running = step.status is StepStatus.RUNNING
    return {
        "step": step.name,
        "look": key,
        "start": round(_worked(bar.began, cuts), 3),
        "end": round(_worked(bar.ended, cuts), 3),
        "tried": [_tried(each, cuts) for each in bar.tried],
        "running": running,
        "thin": bar.seconds is None,
        "text": _beside(bar, key),
        "title": status.dotted(STATES[key].word, status.running(step) if running else _told(bar), _attempt(step)),
    }


def _tried(each: Tried, cuts: Sequence[_Standstill]) -> Json:
    start, end = _worked(each.began, cuts), _worked(each.began + each.seconds, cuts)
    return {"start": round(start, 3), "end": round(end, 3), "look": each.status}


def _beside(bar: _Bar, key: str) -> str:
    return STATES[key].word if bar.seconds is None else words.seconds(bar.seconds)


def _told(bar: _Bar) -> str | None:
    if bar.seconds is None:
        return bar.step.reason or None
    step = bar.step
    return status.dotted(
        words.seconds(bar.seconds),
        f"{words.seconds(step.cpu_seconds)} of processor time" if step.cpu_seconds else None,
        f"peak {words.size(step.memory)}" if step.memory else None,
        f"read {words.size(step.read_bytes)}" if step.read_bytes else None,
        f"wrote {words.size(step.written_bytes)}" if step.written_bytes else None,
    )


def _attempt(step: StepState) -> str | None:
    return f"attempt {step.attempt}" if step.attempt > 1 else None


def _waiting_row(step: StepState, state: RunState) -> Json:
    key = look_of(step, state)
    text = step.reason or STATES[key].word
    took = f"took {words.seconds(step.estimate)} before" if step.estimate else None
    row = {"step": step.name, "look": key, "start": None, "end": None, "running": False, "thin": False}
    return row | {"text": text, "title": status.dotted(text, took)}


def _rounded_up(seconds: float) -> float:
    unit = 1.0
    while unit * 10 < seconds:
        unit *= 10
    return next(unit * step for step in _ROUND if unit * step >= seconds)


def _ticks(span: float) -> list[float]:
    step = next((step for step in _TICK_STEPS if span / step <= _TICKS), _TICK_STEPS[-1] * 10)
    return [round(i * step, 1) for i in range(int(span / step) + 1)]


def _tick_text(at: float) -> str:
    return f"{at:g} s" if at < 60 else words.seconds(at)


def _note(cuts: Sequence[_Standstill]) -> str:
    if not cuts:
        return ""
    still = words.listed((words.seconds(cut.ended - cut.began) for cut in cuts), 4)
    line = "line" if len(cuts) == 1 else "lines"
    return f"Nothing ran for {still} at the dashed {line}; that time is cut out."


def _memory(bars: Sequence[_Bar], cuts: Sequence[_Standstill], span: float) -> Json | None:
    """The memory of all running steps together, as (seconds, bytes), and its peak; None where none was seen."""
    curve = [(_worked(at, cuts), memory) for at, memory in _summed(bar for bar in bars if bar.seconds is not None)]
    if not any(memory for _, memory in curve):
        return None
    told = [(round(at, 3), round(memory)) for at, memory in _thinned(curve, span)]
    at, peak = max(told, key=lambda point: point[1])
    title = f"memory of all running steps: at most {words.size(peak)}, {words.seconds(at)} after the beginning"
    return {"points": told, "peak": {"at": at, "bytes": peak, "text": words.size(peak), "title": title}}


def _summed(bars: Iterable[_Bar]) -> Iterator[Point]:
    """How the sum goes over time; where a step begins or ends it jumps."""
    changes = sorted(change for bar in bars for change in _changes(bar))
    sums = accumulate((change for _, change in changes), initial=0.0)
    next(sums)
    before = 0.0
    for at, group in groupby(zip((at for at, _ in changes), sums, strict=True), key=lambda pair: pair[0]):
        memory = max(list(group)[-1][1], 0.0)
        if memory < before or not before:
            yield at, before
        yield at, memory
        before = memory


def _changes(bar: _Bar) -> Iterator[Point]:
    curve = [(at, memory) for at, memory in bar.step.memory_curve if at <= (bar.seconds or 0.0)]
    if not curve:
        return
    # Readings are some time apart: the peak may lie between two of them.
    highest = max(range(len(curve)), key=lambda i: curve[i][1])
    curve[highest] = (curve[highest][0], max(curve[highest][1], bar.step.memory or 0))
    yield bar.began, curve[0][1]
    yield from ((bar.began + at, memory - before) for (_, before), (at, memory) in pairwise(curve))
    # What runs has still what it had when it was last looked at.
    yield bar.ended, 0 if bar.step.status is StepStatus.RUNNING else -curve[-1][1]


def _thinned(curve: Sequence[Point], span: float) -> list[Point]:
    """At most so many points: of those that would share a pixel the highest, and the last of all."""
    if len(curve) <= _POINTS:
        return list(curve)
    edges = [span * i / _POINTS for i in range(1, _POINTS)]
    kept = [max(points, key=lambda p: p[1]) for _, points in groupby(curve, lambda p: bisect_right(edges, p[0]))]
    return [*kept, curve[-1]]
