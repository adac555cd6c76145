"""What a step took, as plain data for the front end: time, memory over time, its part of the run, attempts before."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.state import StepState, StepStatus
from cursus_rt_notebook.render import status, words
from cursus_rt_notebook.render.panel.parts import Sentence, say
from cursus_rt_notebook.render.panel.step_view import nothing_yet
from cursus_rt_notebook.render.states import look_of
from cursus_rt_notebook.workspace.records import AttemptRecord

Json = dict[str, Any]

_ATTEMPTS = 50
_PACKAGES = 8
_LOOKS = {"succeeded": "done", "cached": "cached", "failed": "failed", "interrupted": "waiting"}


def resources_view(view: StepView) -> Json:
    """The figures, the curve, the bars of the run's steps, and the attempts in this run and those before it."""
    state = view.state
    figures = list(_figures(view))
    return {
        "figures": figures,
        "nothing": None if figures else _nothing(view),
        "curve": _curve(state),
        "timeline": _timeline(view),
        "attempts": [_attempt(record, view.run.run_id) for record in _attempts(view)],
    }


def _nothing(view: StepView) -> Sentence:
    if view.status in {StepStatus.WAITING, StepStatus.STALE, StepStatus.SKIPPED, StepStatus.FAILED}:
        return (
            nothing_yet(view, "figures")
            if view.status is not StepStatus.FAILED
            else say("It failed before it started.")
        )
    return say("Nothing was measured.")


def _figures(view: StepView) -> Iterator[list[str]]:
    state = view.state
    seconds = status.elapsed(state)
    if state.status is StepStatus.CACHED and seconds is not None:
        yield ["when it ran, it took", words.seconds(seconds)]
    elif seconds is not None:
        yield ["running for" if state.status is StepStatus.RUNNING else "time", words.seconds(seconds)]
    if state.cpu_seconds is not None and seconds is not None:
        yield ["processor time", f"{words.seconds(state.cpu_seconds)}{_cores(state.cpu_seconds, seconds)}"]
    if seconds is not None and state.memory:
        yield ["memory now" if state.status is StepStatus.RUNNING else "peak memory", words.size(state.memory)]
    if state.read_bytes is not None and state.written_bytes is not None:
        yield ["read and written", f"{words.size(state.read_bytes)}, {words.size(state.written_bytes)}"]
    if state.output_bytes:
        yield ["outputs", words.size(state.output_bytes)]
    under = status.interpreter(state, view.step, _PACKAGES)
    if under:
        yield ["ran under", under[0] if view.step.python else f"{under[0]}, the kernel's own"]
        yield ["with", ", ".join(under[1:]) or "no packages"]
    if state.estimate and state.status is StepStatus.RUNNING:
        yield ["last time it took", words.seconds(state.estimate)]


def _cores(cpu: float, seconds: float) -> str:
    return f" ({cpu / seconds:.1f} cores)" if seconds >= 0.1 else ""


def _curve(state: StepState) -> Json | None:
    """Memory over time: points as shares of the width and height, and what the axes' ends say."""
    points = state.memory_curve
    if len(points) < 2:
        return None
    end = max(points[-1][0], status.elapsed(state) or 0.0)
    # Readings are some time apart: the peak may lie between two of them.
    top = max(state.memory or 1, *(memory for _, memory in points))
    return {
        "points": [[round(at / end, 4), round(memory / top, 4)] for at, memory in points],
        "end": words.seconds(end),
        "top": words.size(top),
        "label": f"Memory over time: up to {words.size(top)} in {words.seconds(end)}",
    }


def _timeline(view: StepView) -> Json | None:
    """The run as one line: where each step lies on it, this one marked."""
    bars = [(step, step.began, _length(step)) for step in view.run.steps.values() if step.began is not None]
    end = max(((began or 0.0) + length for _, began, length in bars), default=0.0)
    mine = view.state.began
    if mine is None or not end:
        return None
    return {
        "bars": [
            {
                "start": round((began or 0.0) / end, 4),
                "share": round(length / end, 4),
                "look": look_of(step, view.run),
                "here": step.name == view.name,
            }
            for step, began, length in bars
        ],
        "end": words.seconds(end),
        "label": f"began {words.seconds(mine)} into the run, which has come to {words.seconds(end)}",
    }


def _length(step: StepState) -> float:
    # What came from the cache took no time in this run.
    return 0.0 if step.status is StepStatus.CACHED else status.elapsed(step) or 0.0


def _attempts(view: StepView) -> Iterator[AttemptRecord]:
    return islice(view.workspace.journal.history(view.pipeline.name, view.name), _ATTEMPTS)


def _attempt(record: AttemptRecord, run_id: str) -> Json:
    return {
        "run": record.run_id,
        "here": record.run_id == run_id,
        "attempt": str(record.attempt or ""),
        "look": _LOOKS.get(record.status, "waiting"),
        "ended": str(record.facts.get("error") or record.status),
        "seconds": "" if record.seconds is None else words.seconds(record.seconds),
        "memory": words.size(record.memory) if record.memory else "",
        # Seconds since 1970 are for people; the zone is the reader's own.
        "at": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.at)),
    }
