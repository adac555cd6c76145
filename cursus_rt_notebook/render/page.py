"""Pages: a session, a pause, a step, an artifact, a failure, as static HTML that reads without any style, too.

A page is a row of sections, the most telling first; what would make it larger than its limit is left out and named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.engine.state import Failure, RunState, StepState, When
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, Pipeline, Step
from cursus_rt_notebook.render import (
    chars,
    checks,
    contents,
    history,
    logs,
    ports,
    problems,
    profiles,
    results,
    spans,
    status,
    wirings,
    words,
)
from cursus_rt_notebook.render.grid import grid, text_row
from cursus_rt_notebook.render.html import Markup, join, tag
from cursus_rt_notebook.render.look import look, segment, sheet, toned
from cursus_rt_notebook.render.states import STATES, look_of

if TYPE_CHECKING:
    from cursus_rt_notebook.data.artifact import Artifact
    from cursus_rt_notebook.data.results import TestedModel
    from cursus_rt_notebook.engine.explain import Explanation
    from cursus_rt_notebook.engine.pause import Pause, StepView
    from cursus_rt_notebook.engine.session import InteractiveExecutionResult
    from cursus_rt_notebook.workspace.records import RunRecord

_NAME = 80
_SEGMENTS = 60
_FINDINGS = 8
_STEPS = 100
_LOG_LINES = 20


def session(thing: InteractiveExecutionResult) -> Markup:
    """A session: where it stands, what was found, its steps."""
    state = thing.state
    failures = [s.failure for s in state.steps.values() if s.failure and state.pause is None]
    return _page(
        [
            *_top(state, thing.pipeline),
            _why(state) if state.pause else None,
            *map(problems.card, failures[:3]),
            *map(problems.finding, status.findings(state)[:_FINDINGS]),
            _steps(thing.pipeline, state, opened=True),
        ]
    )


def pause(thing: Pause) -> Markup:
    """A pause: where and why it stopped, then what there is to look at."""
    state = thing.state
    step = state.steps.get(thing.step) if thing.step else None
    found = state.findings if thing.when is When.PREFLIGHT else checks.unsaid(step) if step else ()
    return _page(
        [
            *_top(state, thing.pipeline),
            problems.card(thing.error) if thing.error else _why(state, found),
            *(problems.finding(f) for f in found[:_FINDINGS] if thing.error or f.severity == "error"),
            *(checks.failed_html(step.checks) if step else ()),
            *map(problems.finding, status.lost_elsewhere(state)),
            *(_step_parts(thing, step, thing.pipeline.steps[step.name]) if step else ()),
            _steps(thing.pipeline, state),
        ]
    )


def step(thing: StepView) -> Markup:
    """One step as it stands."""
    state = thing.run.steps[thing.name]
    return _page(
        [
            problems.card(thing.error) if thing.error else None,
            *map(problems.finding, state.findings[:_FINDINGS]),
            *_step_parts(thing, state, thing.pipeline.steps[thing.name], key=look_of(state, thing.run)),
        ]
    )


def artifact(thing: Artifact) -> Markup:
    """An artifact: its channels, their tables or files."""
    found = list(contents.of_artifact(thing))
    owner = f"{thing.step} · " if thing.step else ""
    title = tag(
        "h4", f"{owner[:_NAME]}{'/'.join(n[:_NAME] for n in (thing.port, thing.channel) if n)}", **look("title")
    )
    return _page([title, ports.chips(found), *ports.blocks(found)])


def failure(thing: Failure) -> Markup:
    """A failure by itself."""
    return _page([problems.card(thing), *problems.details(thing)])


def pipeline(thing: Pipeline, state: RunState) -> Markup:
    """A pipeline before any run: its steps, their inputs and outputs."""
    title = tag("div", tag("b", thing.name[:_NAME]), f" {words.plural(len(thing.steps), 'step')}", **look("line"))
    return _page([title, _steps(thing, state, opened=True)])


def result(thing: TestedModel) -> Markup:
    """What a test came to."""
    return _page(results.sections(thing))


def explanation(thing: Explanation) -> Markup:
    """Why a step stands as it does."""
    return _page([history.explanation_html(thing)])


def runs(thing: Sequence[RunRecord]) -> Markup:
    """The runs of a workspace."""
    return _page([history.runs_html(thing)])


def plain(text: str) -> Markup:
    """Any other text."""
    return _page([tag("pre", text[:2_000])])


def _page(sections: Iterable[Markup | None]) -> Markup:
    whole, left_out = Markup(""), 0
    room = settings.PAUSE_PAGE - len(sheet()) - 400
    for section in sections:
        if section is None:
            continue
        length = len(section.encode())
        if length <= room:
            whole, room = join([whole, section]), room - length
        else:
            left_out += 1
    note = f"{words.plural(left_out, 'part')} left out, to keep the notebook small: look at the artifacts themselves."
    rest = tag("div", note, **look("line", "dim")) if left_out else None
    return tag("div", sheet(), whole, rest, **look("crt"))


def _top(state: RunState, pipeline: Pipeline) -> Iterator[Markup]:
    key, words_ = status.pill(state)
    yield tag(
        "div",
        # JupyterLab drops a space that stands alone between two elements from a notebook that is not trusted.
        tag("b", f"{state.pipeline_name[:_NAME]} "),
        tag("span", f"run {state.run_id[:_NAME]} ", **look("dim")),
        tag("span", f"{STATES[key].char} {chars.cut_long(words_, _NAME)}", **toned("pill", key)),
        **look("line"),
    )
    done, facts = status.progress(state, pipeline)
    told = [tag("b", done), " steps", *(f" · {fact}" for fact in facts)]
    yield tag("div", _segments(state), *told, **look("line"))


def _segments(state: RunState) -> Markup | None:
    if len(state.steps) > _SEGMENTS:
        return None
    looks = [(name, look_of(step, state)) for name, step in state.steps.items()]
    pieces = (tag("span", title=f"{name[:_NAME]}, {STATES[key].word}", **segment(key)) for name, key in looks)
    return tag("span", *pieces, style="margin-right:8px")


def _why(state: RunState, found: Sequence[Finding] = ()) -> Markup | None:
    if state.pause is None:
        return None
    key, _ = status.pause_pill(state.pause)
    verb = "Interrupted" if state.pause.when is When.INTERRUPTED else "Paused here"
    notes = (problems.remark(f) for f in found[:_FINDINGS] if f.severity != "error")
    reason = f": {chars.cut_long(state.pause.reason, 400).rstrip('.')}."
    return tag("div", tag("b", verb), reason, *notes, **toned("note", key))


def _step_parts(thing: Pause | StepView, state: StepState, step: Step, key: str = "") -> Iterator[Markup | None]:
    glyph = f"{STATES[key].char} " if key else ""
    facts = status.dotted(_short_path(step), status.cost(state, peak="peak "), _attempts(state))
    yield tag("h4", f"{glyph}{state.name[:_NAME]} ", tag("small", facts, **look("type")), **look("title"))
    if thing.error:
        yield from problems.details(thing.error)
    outputs, inputs = contents.parts(thing.outputs), contents.parts(thing.inputs)
    yield ports.chips(outputs)
    yield from ports.blocks(outputs, opened=not thing.error)
    yield ports.chips(inputs, "Inputs: ")
    if not outputs:
        yield from ports.blocks(inputs, opened=not thing.error)
    if not thing.error:
        yield _log(thing.log)


def _short_path(step: Step) -> str:
    return "no script" if step.script == NO_SCRIPT else "/".join(step.script.parts[-2:])[-_NAME:]


def _attempts(state: StepState) -> str | None:
    return f"attempt {state.attempt}" if state.attempt > 1 else None


def _log(log: str) -> Markup | None:
    if not log.strip():
        return None
    lines = log.count("\n") + (not log.endswith("\n"))
    head = f"Log, {words.plural(lines, 'line')}" + (f" (the last {_LOG_LINES})" if lines > _LOG_LINES else "")
    return tag("details", tag("summary", head), logs.as_html(logs.tail(log, _LOG_LINES)))


def _steps(pipeline: Pipeline, state: RunState, *, opened: bool = False) -> Markup:
    shown = list(pipeline.order)[:_STEPS]
    more = len(pipeline.steps) - len(shown)
    rest = tag("div", f"and {words.plural(more, 'more step')}", **look("dim")) if more else None
    rows = (_step_row(state.steps[name], pipeline.steps[name], state) for name in shown)
    body = grid(rows, bare=True)
    return tag("details", tag("summary", words.plural(len(pipeline.steps), "step")), body, rest, open=opened)


def _step_row(step: StepState, described: Step, state: RunState) -> Markup:
    key = look_of(step, state)
    after = f"after {words.listed((n[:40] for n in described.needs), 4)}" if described.needs else ""
    cells = (
        STATES[key].char,
        chars.cut_long(step.name, _NAME),
        status.under_name(step)[:_NAME],
        status.rows_out(step.tables)[:120],
        after,
    )
    return text_row(cells)


Page = Callable[..., Markup]


def _alone(build: Callable[[Any], Markup | Iterable[Markup]]) -> Page:
    def page(thing: Any) -> Markup:
        built = build(thing)
        return _page([built] if isinstance(built, Markup) else built)

    return page


PAGES: Mapping[str, Page] = {
    "InteractiveExecutionResult": session,
    "Pause": pause,
    "StepView": step,
    "Artifact": artifact,
    "Failure": failure,
    "Explanation": explanation,
    "RunRecord": runs,
    "TestedModel": result,
    "Environments": result,
    "ValidationResult": _alone(checks.validation_html),
    "Baseline": _alone(checks.baseline_html),
    "Profile": _alone(profiles.profile_html),
    "Timeline": _alone(spans.timeline_html),
    "WiringExplanation": _alone(wirings.wiring_html),
    "Finding": _alone(problems.findings_html),
    "Findings": _alone(problems.findings_html),
}
