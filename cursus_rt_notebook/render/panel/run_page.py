"""The run as a whole, as plain data: how far it is, what comes next, what was found, and the runs before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.engine.estimate import seconds_left
from cursus_rt_notebook.engine.frontier import OPEN
from cursus_rt_notebook.engine.losses import SEE_CHANGED
from cursus_rt_notebook.engine.state import (
    SETTLED,
    Breakpoint,
    Failure,
    RunState,
    RunStatus,
    StepState,
    StepStatus,
    When,
)
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, FromAddress, FromStep, Input, Open, Pipeline, Step
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars, status, words
from cursus_rt_notebook.render.states import STATES

if TYPE_CHECKING:
    from cursus_rt_notebook.workspace.records import AttemptRecord, RunRecord

Json = dict[str, Any]

RUNS_SHOWN = 50

_NAME = 80
_TEXT = 600
_SEVERITIES = ("error", "warning", "info")
_NOUNS = {"failed": "failed step", "error": "error", "warning": "warning", "info": "note"}


# How far it is


def progress_view(state: RunState, pipeline: Pipeline) -> Json:
    """How far the run is, in sentences, and the steps that run now with their share."""
    return {
        "told": [*_stand(state), *_rest(state, pipeline)],
        "running": [_running(state.steps[name]) for name in state.running],
    }


def _stand(state: RunState) -> Iterator[str]:
    settled = [step for step in state.steps.values() if step.status in SETTLED]
    cached = sum(step.status is StepStatus.CACHED for step in settled)
    total = len(state.steps)
    how_many = f"All {total:,}" if len(settled) == total else f"{len(settled):,} of {total:,}"
    took = f", after {words.seconds(state.elapsed)} of work" if state.elapsed else ""
    yield f"{how_many} steps are done{f' ({cached:,} from the cache)' if cached else ''}{took}."
    if state.failed:
        yield f"Failed: {_named(state.failed)}."


def _rest(state: RunState, pipeline: Pipeline) -> Iterator[str]:
    """What is still to come and how long that takes."""
    still = [s for s in state.steps.values() if (s.status in OPEN and not s.blocked) or s.status is StepStatus.RUNNING]
    if state.status not in {RunStatus.RUNNING, RunStatus.PAUSED, RunStatus.READY} or not still:
        return
    left = seconds_left(state, pipeline)
    if left is not None and state.status is RunStatus.READY:
        yield f"Without the cache it takes about {words.about(left)}, going by earlier runs."
    elif left is not None:
        yield f"About {words.about(left)} left, going by earlier runs."
    else:
        yield _unknown([step.name for step in still if step.estimate is None], state)


def _unknown(unseen: Sequence[str], state: RunState) -> str:
    if len(unseen) == len(state.steps):
        return "How long it takes is not known: this pipeline has not run here before."
    has = "has" if len(unseen) == 1 else "have"
    return f"How long is left is not known: {_named(unseen)} {has} not run here before."


def _running(step: StepState) -> Json:
    share = status.done_share(step)
    seen = f"{share:.0%}" if share is not None else "has not run here before"
    return {"step": step.name, "under": status.running(step), "share": share, "seen": seen}


def _named(names: Iterable[str]) -> str:
    return words.listed((chars.cut_middle(name, _NAME) for name in names), 4)


# Before the first step


def overview_view(state: RunState, pipeline: Pipeline) -> Json:
    """What Continue will do, and every step with its script and ports."""
    return {
        "told": [_will_do(state, pipeline), *_rest(state, pipeline)],
        "steps": [_described(pipeline.steps[name], state.steps[name], pipeline) for name in pipeline.order],
    }


def _will_do(state: RunState, pipeline: Pipeline) -> str:
    stops = [b for b in state.breakpoints if b.enabled]
    plain = [b for b in stops if b.condition is None]
    first = min(plain, key=lambda b: pipeline.rank[b.step], default=None)
    where = [] if first is None else [f"{first.when} {chars.cut_middle(first.step, _NAME)}"]
    where += [f"where “{chars.cut_long(b.text, _NAME)}” holds" for b in stops if b.condition is not None]
    rest = f" (the first of {words.plural(len(plain), 'breakpoint')})" if len(plain) > 1 else ""
    total = words.plural(len(pipeline.steps), "step")
    if not where:
        return f"Continue runs all {total} to the end, and stops at a step that fails."
    how_many = _steps_to(first, pipeline) if first else "up to"
    told = f"Continue runs {how_many} {'of ' if first else ''}{total} and pauses {where[0]}{rest}"
    return f"{told}{''.join(f', or {other}' for other in where[1:])}, or at a step that fails."


def _steps_to(stop: Breakpoint, pipeline: Pipeline) -> str:
    """How many steps run before it stops there; those that are neither before nor after it may run beside."""
    needed = len(pipeline.ancestors(stop.step)) + (stop.when is When.AFTER)
    beside = len(pipeline.steps) - len(pipeline.ancestors(stop.step)) - len(pipeline.descendants(stop.step)) - 1
    return f"{'at least ' if beside else ''}{needed:,}"


def _described(step: Step, state: StepState, pipeline: Pipeline) -> Json:
    return {
        "step": step.name,
        "script": chars.cut_middle(_script(step, pipeline), _NAME),
        "reads": [{"port": port, "from": _source(source)} for port, source in step.inputs.items()],
        "writes": [{"port": port, "channels": list(output.channels)} for port, output in step.outputs.items()],
        "took": f"~{words.seconds(state.estimate)}" if state.estimate else "",
    }


def _script(step: Step, pipeline: Pipeline) -> str:
    base = pipeline.base_dir
    if step.script == NO_SCRIPT:
        return "no script"
    return str(step.script.relative_to(base) if step.script.is_relative_to(base) else step.script)


def _source(source: Input) -> str:
    if isinstance(source, Open):
        return "(open)"
    if isinstance(source, FromAddress):
        return source.address
    return f"{source.step}.{source.port}" if isinstance(source, FromStep) else source.path.name


# What was found


def findings_view(state: RunState) -> Json:
    """Every failed step and every finding, the worst first, and a sentence that counts them."""
    failed = [(name, failure) for name in state.failed if (failure := state.steps[name].failure)]
    found = [*(_failed(name, failure) for name, failure in failed), *map(_finding, status.findings(state))]
    counts = Counter(each["severity"] for each in found)
    told = words.listed(words.plural(counts[key], noun) for key, noun in _NOUNS.items() if counts[key])
    return {"told": f"{told}." if told else _nothing(state), "findings": found}


def _nothing(state: RunState) -> str:
    if state.status is RunStatus.READY and not state.pauses:
        return "Nothing was looked at yet: the checks come with the first step."
    return "Nothing was found: no step failed, and no check had anything to say."


def _failed(step: str, failure: Failure) -> Json:
    frame = next((frame for frame in reversed(failure.frames) if frame.own), None)
    return _entry(
        "failed",
        failure.summary if failure.title in failure.summary else f"{failure.title}: {failure.summary}",
        failure.advice,
        step,
        None,
        (frame.file, frame.line) if frame else (None, None),
    ) | {"tab": "variables", "wanted": None}


def _finding(found: Finding) -> Json:
    severity = found.severity if found.severity in _SEVERITIES else "info"
    entry = _entry(severity, found.message, found.fix, found.step, found.port, (found.file, found.line))
    if found.fix == SEE_CHANGED:
        entry |= {"tab": "changed", "wanted": {"port": found.port}}
    return entry


def _entry(
    severity: str, message: str, fix: str, step: str | None, port: str | None, place: tuple[str | None, int | None]
) -> Json:
    redact = Redactor().text
    file, line = place
    return {
        "severity": severity,
        "word": _NOUNS[severity].split()[0],
        "message": chars.cut_long(redact(message), _TEXT),
        "fix": chars.cut_long(redact(fix), _TEXT),
        "step": step,
        "port": port,
        "place": f"{PurePath(file[-500:]).name}{f':{line}' if line else ''}" if file else "",
        **_leads(file, line),
    }


def _leads(file: str | None, line: int | None) -> Json:
    """Where a press on it leads: a line of a script, else the step."""
    if file and line and file.endswith(".py"):
        return {"tab": "source", "wanted": {"file": file, "line": line}}
    return {"tab": None, "wanted": None}


# Runs before this one


def runs_view(
    records: Sequence[RunRecord], attempts: Mapping[str, Sequence[AttemptRecord]], state: RunState, now: float
) -> Json:
    """The runs of a pipeline, newest first, with what became of their steps; `now` in seconds since 1970."""
    shown = records[:RUNS_SHOWN]
    return {
        "runs": [_run(record, attempts.get(record.run_id, ()), state, now) for record in shown],
        "more": len(records) - len(shown),
    }


def _run(record: RunRecord, attempts: Sequence[AttemptRecord], state: RunState, now: float) -> Json:
    this = record.run_id == state.run_id
    # What goes on in this kernel is known better than the journal can say.
    ended = str(state.status) if this else record.status
    took = None if record.ended is None else max(record.ended - record.started, 0.0)
    return {
        "run": record.run_id,
        "this": this,
        "look": _RUN_LOOKS.get(ended, "waiting"),
        "word": ended,
        "started": record.started,
        "ago": words.ago(now - record.started),
        "took": "" if took is None else words.seconds(took),
        "steps": _became(attempts),
    }


_RUN_LOOKS = {
    "running": "running",
    "paused": "paused",
    "finished": "done",
    "failed": "failed",
    "stopped": "skipped",
    "interrupted": "failed",
}
_ATTEMPT_LOOKS = {
    "succeeded": ("done", "ran"),
    "cached": ("cached", "cached"),
    "failed": ("failed", "failed"),
    "interrupted": ("skipped", "interrupted"),
}


def _became(attempts: Sequence[AttemptRecord]) -> str:
    newest = {attempt.step: attempt.status for attempt in attempts}
    counts = Counter(newest.values())
    return ", ".join(f"{counts[key]:,} {word}" for key, (_, word) in _ATTEMPT_LOOKS.items() if counts[key])


def run_steps_view(attempts: Sequence[AttemptRecord]) -> Json:
    """The attempts of one run, in the order in which they ended."""
    return {"attempts": list(map(_attempt, attempts))}


def _attempt(record: AttemptRecord) -> Json:
    look, word = _ATTEMPT_LOOKS.get(record.status, ("waiting", record.status))
    cached = record.status == "cached"
    why = record.facts.get("error") or record.facts.get("reason") or ""
    return {
        "step": record.step,
        "look": look,
        "word": STATES[look].word if look == "done" else word,
        "why": chars.cut_long(Redactor().text(str(why)), _TEXT),
        # What came from the cache took its time in another run.
        "seconds": "" if cached or record.seconds is None else words.seconds(record.seconds),
        "memory": "" if cached or not record.memory else words.size(record.memory),
        "attempt": str(record.attempt) if record.attempt else "",
    }
