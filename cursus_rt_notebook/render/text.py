"""The same things for a terminal: plain text, no colour codes (a repr ends in logs and files, too).

Laid out for 100 columns, at least 60; shape and word carry what colour would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from cursus_rt_notebook.engine.state import Failure, RunState, StepState, When
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, Pipeline, Step
from cursus_rt_notebook.render import (
    chars,
    checks,
    contents,
    history,
    logs,
    problems,
    profiles,
    results,
    spans,
    status,
    tables,
    wirings,
    words,
)
from cursus_rt_notebook.render.contents import Part
from cursus_rt_notebook.render.states import STATES, look_of

if TYPE_CHECKING:
    from cursus_rt_notebook.data.artifact import Artifact
    from cursus_rt_notebook.engine.pause import Pause, StepView
    from cursus_rt_notebook.engine.session import InteractiveExecutionResult

Lines = Iterable[str]

_NAME = 28
_STEPS = 60
_FINDINGS = 8
_FILES = 12
_LOG_LINES = 5
_TABLES = 1  # shown whole; of the other channels the size is enough


def session(thing: InteractiveExecutionResult, columns: int) -> Lines:
    """A session: where it stands, its steps, what was found."""
    state = thing.state
    yield from _top(state, thing.pipeline, columns)
    yield from _steps(thing.pipeline, state, columns)
    for found in status.findings(state)[:_FINDINGS]:
        yield from ("", *problems.finding_text(found, columns))
    if state.pause:
        yield from ("", _why(state))
    else:
        for failed in [s.failure for s in state.steps.values() if s.failure][:1]:
            yield from ("", *problems.failure_text(failed, columns))


def pause(thing: Pause, columns: int) -> Lines:
    """A pause: where, the steps, why, and what there is to look at."""
    state = thing.state
    step = state.steps.get(thing.step) if thing.step else None
    found = state.findings if thing.when is When.PREFLIGHT else checks.unsaid(step) if step else ()
    yield from _top(state, thing.pipeline, columns)
    yield from _steps(thing.pipeline, state, columns)
    yield ""
    yield from problems.failure_text(thing.error, columns) if thing.error else [_why(state)]
    for one in (*found[:_FINDINGS], *status.lost_elsewhere(state)):
        yield from problems.finding_text(one, columns)
    if step:
        yield from checks.failed_text(step.checks, columns)
        yield from _parts(thing, columns)


def step(thing: StepView, columns: int) -> Lines:
    """One step as it stands."""
    state = thing.run.steps[thing.name]
    key = look_of(state, thing.run)
    described = thing.pipeline.steps[thing.name]
    script = "" if described.script == NO_SCRIPT else "/".join(described.script.parts[-2:])
    facts = status.dotted(STATES[key].word, script, status.stands_in(state), status.cost(state, peak="peak "))
    yield chars.cut(f"{STATES[key].char} {_name(thing.name, 60)}  {chars.one_line(facts)}", columns)
    if thing.error:
        yield from problems.failure_text(thing.error, columns)
    for found in state.findings[:_FINDINGS]:
        yield from problems.finding_text(found, columns)
    yield from _parts(thing, columns)


def artifact(thing: Artifact, columns: int) -> Lines:
    """An artifact: its channels, their tables or files."""
    found = list(contents.of_artifact(thing))
    owner = f"{_name(thing.step, 60)} · " if thing.step else ""
    yield owner + "/".join(_name(n, 60) for n in (thing.port, thing.channel) if n)
    yield from _blocks(found, columns)


def failure(thing: Failure, columns: int) -> Lines:
    """A failure by itself."""
    return problems.failure_text(thing, columns)


def pipeline(thing: Pipeline, state: RunState, columns: int) -> Lines:
    """A pipeline before any run."""
    yield f"{_name(thing.name, 60)}  {words.plural(len(thing.steps), 'step')}"
    yield from _steps(thing, state, columns)


def _top(state: RunState, pipeline: Pipeline, columns: int) -> Iterator[str]:
    key, words_ = status.pill(state)
    title = f"{_name(state.pipeline_name, 40)} · run {_name(state.run_id, 40)} · {STATES[key].char} {chars.one_line(words_)}"
    yield chars.cut(title, columns)
    done, facts = status.progress(state, pipeline)
    yield chars.cut(status.dotted(f"{done} steps", *facts), columns)
    yield ""


def _steps(pipeline: Pipeline, state: RunState, columns: int) -> Iterator[str]:
    names = list(pipeline.order)
    wide = min(max((chars.width(_name(n)) for n in names), default=1), _NAME)
    yield from (_step_line(state.steps[n], pipeline.steps[n], state, wide, columns) for n in names[:_STEPS])
    if len(names) > _STEPS:
        yield f"    and {words.plural(len(names) - _STEPS, 'more step')}"


def _step_line(step: StepState, described: Step, state: RunState, wide: int, columns: int) -> str:
    key = look_of(step, state)
    mark = "→" if step.name in state.next_steps else " "
    after = f"after {words.listed((_name(n) for n in described.needs), 4)}" if described.needs else ""
    facts = chars.pad(_name(status.under_name(step), 24), 24)
    line = f"{mark} {chars.pad(STATES[key].char, 2)} {chars.pad(_name(step.name), wide)}  {facts}"
    for extra in (chars.one_line(status.rows_out(step.tables)[:200]), after):
        room = columns - chars.width(line) - 2
        if extra and room >= min(chars.width(extra), 12):
            line += f"  {chars.cut(extra, room)}"
    return line.rstrip()


def _why(state: RunState) -> str:
    assert state.pause is not None
    key, words_ = status.pause_pill(state.pause)
    return f"{STATES[key].char} {chars.one_line(chars.cut_long(words_, 120))}: {chars.one_line(chars.cut_long(state.pause.reason, 400))}"


def _parts(thing: Pause | StepView, columns: int) -> Iterator[str]:
    outputs = contents.parts(thing.outputs)
    yield from _blocks(outputs, columns)
    if not outputs:
        inputs = contents.parts(thing.inputs)
        if inputs:
            yield from ("", "inputs:")
        yield from _blocks(inputs, columns, tables_shown=0 if thing.error else 1)
    if not thing.error and thing.log.strip():
        yield from ("", "log:")
        ended = logs.plain(logs.tail(thing.log, _LOG_LINES)).split("\n")
        yield from (f"  | {chars.cut(line, columns - 4)}" for line in ended)


def _blocks(found: list[Part], columns: int, *, tables_shown: int = _TABLES) -> Iterator[str]:
    for part in found:
        name = "/".join(_name(n, 40) for n in (part.port, part.channel) if n)
        whole = part.table is not None and tables_shown > 0
        tables_shown -= whole
        # One that is shown whole stands apart from its neighbours.
        if whole or part is found[0]:
            yield ""
        python = f"{part.expression}.{'files' if part.table is None else 'df'}"
        yield chars.cut(f"{name}  {part.size}   {chars.one_line(python[:200])}", columns)
        if part.trouble:
            yield f"  {chars.one_line(chars.cut_long(part.trouble, 300))}"
        if part.table is not None and whole:
            yield from (f"  {line}" for line in tables.as_text(part.table, columns - 2))
        if whole or part.table is None:
            yield from _files(part, columns)


def _files(part: Part, columns: int) -> Iterator[str]:
    for file in part.files[:_FILES]:
        line = f"  {chars.pad(_name(file.path, 40), 40)}  {chars.pad(file.kind, 10)}  {words.size(file.size):>8}  {file.note}"
        yield chars.cut(chars.one_line(line[:400]).rstrip(), columns)
    if len(part.files) > _FILES:
        yield f"  and {words.plural(len(part.files) - _FILES, 'more file')}"


def _name(name: str, characters: int = _NAME) -> str:
    return chars.cut(chars.one_line(name[:1000]), characters)


TEXTS: Mapping[str, Callable[..., Lines]] = {
    "InteractiveExecutionResult": session,
    "Pause": pause,
    "StepView": step,
    "Artifact": artifact,
    "Failure": failure,
    "Explanation": history.explanation_text,
    "RunRecord": history.runs_text,
    "TestedModel": results.result_text,
    "Environments": results.result_text,
    "ValidationResult": checks.validation_text,
    "Baseline": checks.baseline_text,
    "Profile": profiles.profile_text,
    "Timeline": spans.timeline_text,
    "WiringExplanation": wirings.wiring_text,
    "Finding": problems.findings_text,
    "Findings": problems.findings_text,
}
