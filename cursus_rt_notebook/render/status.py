"""Where a run and its steps stand, in words: the pill, the sentence under it, the line under a step's name."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable

from cursus_rt_notebook.engine import losses
from cursus_rt_notebook.engine.estimate import seconds_left
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
from cursus_rt_notebook.pipeline.model import Pipeline, Step
from cursus_rt_notebook.render import words

_PAUSED = {
    When.BEFORE: "Paused before",
    When.AFTER: "Paused after",
    When.CONDITION: "Paused after",
    When.CHECK: "Paused after",
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


def progress(state: RunState, pipeline: Pipeline | None = None) -> tuple[str, tuple[str, ...]]:
    """How far: `4 of 10`, and what follows it: time, peak memory, findings, breakpoints; with a pipeline, time left."""
    done, measures, counts = progress_parts(state, pipeline)
    told = (words.plural(count, noun) for noun, count in counts.items() if count)
    return done, (*measures, *told)


def progress_parts(state: RunState, pipeline: Pipeline | None = None) -> tuple[str, tuple[str, ...], dict[str, int]]:
    """The same in parts: how far, the measures as words, and how many findings and breakpoints there are."""
    steps = state.steps.values()
    settled = sum(step.status in SETTLED for step in steps)
    peak = max((s.memory or 0 for s in steps if s.status is not StepStatus.CACHED), default=0)
    left = seconds_left(state, pipeline) if pipeline and state.status is RunStatus.RUNNING else None
    measures = [words.seconds(state.elapsed)] if state.elapsed else []
    measures += [f"peak {words.size(peak)}"] if peak else []
    measures += [f"about {words.about(left)} left"] if left else []
    counts = {
        "finding": sum(f.severity != "info" for f in findings(state)),
        "breakpoint": len(state.breakpoints),
    }
    return f"{settled} of {len(state.steps)}", tuple(measures), counts


def findings(state: RunState) -> tuple[Finding, ...]:
    """Every finding of the run and of its steps, the worst first, each once."""
    return worst_first((*state.findings, *(f for step in state.steps.values() for f in step.findings)))


def worst_first(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by how bad they are, each once."""
    order = {"error": 0, "warning": 1}
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: order.get(finding.severity, 2)))


def counted(found: Iterable[Finding]) -> str:
    """How many findings of each kind: `5 errors, 14 warnings and 9 notes`; "" where there are none."""
    kinds = Counter(finding.severity for finding in found)
    nouns = {"error": "error", "warning": "warning", "info": "note"}
    return words.listed([words.plural(kinds[kind], noun) for kind, noun in nouns.items() if kinds[kind]], len(nouns))


def lost_elsewhere(state: RunState) -> tuple[Finding, ...]:
    """What is said of rows lost in other steps than the one that a pause stands at: it may be their fault."""
    here = state.pause.step if state.pause else None
    others = (step for step in state.steps.values() if step.losses and step.name != here)
    return tuple(finding for step in others for finding in losses.findings(step.name, step.losses))


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
        case StepStatus.RUNNING if step.stub:
            return step.reason or running(step)
        case StepStatus.RUNNING:
            return dotted(step.reason, running(step))
        case StepStatus.FAILED:
            return step.failure.title if step.failure else step.reason or "failed"
        case StepStatus.DONE if step.edited:
            return step.reason or "data replaced"
        case StepStatus.DONE | StepStatus.CACHED if step.stub:
            return stands_in(step)
        case StepStatus.CACHED:
            return dotted("cached", words.size(step.output_bytes) if step.output_bytes else None)
        case StepStatus.DONE:
            return cost(step) or "done"
        case StepStatus.WAITING | StepStatus.SKIPPED if step.lacks is not None:
            return f"needs {step.lacks}"  # what became of that, its own node says
        case StepStatus.SKIPPED | StepStatus.WAITING if step.stub and (
            step.status is StepStatus.SKIPPED or not step.reason
        ):
            return stands_in(step)
        case _:
            return step.reason or step.status.value


def stands_in(step: StepState) -> str:
    """What stands in for running a step: `stub: data/flights.csv`, `recorded in the cloud`; "" for one that runs."""
    if not step.stub or step.stub.startswith("recorded"):
        return step.stub
    return f"stub: {step.stub}"


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


def rows_out(tables: Iterable[Table]) -> str:
    """The rows of a step's tables: `train 229,153 · val 49,104`; the number alone where there is one."""
    counted = [t for t in tables if t.rows is not None]
    if len(counted) == 1:
        return words.plural(counted[0].rows or 0, "row")
    return dotted(*(f"{table_name(t)} {words.number(t.rows or 0)}" for t in counted))


def dotted(*parts: str | None) -> str:
    """Facts in a row: `a · b`; what is not there is left out."""
    return " · ".join(part for part in parts if part)


def table_name(table: Table) -> str:
    """What a table is called among a step's own: its channel, else its port."""
    return table.channel or table.port


def interpreter(state: StepState, step: Step, most: int) -> tuple[str, ...]:
    """Under what a step ran: `Python 3.9.18`, `pandas 1.5.3`; the packages that it asks for first, at most so many."""
    if not state.python:
        return ()
    asked = [name for name in step.requirements if name in state.packages]
    others = [name for name in state.packages if name not in asked]
    names = sorted(others, key=lambda name: (name not in _FIRST, name))
    return f"Python {state.python}", *(f"{name} {state.packages[name]}" for name in [*asked, *names][:most])


_FIRST = ("pandas", "numpy")
