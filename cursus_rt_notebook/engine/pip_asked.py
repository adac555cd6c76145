"""What a script asked pip for, and did not get: pip is never run."""

from __future__ import annotations

from collections.abc import Iterator

from cursus_rt_notebook.engine.plan import StepPlan
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.preflight.installed import installed_of
from cursus_rt_notebook.pipeline.preflight.versions import BUILD, asked_of_pip, misfits
from cursus_rt_notebook.worker.launch import Outcome


def findings(plan: StepPlan, outcome: Outcome) -> Iterator[Finding]:
    """What the calls asked for, beside what the step's interpreter has."""
    asked = tuple(dict.fromkeys(map(plan.redactor.text, outcome.skipped_pip)))
    step = plan.step.name
    installed = installed_of(plan.step.python)
    wrong = {call: misfits([call], installed) if installed is not None else [] for call in asked}
    if any(wrong.values()):
        yield Finding("warning", asked_of_pip(each for found in wrong.values() for each in found), BUILD, step)
    fitting = [call for call, found in wrong.items() if not found]
    if fitting:
        fix = "install it yourself if it is missing" if installed is None else ""
        yield Finding("info", f"pip was not run: {', '.join(fitting)}", fix, step)
