"""The selected step, as plain data for the front end: its title, why it stands so, and its tabs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cursus_rt_notebook.engine.losses import SEE_CHANGED
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.state import PauseInfo, StepState, StepStatus, When
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, Recorded
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars, status, words
from cursus_rt_notebook.render.panel import checks_view, log_view
from cursus_rt_notebook.render.panel.parts import Sentence, code, say, strong, to_line, to_step, to_tab, told
from cursus_rt_notebook.render.states import STATES, look_of

Json = dict[str, Any]

_FINDINGS = 8
_MESSAGE = 600
_PACKAGES = 1
_NO_VARIABLES = "Only a failed step has variables to look at"
_ASKED = {
    "one step": " after one step, as you asked",
    "run again": " after it ran again, as you asked",
    "run to here": " before it runs, as you asked",
}


def step_view(view: StepView) -> Json:
    """A step's title, banner and tabs. Cheap: it is asked for several times a second while the step runs."""
    look, checks = look_of(view.state, view.run), view.state.checks
    return {
        "name": view.name,
        "look": look,
        "word": STATES[look].word,
        "facts": facts(view),
        "banner": _banner(view, look),
        "tabs": [
            {"name": "outputs", "label": "Outputs"},
            {"name": "inputs", "label": "Inputs"},
            *([{"name": "checks", "label": "Checks", "badge": checks_view.badge(checks)}] if checks else ()),
            {"name": "changed", "label": "What changed"},
            {"name": "source", "label": "Source"},
            {"name": "log", "label": "Log", "badge": _log_badge(view.state)},
            {"name": "variables", "label": "Variables", "off": "" if view.error else _NO_VARIABLES},
            {"name": "explain", "label": "Explain"},
            {"name": "resources", "label": "Resources"},
        ],
        "opens": _opens(view),
        "running": view.status is StepStatus.RUNNING,
        "stamp": _stamp(view),
    }


def facts(view: StepView) -> list[str]:
    """What stands beside the name: `scripts/preprocess.py`, `2.1 s`, `peak 380 MB`, `Python 3.9.18`, `3 attempts kept`."""
    state = view.state
    kept = words.plural(state.attempt, "attempt") + " kept" if state.attempt > 1 else None
    # The kernel's own interpreter is no news.
    under = status.interpreter(state, view.step, _PACKAGES) if view.step.python else ()
    script = "no script" if view.step.script == NO_SCRIPT else "/".join(view.step.script.parts[-2:])[-_MESSAGE:]
    every = (script, *_measures(state), *under, kept)
    return [fact for fact in every if fact]


def _measures(state: StepState) -> tuple[str | None, ...]:
    seconds = status.elapsed(state)
    took = words.seconds(seconds) if seconds is not None else None
    peak = f"peak {words.size(state.memory)}" if state.memory else None
    before = f"last run took {words.seconds(state.estimate)}" if state.estimate else None
    match state.status:
        case StepStatus.RUNNING:
            return f"running {took or '0 ms'}", words.size(state.memory) if state.memory else None, before
        case StepStatus.FAILED:
            return f"failed after {took}" if took else "failed before it started", peak
        case StepStatus.CACHED:
            size = words.size(state.output_bytes) if state.output_bytes else None
            return "cached", size, f"took {took} when it ran" if took else None
        case StepStatus.DONE:
            return took, peak, "data replaced by hand" if state.edited else None
        case _:
            return status.under_name(state), before


def nothing_yet(view: StepView, what: str) -> Sentence:
    """Why a step has no `what` (outputs, say) to show, and what to do for it."""
    state = view.state
    if state.lacks:
        return say(
            "No ", what, ": it waits for the outputs of ", to_step(state.lacks), ". Mend that step and continue."
        )
    match state.status:
        case StepStatus.RUNNING:
            return say("It is running: its ", what, " will be here when it has ended. ", to_tab("Its log", "log"))
        case StepStatus.FAILED:
            return say("No ", what, ": its last attempt failed. ", to_tab("See why", "variables"))
        case StepStatus.SKIPPED:
            return say("No ", what, ": it was skipped.", f" ({state.reason})" if state.reason else "")
        case StepStatus.WAITING | StepStatus.STALE:
            return say(
                "No ",
                what,
                " yet: it has not run. ",
                strong("Continue"),
                " or ",
                strong("Step"),
                " brings the run here.",
            )
        case _:
            return say("It has no ", what, ".")


def _stamp(view: StepView) -> str:
    """Another text wherever there is something new to see in the tabs."""
    state = view.state
    upstream = [view.run.steps[name].artifact for name in view.step.needs]
    parts = (state.status, state.attempt, state.key, state.artifact, len(state.tables), state.edited, *upstream)
    parts = (*parts, len(state.losses), len(state.checks), state.stub)
    return " ".join(map(str, parts))


def _opens(view: StepView) -> str | None:
    """The tab that the user wants to see first in this state."""
    state, pause = view.state, view.run.pause
    if state.failure is not None:
        return "variables"
    if pause and pause.when is When.CHECK and pause.step == view.name and state.checks:
        return "checks"
    return "log" if state.status is StepStatus.RUNNING else None


def _log_badge(state: StepState) -> Json | None:
    if state.status is StepStatus.RUNNING:
        return {"text": "live", "tone": "running"}
    found = log_view.counts(state.log_path)
    if found.errors:
        return {"text": words.plural(found.errors, "error"), "tone": "failed"}
    if found.warnings:
        return {"text": words.plural(found.warnings, "warning"), "tone": "paused"}
    return {"text": words.plural(found.lines, "line"), "tone": "waiting"} if found.lines else None


def _banner(view: StepView, look: str) -> Json | None:
    """Why the step stands as it does, and what was found; None where the state alone says it all."""
    pause = view.run.pause
    here = pause if pause and pause.step == view.name else None
    every = (*view.state.findings, *view.run.findings)
    # The same may be told before the run and after it: with its line where that is known.
    found = [*{f.message: f for f in every if f.step == view.name}.values()]
    if here and here.when is When.CHECK:  # what its checks say stands in their tab
        found = [f for f in found if f.message not in {check.message for check in view.state.checks}]
    lead = _because(here) if here else _standing(view)
    if not lead and not found:
        return None
    tone = look if lead else "paused" if any(f.severity != "info" for f in found) else "waiting"
    return {
        "tone": tone,
        "lead": lead,
        "notes": [_note(finding, view) for finding in found[:_FINDINGS]],
        "more": f"and {len(found) - _FINDINGS} more findings" if len(found) > _FINDINGS else "",
    }


def _because(pause: PauseInfo) -> Sentence:
    reason = _short(pause.reason).rstrip(".")
    if pause.when is When.FAILED:
        return say(strong("Stopped here"), f": {_ended(reason)} ", to_tab("See why", "variables"))
    if pause.when is When.CHECK:
        return say(strong("Paused here"), f": {_ended(reason)} ", to_tab("The checks and their rows", "checks"))
    if pause.when is When.INTERRUPTED:
        return say(strong("Interrupted here"), f": {reason}. Continue runs it again.")
    lead = strong("Paused here")
    if reason in _ASKED:
        return say(lead, f"{_ASKED[reason]}.")
    kind, _, step = reason.rpartition(" ")
    if reason.startswith("breakpoint ") and step:
        return say(lead, f" because of a {kind} ", code(step), ".")
    if pause.when is When.CONDITION and reason.endswith(" holds"):
        return say(lead, " because ", code(reason.removesuffix(" holds")), " holds.")
    return say(lead, f": {reason}.")


def _standing(view: StepView) -> Sentence:
    """Why a step that the run does not stand at is as it is, where that is no matter of course."""
    state = view.state
    if state.failure is not None:
        return say(strong("Failed"), f": {_ended(_short(state.failure.summary))} ", to_tab("See why", "variables"))
    if state.lacks:
        return say(strong("Left out so far"), ": it needs the outputs of ", to_step(state.lacks), ".")
    if state.status is StepStatus.STALE:
        return say(
            strong("Out of date"),
            f": {_short(state.reason)}. It runs again when you continue. ",
            to_tab("Why", "explain"),
        )
    if state.stub and not state.edited:
        return _stand_in(view)
    if state.edited:
        return say(strong("Edited by hand"), f": {_short(state.reason) or 'its data was replaced'}.")
    return []


def _stand_in(view: StepView) -> Sentence:
    """What stands in for running a step, and how to have it run."""
    stub = view.step.stub
    if stub is None or stub.kind == "open":
        return say(strong("It cannot run here"), ", and nothing stands in for it.")
    if stub.recorded is not None:
        return say(strong("Recorded in the cloud"), f": {recorded_words(stub.recorded)}.", *_runs_here(view))
    if stub.kind == "skip":
        return say(strong("Left out"), " by its stub.", *_runs_here(view))
    shown = "made-up data" if stub.kind == "synthetic" else _short(view.state.stub)
    return say(strong("It does not run here"), ": ", code(shown), " stands in for its outputs.")


def _runs_here(view: StepView) -> Sentence:
    return [] if view.step.script == NO_SCRIPT else say(" ", strong("Rerun"), " runs it here.")


def recorded_words(recorded: Recorded) -> str:
    """What became of a step in the cloud: `Succeeded, took 4 min, ended 2025-01-31 12:00 UTC`."""
    took = f"took {words.seconds(recorded.seconds)}" if recorded.seconds is not None else ""
    ended = "" if recorded.ended is None else f"ended {datetime.fromtimestamp(recorded.ended, UTC):%Y-%m-%d %H:%M} UTC"
    return ", ".join(filter(None, (recorded.status, took, ended)))


def _note(finding: Finding, view: StepView) -> Json:
    sentence = told(finding.message, view.pipeline)
    if finding.fix == SEE_CHANGED:
        sentence += say(": ", {**to_tab("what changed", "changed"), "port": finding.port}, ".")
    elif finding.fix == "read its log":
        sentence += say(": ", to_tab("read its log", "log"), ".")
    else:
        sentence += say(f": {chars.cut_long(Redactor().text(finding.fix), _MESSAGE)}." if finding.fix else "")
    if finding.file:
        place = f"{finding.file.rpartition('/')[2]}{f':{finding.line}' if finding.line else ''}"
        script = finding.file.endswith(".py")
        sentence += say(" ", to_line(place[-_MESSAGE:], finding.file, finding.line) if script else code(place))
    return {"severity": finding.severity, "sentence": sentence}


def _ended(text: str) -> str:
    """A sentence with its full stop, where it has no end of its own."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _short(text: str) -> str:
    return chars.cut_long(Redactor().text(text), _MESSAGE)
