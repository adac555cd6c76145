"""What is no longer as it was when a step ran: its script, its environment, its inputs, or what it left."""

from __future__ import annotations

from cursus_rt_notebook.engine.plan import Planner, explain_change
from cursus_rt_notebook.engine.state import SETTLED, RunState, StepStatus
from cursus_rt_notebook.errors import CursusError


def changes(planner: Planner, state: RunState) -> dict[str, str]:
    """Settled and failed steps whose script, environment or input files are not what they ran with, and how not."""
    changed: dict[str, str] = {}
    for name in planner.pipeline.order:
        step = state.steps[name]
        if step.key is None or step.edited or step.status not in {*SETTLED, StepStatus.FAILED}:
            continue
        try:
            plan = planner.plan(name, state.steps)
        except CursusError as error:
            changed[name] = error.message
            continue
        if plan.base_key != step.key:
            before = planner.workspace.journal.ingredients(step.key) or {}
            changed[name] = explain_change(before, plan.ingredients)
        elif step.artifact is not None and not planner.workspace.is_current(step.artifact):
            changed[name] = "its outputs are damaged, or a file it read changed"
    return changed
