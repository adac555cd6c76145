"""A failure worth reading: from what a step's process reported to one sentence and what to do about it."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cursus_rt_notebook import errors
from cursus_rt_notebook.engine import effects, exits, suggest
from cursus_rt_notebook.engine.foretold import foretold
from cursus_rt_notebook.engine.plan import StepPlan
from cursus_rt_notebook.engine.state import Failure, Frame, Variable
from cursus_rt_notebook.engine.upstream.above import Above
from cursus_rt_notebook.engine.upstream.look import with_upstream
from cursus_rt_notebook.errors import CursusError, StepError
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.worker.launch import Outcome


def from_outcome(outcome: Outcome, plan: StepPlan, above: Above | None = None) -> Failure:
    """Tell an attempt's end as a `Failure`; secrets are masked.

    Needs an outcome that is not `succeeded`. `above` are the steps above, for what they have to do with it.
    """
    above = above or Above()
    if outcome.ended == "raised":
        told = _raised(outcome.error or {}, plan, above)
    elif outcome.ended == "exited":
        said = foretold(plan, _pipeline(above), ())
        told = exits.told(outcome, plan, lambda cause: _raised(cause, plan, above), said)
    else:
        told = _TELLERS[outcome.ended](outcome, plan)
    return _masked(effects.told_in(told, outcome, plan.step.name), plan.redactor, outcome.log_tail)


def from_error(error: CursusError, redactor: Redactor | None = None) -> Failure:
    """Tell an error of ours that kept a step from starting."""
    return _masked(_ours(error, str(getattr(error, "title", "not started"))), redactor or Redactor(), "")


def not_kept(error: CursusError, log_tail: str, redactor: Redactor) -> Failure:
    """Tell an error of ours that kept the outputs of a script that had ended well from being kept."""
    return _masked(_ours(error, "outputs not kept"), redactor, log_tail)


def _ours(error: CursusError, title: str) -> Failure:
    return Failure(type(error).__name__, title, error.message, error.message, error.fix, facts=_plain_facts(error))


def as_error(failure: Failure, step: str) -> StepError:
    """The error of ours that a failure tells, to be raised."""
    kind: type[StepError] = getattr(errors, failure.kind, StepError)
    facts = {**failure.facts, "step": step}  # one that was kept by an earlier version names the step, too
    return kind(failure.summary, fix=failure.advice, further=failure.further, **facts)


def from_mistake(step: str) -> Failure:
    """Tell a mistake of this project's own, from inside an `except`."""
    summary = f"{step} could not be carried out, through a mistake of cursus_rt_notebook itself."
    return Failure("StepError", "internal error", summary, summary, _REPORT_IT, traceback=traceback.format_exc())


_REPORT_IT = "Report it, with the traceback below."


def outputs_missing(step: str, ports: tuple[str, ...], log_tail: str, redactor: Redactor) -> Failure:
    """Tell that a script ended well but left required outputs empty."""
    names = ", ".join(repr(port) for port in ports)
    summary = f"{step} ended without an error but wrote nothing to {names}, which the pipeline requires."
    advice = "See which path the script writes to: it must lie under output_paths[port]."
    failure = Failure("OutputsMissing", "output missing", names, summary, advice, facts={"ports": ports})
    return _masked(failure, redactor, log_tail)


def _raised(error: Mapping[str, Any], plan: StepPlan, above: Above) -> Failure:
    kind, message = str(error.get("type", "Exception")), str(error.get("message", ""))
    frames = frames_of(error)
    told = with_upstream(suggest.advise(kind, message, frames, plan, error, above), kind, message, frames, plan, above)
    said = () if told.advice else foretold(plan, _pipeline(above), frames)
    known = [*filter(None, (told.advice, *said, "" if told.advice else _where_to_look(frames)))]
    return Failure(
        kind=_kind(error),
        title=kind,
        message=message,
        summary=told.summary or f"{plan.step.name} raised {kind}{f': {message}' if message else ''}",
        advice=known[0] if known else "",
        further=(*known[1:], *told.further),
        suggestion=told.suggestion,
        frames=frames,
        traceback=str(error.get("traceback", "")),
        facts={"bases": tuple(str(base) for base in error.get("bases", ()))},
    )


def _pipeline(above: Above) -> Pipeline | None:
    return above.planner.pipeline if above.planner is not None else None


def _where_to_look(frames: tuple[Frame, ...]) -> str:
    """What to do where nothing better is known: see the user's own line, and what its variables held."""
    own = [frame for frame in frames if frame.own]
    if not own:
        return ""
    return f"Look at line {own[-1].line} of {Path(own[-1].file).name} and at its variables; mend it and continue."


def _kind(error: Mapping[str, Any]) -> str:
    """The name of our error for an exception that a script raised."""
    kinds = {str(error.get("type", "")), *error.get("bases", ())}
    if error.get("phase") == "import" and "ImportError" in kinds:
        return "DependencyMissing" if "ModuleNotFoundError" in kinds else "ScriptImportError"
    return "ScriptSyntaxError" if "SyntaxError" in kinds and error.get("phase") == "import" else "StepFailed"


def _returned_error(outcome: Outcome, plan: StepPlan) -> Failure:
    summary = f"main of {plan.step.name} returned an error: {outcome.result}"
    return Failure("StepFailed", "returned an error", outcome.result, summary, "Its log says more.")


def _crashed(outcome: Outcome, plan: StepPlan) -> Failure:
    step = plan.step.name
    if outcome.signal is None:
        summary = f"{step}'s process ended without reporting (exit status {outcome.exit_code})."
        advice = "Something called os._exit, or ended the interpreter; the end of its log is all it left."
        return Failure("StepCrashed", "ended early", summary, summary, advice, facts={"exit_code": outcome.exit_code})
    name = _signal_name(outcome.signal)
    advice = _SIGNAL_ADVICE.get(name, "See the end of its log.")
    summary = f"{step}'s process was ended by {name}."
    return Failure("StepCrashed", name, summary, summary, advice, facts={"signal": outcome.signal})


def _timed_out(outcome: Outcome, plan: StepPlan) -> Failure:
    limit = plan.step.timeout or 0.0
    summary = f"{plan.step.name} ran over its limit of {limit:g} s and was ended after {outcome.seconds:.1f} s."
    advice = "Raise `timeout:` of the step, or look at the last line of its log for where it hangs."
    return Failure(
        "StepTimedOut", "timed out", summary, summary, advice, facts={"limit": limit, "elapsed": outcome.seconds}
    )


def _out_of_memory(outcome: Outcome, plan: StepPlan) -> Failure:
    limit, used = plan.step.memory or 0, outcome.peak_memory or 0
    error = outcome.error or {}
    after, processes = float(error.get("after", outcome.seconds)), int(error.get("processes", 1))
    where = f" in {processes} processes" if processes > 1 else ""
    summary = (
        f"{plan.step.name} needed more memory than its limit of {limit / 1e6:,.0f} MB: "
        f"it held {used / 1e6:,.0f} MB{where}, {after:.1f} s after it began."
    )
    last = next((line.strip() for line in reversed(outcome.log_tail.splitlines()) if line.strip()), "")
    advice = "Raise `memory:` of the step, or read its input in parts."
    advice += f" The last that it logged: {last}" if last else ""
    frames = frames_of(error)
    return Failure(
        "StepOutOfMemory",
        "out of memory",
        summary,
        summary,
        advice,
        frames=frames,
        traceback=str(error.get("traceback", "")),
        facts={"limit": limit, "used": used, "after": after},
    )


def _killed(outcome: Outcome, plan: StepPlan) -> Failure:
    del outcome
    summary = f"{plan.step.name} was stopped."
    return Failure("StepInterrupted", "stopped", summary, summary, "Continue to run it again.")


def _not_started(outcome: Outcome, plan: StepPlan) -> Failure:
    message = str((outcome.error or {}).get("message", outcome.result))
    kind = str((outcome.error or {}).get("type", ""))
    summary = f"{plan.step.name} could not start: {message}"
    advice = _START_ADVICE.get(kind, "See its interpreter (`python:`) and its script.")
    if "calling it does nothing" in message:
        advice = "Run it inside a plain main: def main(...) that calls asyncio.run(...), or goes through it."
    facts = {key: value for key, value in (outcome.error or {}).items() if key in {"path", "expected", "found"}}
    known = kind if kind in _START_ADVICE else "StepNotStarted"
    return Failure(known, "not started", message, summary, advice, facts=facts)


_START_ADVICE = {
    "ScriptNotFound": "Put it back, or mend `script:` in the pipeline.",
    "MainMissing": "Add def main(input_paths, output_paths, environ_vars, job_args), or write `entry: script`.",
    "WrongSignature": "Let main take input_paths, output_paths, environ_vars and job_args; give further parameters a default.",
}


_TELLERS = {
    "returned_error": _returned_error,
    "crashed": _crashed,
    "timed_out": _timed_out,
    "out_of_memory": _out_of_memory,
    "killed": _killed,
    "not_started": _not_started,
}

_SIGNAL_ADVICE = {
    "SIGSEGV": "A library written in C crashed: the native stack at the end of its log names it.",
    "SIGKILL": "Something outside ended it; most often the machine ran out of memory. Look at its peak memory.",
    "SIGABRT": "A library written in C gave up: the end of its log says why.",
    "SIGBUS": "A mapped file was cut while it was read, or the disk is full.",
}


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def frames_of(error: Mapping[str, Any]) -> tuple[Frame, ...]:
    """The frames of an exception that a step's process told of."""
    return tuple(_frame(raw) for raw in error.get("frames", ()))


def _frame(raw: Mapping[str, Any]) -> Frame:
    return Frame(
        function=str(raw["function"]),
        file=str(raw["file"]),
        line=int(raw["line"]),
        own=bool(raw["own"]),
        source=tuple((int(number), str(text)) for number, text in raw.get("source", ())),
        variables=tuple(_variable(each) for each in raw.get("variables", ())),
    )


def _variable(raw: Mapping[str, Any]) -> Variable:
    columns = tuple(str(c) for c in raw.get("columns") or ())
    return Variable(str(raw["name"]), str(raw["type"]), str(raw["value"]), columns, raw.get("rows"))


def _plain_facts(error: CursusError) -> dict[str, Any]:
    return {k: v for k, v in vars(error).items() if k not in {"fix", "step"} and isinstance(v, (str, int, float, bool))}


def masked(failure: Failure) -> Failure:
    """A failure that comes from no script's process, without the secrets that can be told by their form."""
    return _masked(failure, Redactor(), failure.log_tail)


def _masked(failure: Failure, redactor: Redactor, log_tail: str) -> Failure:
    mask = redactor.text
    frames = tuple(
        Frame(
            f.function,
            f.file,
            f.line,
            f.own,
            tuple((n, mask(text)) for n, text in f.source),
            tuple(Variable(v.name, v.type, redactor.value(v.name, v.value), v.columns, v.rows) for v in f.variables),
        )
        for f in failure.frames
    )
    return Failure(
        kind=failure.kind,
        title=failure.title,
        message=mask(failure.message),
        summary=mask(failure.summary),
        advice=mask(failure.advice),
        further=tuple(map(mask, failure.further)),
        suggestion=failure.suggestion,
        frames=frames,
        traceback=mask(failure.traceback),
        log_tail=mask(log_tail),
        facts=failure.facts,
    )
