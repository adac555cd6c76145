"""Where a run and its steps stand, in words: the pill, the sentence under it, the line under a step's name."""

from __future__ import annotations

import time
from collections.abc import Iterable

from cursus_rt_notebook.engine.state import (
    SETTLED,
    PauseInfo,
    RunState,
    RunStatus,
    StepState,
    StepStatus,
    Table,
    When,
)
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.render import words
from cursus_rt_notebook.render.geometry import Wire

_ON_WIRE = 18  # characters beside an arrow
_PAUSED = {
    When.BEFORE: "Paused before",
    When.AFTER: "Paused after",
    When.CONDITION: "Paused after",
    When.FAILED: "Stopped in",
    When.INTERRUPTED: "Interrupted in",
    When.PREFLIGHT: "Paused before the first step",
}
_ENDED = {
    RunStatus.READY: ("waiting", "Ready"),
    RunStatus.RUNNING: ("running", "Running"),
    RunStatus.PAUSED: ("paused", "Paused"),
    RunStatus.FINISHED: ("done", "Finished"),
    RunStatus.FAILED: ("failed", "Failed"),
    RunStatus.STOPPED: ("skipped", "Stopped"),
}


def pill(state: RunState) -> tuple[str, str]:
    """Where am I: the key of a look in `STATES`, and one verb with one step."""
    if state.pause is not None:
        return pause_pill(state.pause)
    look, verb = _ENDED[state.status]
    if state.status is RunStatus.RUNNING:
        return look, f"{verb} {words.listed(state.having(StepStatus.RUNNING), 3)}".strip()
    if state.status is RunStatus.FAILED:
        return look, f"{verb} in {words.listed(state.having(StepStatus.FAILED), 3)}".removesuffix(" in ")
    return look, verb


def pause_pill(pause: PauseInfo) -> tuple[str, str]:
    """The same for a pause that may be over."""
    look = "failed" if pause.when is When.FAILED else "paused"
    verb = _PAUSED[pause.when]
    if pause.when is When.PREFLIGHT:
        return look, verb
    return look, f"{verb} {pause.step}" if pause.step else verb.split()[0]


def progress(state: RunState) -> tuple[str, tuple[str, ...]]:
    """How far: `4 of 10`, and what follows it: time, peak memory, time left, findings, breakpoints."""
    steps = state.steps.values()
    settled = sum(step.status in SETTLED for step in steps)
    peak = max((s.memory or 0 for s in steps if s.status is not StepStatus.CACHED), default=0)
    left = time_left(state)
    facts = [words.seconds(state.elapsed)] if state.elapsed else []
    facts += [f"peak {words.size(peak)}"] if peak else []
    facts += [f"about {words.about(left)} left"] if left else []
    found = sum(f.severity != "info" for f in findings(state))
    facts += [words.plural(found, "finding")] if found else []
    facts += [words.plural(len(state.breakpoints), "breakpoint")] if state.breakpoints else []
    return f"{settled} of {len(state.steps)}", tuple(facts)


def findings(state: RunState) -> tuple[Finding, ...]:
    """Every finding of the run and of its steps, the worst first, each once."""
    every = dict.fromkeys((*state.findings, *(f for step in state.steps.values() for f in step.findings)))
    order = {"error": 0, "warning": 1}
    return tuple(sorted(every, key=lambda finding: order.get(finding.severity, 2)))


def time_left(state: RunState) -> float | None:
    """Seconds to the end as earlier runs took them; None while nothing runs or a step was never seen."""
    if state.status is not RunStatus.RUNNING:
        return None
    open_steps = [state.steps[n] for n in state.having(StepStatus.WAITING, StepStatus.RUNNING, StepStatus.STALE)]
    if not open_steps or any(s.estimate is None for s in open_steps):
        return None
    return sum(max((s.estimate or 0) - (elapsed(s) or 0), 0) for s in open_steps)


def elapsed(step: StepState) -> float | None:
    """How long a step took, or has been running."""
    if step.status is StepStatus.RUNNING and step.started is not None:
        return max(time.monotonic() - step.started, 0.0)
    return None if step.status in {StepStatus.WAITING, StepStatus.STALE} else step.seconds


def done_share(step: StepState) -> float | None:
    """How much of a running step is done, going by an earlier run; None if it was never seen."""
    seconds = elapsed(step)
    if step.status is not StepStatus.RUNNING or seconds is None or not step.estimate:
        return None
    return min(seconds / step.estimate, 1.0)


def under_name(step: StepState) -> str:
    """The line under a step's name: what its state alone does not say."""
    match step.status:
        case StepStatus.RUNNING:
            return running(step)
        case StepStatus.FAILED:
            return step.failure.title if step.failure else step.reason or "failed"
        case StepStatus.CACHED:
            return dotted("cached", words.size(step.output_bytes) if step.output_bytes else None)
        case StepStatus.DONE if step.edited:
            return step.reason or "data replaced"
        case StepStatus.DONE:
            return cost(step) or "done"
        case _:
            return step.reason or step.status.value


def running(step: StepState) -> str:
    """A running step: `4.2 of ~7.1 s · 0.9 GB`."""
    seconds = elapsed(step) or 0.0
    time_ = words.seconds(seconds)
    if step.estimate and 1 <= step.estimate < 60 and seconds < 60:
        time_ = f"{seconds:.1f} of ~{step.estimate:.0f} s"
    elif step.estimate:
        time_ = f"{time_} of ~{words.seconds(step.estimate)}"
    return dotted(time_, words.size(step.memory) if step.memory else None)


def cost(step: StepState, *, peak: str = "") -> str:
    """What a step took: `2.1 s · 380 MB`."""
    seconds = elapsed(step)
    return dotted(
        words.seconds(seconds) if seconds is not None else None,
        f"{peak}{words.size(step.memory)}" if step.memory else None,
    )


def on_wire(wire: Wire, pipeline: Pipeline, state: RunState) -> str:
    """What flows along an arrow: rows where one table does, else its channels, else (where it tells) the port."""
    tables = [t for t in state.steps[wire.tail].tables if t.port in wire.ports]
    if state.steps[wire.tail].status in SETTLED and tables:
        if len(tables) == 1 and tables[0].rows is not None:
            return words.number(tables[0].rows)
        return _some(dict.fromkeys(_table_name(t) for t in tables))
    outputs = pipeline.steps[wire.tail].outputs
    if len(outputs) < 2:
        return ""
    return _some(name for port in wire.ports for name in (outputs[port].channels or (port,)) if port in outputs)


def rows_out(tables: Iterable[Table]) -> str:
    """The rows of a step's tables: `train 229,153 · val 49,104`; the number alone where there is one."""
    counted = [t for t in tables if t.rows is not None]
    if len(counted) == 1:
        return f"{words.number(counted[0].rows or 0)} rows"
    return dotted(*(f"{_table_name(t)} {words.number(t.rows or 0)}" for t in counted))


def dotted(*parts: str | None) -> str:
    """Facts in a row: `a · b`; what is not there is left out."""
    return " · ".join(part for part in parts if part)


def _some(names: Iterable[str]) -> str:
    # As many as an arrow has room for: two halves of names tell less than one name.
    found = list(names)
    whole = dotted(*found)
    shorter = (f"{dotted(*found[:shown])} + {len(found) - shown}" for shown in range(len(found) - 1, 0, -1))
    return next((told for told in (whole, *shorter) if len(told) <= _ON_WIRE), dotted(*found[:1]))


def _table_name(table: Table) -> str:
    return table.channel or table.port
