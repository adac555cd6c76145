"""Where the time of a step goes: it is run once more, under a profiler, and what it writes is thrown away."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.display import Shown
from cursus_rt_notebook.engine import failures, launching
from cursus_rt_notebook.engine.importable import check_sources
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.plan import Planner, StepPlan, check_inputs
from cursus_rt_notebook.engine.state import SETTLED
from cursus_rt_notebook.errors import CommandRefused, StepError
from cursus_rt_notebook.pipeline.model import FromStep
from cursus_rt_notebook.worker.launch import Outcome

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Spent:
    """The seconds of one function: with all that it called, and (`own`) in itself alone.

    `library` says that it is not the user's; `calls` is known where calls were counted; `below` are the functions that
    it called, the most expensive first, where stacks were sampled.
    """

    function: str
    file: str
    line: int
    library: bool
    seconds: float
    own: float
    calls: int | None = None
    below: tuple[Spent, ...] = ()


@dataclass(frozen=True)
class SpentLine:
    """The seconds of one line of the user's: with all that it called, and (`own`) as the user's innermost line."""

    file: str
    line: int
    text: str
    seconds: float
    own: float


@dataclass(frozen=True, repr=False)
class Profile(Shown):
    """Where the time of a step's `main` went: the user's lines, the tree of calls, the functions.

    `profiler` is "pyinstrument", or "cProfile" where the step's interpreter has no pyinstrument: that one counts calls,
    and knows neither tree nor lines. `source_dir` is what the user's files are relative to.
    """

    step: str
    profiler: str
    seconds: float
    functions: tuple[Spent, ...]
    lines: tuple[SpentLine, ...] = ()
    tree: Spent | None = None
    source_dir: Path = Path()

    def to_dataframe(self) -> pd.DataFrame:
        """A row for each function, the one with the most time of its own first."""
        import pandas as pd

        columns = ("function", "file", "line", "library", "seconds", "own", "calls")
        return pd.DataFrame([{name: getattr(one, name) for name in columns} for one in self.functions], columns=columns)


def profile_step(view: StepView, planner: Planner) -> Profile:
    """Run a step whose inputs are there under a profiler; nothing of it is kept, and no run knows of it.

    Raises:
        CommandRefused: a step that it needs has not run.
        StepError: it did not succeed, or could not be started; the subclass says how.
    """
    if view.state.stub:
        fix = f"let its script run: pipeline.with_stubs({{{view.name!r}: None}})"
        raise CommandRefused(f"{view.name} does not run: {view.state.stub} stands in for it", fix=fix)
    _refuse_without_inputs(view)
    plan = planner.plan(view.name, view.run.steps)
    check_sources(plan.sources, view.name)
    check_inputs(plan)
    staging = planner.workspace.stage(view.name, view.run.run_id, 0)
    try:
        kept = staging.scratch.parent / "profile.json"
        views = launching.make_views(plan, staging, planner.workspace)
        order = launching.order_of(plan, planner, staging, views, profile=str(kept))
        process = launching.start(order, plan, planner, kept.with_suffix(".log"))
        try:
            outcome = process.wait()
        except BaseException:
            process.kill()
            raise
        _raise_unless_succeeded(outcome, plan)
        if not kept.exists():
            raise StepError(f"{view.name} ended without a profile", fix=outcome.log_tail, step=view.name)
        return _told(json.loads(kept.read_text("ascii")), plan)
    finally:
        staging.discard()


def _refuse_without_inputs(view: StepView) -> None:
    for source in view.step.inputs.values():
        if isinstance(source, FromStep) and not source.optional and view.run.steps[source.step].status not in SETTLED:
            status = view.run.steps[source.step].status
            message = f"{view.name} cannot be profiled yet: it needs {source.step}, which is {status}"
            raise CommandRefused(message, fix=f"session.run_to({view.name!r})")


def _raise_unless_succeeded(outcome: Outcome, plan: StepPlan) -> None:
    if outcome.ended == "succeeded":
        return
    failure = failures.from_outcome(outcome, plan)
    told = replace(failure, summary=f"while it was profiled, {failure.summary}")
    raise failures.as_error(told, plan.step.name)


def _told(found: Mapping[str, Any], plan: StepPlan) -> Profile:
    return Profile(
        step=plan.step.name,
        profiler=found["profiler"],
        seconds=found["seconds"],
        functions=tuple(_spent(each) for each in found["functions"]),
        lines=tuple(_lines(found["lines"], plan)),
        tree=_spent(found["tree"]) if found["tree"] else None,
        source_dir=plan.step.source_dir,
    )


def _spent(plain: Mapping[str, Any]) -> Spent:
    facts = {name: plain[name] for name in ("function", "file", "line", "library", "seconds", "own")}
    return Spent(**facts, calls=plain.get("calls"), below=tuple(map(_spent, plain.get("children", ()))))


def _lines(found: list[Mapping[str, Any]], plan: StepPlan) -> Iterator[SpentLine]:
    texts: dict[str, list[str]] = {}
    for each in found:
        file, line = each["file"], each["line"]
        if file not in texts:
            texts[file] = _source(file)
        text = texts[file][line - 1].strip() if line <= len(texts[file]) else ""
        yield SpentLine(file, line, plan.redactor.text(text), each["seconds"], each["own"])


def _source(file: str) -> list[str]:
    try:
        return Path(file).read_text("utf-8", errors="replace").splitlines()
    except OSError:  # made while it ran, or gone since
        return []
