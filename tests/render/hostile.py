"""Text that means harm, and every thing we show made of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cursus_rt_notebook.data.checks.baseline import Baseline, BaselineColumn, BaselineTable
from cursus_rt_notebook.data.checks.compatibility import Difference, Level
from cursus_rt_notebook.data.checks.quality import CheckResult
from cursus_rt_notebook.data.checks.validation import ValidationResult
from cursus_rt_notebook.data.files import FileInfo
from cursus_rt_notebook.data.summary import Column, TableSummary
from cursus_rt_notebook.engine.profile import Profile, Spent, SpentLine
from cursus_rt_notebook.engine.state import (
    Breakpoint,
    Failure,
    Frame,
    PauseInfo,
    RunState,
    RunStatus,
    StepState,
    StepStatus,
    Table,
    Variable,
    When,
)
from cursus_rt_notebook.engine.timeline import Timeline, Tried
from cursus_rt_notebook.errors import Unreadable
from cursus_rt_notebook.pipeline.bindings import Binding, Candidate, Parts
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import FromStep, Output, Pipeline, Step
from tests.render import fakes

MARKUP = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)//",
    "<img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    '" onmouseover="alert(1)',
    "</td></tr></table><iframe src=javascript:alert(1)>",
    "</style><svg onload=alert(1)>",
    "</title><a href='https://evil'>",
    "<!-- -->]]><![CDATA[",
    "&lt;b&gt;&#60;b&#62;&amp;",
    "javascript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "`${alert(1)}` {{7*7}} $\\frac{1}$",
    "a:training \\N \\G <<TABLE HREF='x'>> back\\",
)
# What a terminal or a browser would obey.
COMMANDS = (
    "\x1b]8;;https://evil\x1b\\click\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[H\x07\x08\x7f\x9b31m",
    "user\u202etxt.exe\u202c \u2066x\u2069 \u200b\u200f\ufeff",
    "nul\x00 and \r overwritten",
    "line\nbreak\ttab\u2028\u2029",
    "\ud800 lone surrogate",
)
LONG = ("x" * 10_000, "漢字" * 5_000, "<b>" * 3_000)
EVERY = (*MARKUP, *COMMANDS, *LONG)


def things(text: str) -> dict[str, Any]:
    """One of each thing we show, with `text` wherever a user's text can be."""
    pipeline, state = _pipeline(text), _state(text)
    outputs = _artifacts(text)
    failed = replace(
        state,
        steps={**state.steps, text + "2": StepState(text + "2", StepStatus.FAILED, failure=failure(text))},
        pause=PauseInfo(2, text + "2", When.FAILED, text),
    )
    preflight = replace(state, pause=PauseInfo(1, None, When.PREFLIGHT, text))
    return {
        "pipeline": pipeline,
        "session": fakes.InteractiveExecutionResult(state, pipeline),
        "failed session": fakes.InteractiveExecutionResult(
            replace(failed, pause=None, status=RunStatus.FAILED), pipeline
        ),
        "pause": fakes.Pause(state, pipeline, outputs=outputs, inputs=outputs, log=f"{text}\n{text}"),
        "failed pause": fakes.Pause(failed, pipeline, inputs=outputs, log=text),
        "preflight": fakes.Pause(preflight, pipeline),
        "step": fakes.StepView(text + "1", state, pipeline, outputs=outputs, log=text),
        "artifact": outputs[text],
        "failure": failure(text),
        "explanation": fakes.Explanation(text, text, text, (_change(text),), {text: f"-{text}\n+{text}"}),
        "runs": [_run(text)],
        "validation": _validation(text),
        "baseline": _baseline(text),
        "profile": _profile(text),
        "wiring": pipeline.explain_wiring(),
        "timeline": Timeline(_ran(state), pipeline, {text + "1": (Tried(0.1, 0.2, "failed"),)}, 10**10, 9.0),
    }


def failure(text: str) -> Failure:
    """A failure all of whose texts are hostile."""
    variables = (Variable(text, text, text), Variable(text, text, text, (text, text), 5))
    frames = (
        Frame(text, text, 3, own=True, source=((2, text), (3, text)), variables=variables),
        Frame(text, text, 4, own=False),
    )
    return Failure("StepFailed", text, text, text, text, None, frames, text, text)


def _pipeline(text: str) -> Pipeline:
    first = Step(
        name=text + "1", script=Path("a") / "s.py", outputs={text: Output(channels=(text,)), text + "o": Output()}
    )
    fed = {text: FromStep(step=text + "1", port=text)}
    steps = {first.name: first, text + "2": Step(name=text + "2", script=Path("s.py"), inputs=fed)}
    chosen = Candidate(text + "1", text, 0.6, Parts(type=0.4, name=0.2), text, text, text, text + "n")
    lost = replace(chosen, port=text + "o", parts=Parts(), score=0.0)
    bound = Binding(
        text + "2", text, required=True, chosen=chosen, candidates=(chosen, lost), type=text, sources=(text,)
    )
    facts: dict[str, Any] = {"source_dir": Path(), "base_dir": Path(), "origin": "dict"}
    return Pipeline(name=text, steps=steps, bindings=(bound,), **facts)


def _state(text: str) -> RunState:
    found = (Finding("warning", text, text, text, text, text, 3), Finding("error", text, text))
    tables = (Table(text, text, 5, 2), Table(text, text + "b", 6, 2))
    facts: dict[str, Any] = {"tables": tables, "findings": found, "checks": (_check(text),), "edited": True}
    done = StepState(text + "1", StepStatus.DONE, text, seconds=1.0, **facts)
    running = StepState(text + "2", StepStatus.RUNNING, seconds=1.0, last_line=text)
    return RunState(
        run_id=text,
        pipeline_name=text,
        steps={done.name: done, running.name: running},
        status=RunStatus.PAUSED,
        pause=PauseInfo(1, done.name, When.AFTER, text),
        next_steps=(running.name,),
        breakpoints=(Breakpoint(text, done.name, When.CONDITION, text),),
        findings=found,
    )


def _check(text: str) -> CheckResult:
    rows: dict[str, Any] = {"failing": 3, "rows": (1,), "key": (text,), "keys": ((text,),), "where": text}
    return CheckResult("range", text, text, (text,), passed=False, message=text + "c", fix=text, **rows)


def _validation(text: str) -> ValidationResult:
    added = Difference(text, "added", Level.COMPATIBLE, text, text, text, text)
    wrong = Difference(text, "type", Level.INCOMPATIBLE, text, text, text, text, 3, (1,))
    facts: dict[str, Any] = {"messages": (text + "m",), "recommendations": (text,), "checks": (_check(text),)}
    facts |= {"source": "schema", "place": text, "differences": (added, wrong)}
    return ValidationResult(port=text, level=Level.INCOMPATIBLE, **facts)


def _baseline(text: str) -> Baseline:
    column = BaselineColumn(text, text, 1, text, text, 3, unique=False)
    table = BaselineTable(text, text, text, 2, (column,), text)
    return Baseline(text, text, (table,), ((text, text),))


def _artifacts(text: str) -> dict[str, Any]:
    columns = (Column(text, text, 0.5), Column(text, "int", 0.0))
    table = TableSummary(None, columns, ((text, text), (None, "")), note=text)
    files = (FileInfo(text, text, 5, text),)
    parts = {
        text: _Quoted(text, text, text, table, files),
        text + "f": _Quoted(text, text, text, more=files),
        text + "e": _Quoted(text, text, text, error=Unreadable(text)),
    }
    return {text: _Quoted(text, text, None, parts=parts)}


class _Quoted(fakes.Artifact):
    @property
    def expression(self) -> str:
        return f"pause[{self.port}]"


def _profile(text: str) -> Profile:
    inner = Spent(text, text, 3, library=True, seconds=1.0, own=1.0)
    outer = Spent(text, text, 3, library=False, seconds=2.0, own=1.0, below=(inner,))
    return Profile(text, text, 2.0, (outer, inner), (SpentLine(text, 3, text, 1.0, 1.0),), outer, Path("s"))


def _ran(state: RunState) -> RunState:
    """The same run, with times."""
    points = ((0.1, 10**6), (0.2, 10**7))
    steps = {
        name: replace(step, began=1.0, started=5.0, seconds=2.0, memory=10**7, memory_curve=points, cpu_seconds=1.0)
        for name, step in state.steps.items()
    }
    return replace(state, steps=steps)


def _change(text: str) -> Any:
    return SimpleNamespace(section="env", name=text, before=text, after=text)


def _run(text: str) -> Any:
    return type("RunRecord", (), {"run_id": text, "pipeline": text, "started": 0.0, "ended": 5.0, "status": text})()
