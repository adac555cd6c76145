"""Why a step ran, was taken from the cache, or would run again."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cursus_rt_notebook.display import Shown
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.plan import Planner, StepPlan, explain_change
from cursus_rt_notebook.engine.state import SETTLED, StepStatus
from cursus_rt_notebook.errors import CursusError
from cursus_rt_notebook.pipeline.model import Recorded, Step, Stub
from cursus_rt_notebook.workspace import keys
from cursus_rt_notebook.workspace.keys import Change, Ingredients


@dataclass(frozen=True, repr=False)
class Explanation(Shown):
    """Why a step stands as it does: one sentence, what changed, and for each changed script which lines.

    `changes` compares what the step is made of now (`made_of`) with what it was made of in `compared_with`.
    """

    step: str
    summary: str
    compared_with: str
    changes: tuple[Change, ...] = ()
    diffs: Mapping[str, str] = field(default_factory=dict[str, str])
    made_of: Ingredients = field(default_factory=dict[str, Mapping[str, str]])


def explain(view: StepView, planner: Planner) -> Explanation:
    """The explanation for one step: against its last attempt if it would differ now, else against the one before."""
    try:
        if view.state.stub and view.status not in SETTLED:
            return Explanation(view.name, _of_stub(view), "")
        plan = planner.plan(view.name, view.run.steps)
    except CursusError as error:
        return Explanation(view.name, error.message, "")
    return replace(_explain(view, planner, plan), made_of=plan.ingredients)


def _of_stub(view: StepView) -> str:
    """Why a step does not run that has no outputs yet."""
    match view.step.stub:
        case Stub(kind="open"):
            return "cannot run here, and nothing stands in for it"
        case Stub(kind="skip", recorded=None):
            return "left out by its stub"
        case Stub(recorded=Recorded() as recorded):
            return f"ran in the cloud: {recorded.status}"
        case _:
            return f"does not run: {view.state.stub} stands in for it"


def _explain(view: StepView, planner: Planner, plan: StepPlan) -> Explanation:
    key = view.state.key
    if view.state.edited:
        return Explanation(view.name, "its data was replaced by hand", "")
    if key is not None and key != plan.base_key:
        before = planner.workspace.journal.ingredients(key) or {}
        return _compare(view.name, "would run again: ", "its attempt in this run", before, plan.ingredients, planner)
    earlier = _earlier(view, planner)
    if key is None:
        if earlier is None:
            return Explanation(view.name, "has not run in this workspace yet", "")
        return _compare(view.name, "would run: ", "its last attempt", earlier, plan.ingredients, planner)
    if view.status is StepStatus.CACHED:
        return Explanation(view.name, "taken from the cache: nothing that it is made of changed", "")
    if earlier is None:
        return Explanation(view.name, "ran for the first time in this workspace", "")
    return _compare(view.name, "ran: ", "its attempt before", earlier, plan.ingredients, planner)


def _earlier(view: StepView, planner: Planner) -> Ingredients | None:
    """What the step was made of in the newest attempt that had another key than now."""
    journal = planner.workspace.journal
    for attempt in journal.history(planner.pipeline.name, view.name):
        if attempt.base_key and attempt.base_key != view.state.key:
            return journal.ingredients(attempt.base_key)
    return None


def _compare(step: str, verb: str, other: str, before: Ingredients, now: Ingredients, planner: Planner) -> Explanation:
    changes = keys.changes(before, now)
    summary = verb + (", ".join(dict.fromkeys(explain_change_of(change) for change in changes)) or "you asked for it")
    diffs = {
        change.name: _diff(change, planner.pipeline.steps[step], planner)
        for change in changes
        if change.section == "source"
    }
    return Explanation(step, summary, other, changes, {name: text for name, text in diffs.items() if text})


def explain_change_of(change: Change) -> str:
    """One change in a few words."""
    before = {change.section: {change.name: change.before}} if change.before is not None else {}
    after = {change.section: {change.name: change.after}} if change.after is not None else {}
    return explain_change(before, after)


def _diff(change: Change, step: Step, planner: Planner) -> str:
    """The changed lines of a source, as a unified diff, where both texts were kept."""
    before, after = (planner.workspace.kept_source(digest) for digest in (change.before, change.after))
    if after is None:
        path = step.source_dir / change.name
        after = path.read_text(errors="replace") if path.is_file() else None
    if before is None or after is None:
        return ""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "before", "now", lineterm="", n=1)
    return "\n".join(lines)
