"""What preflight says of a step that has failed, where that can be why: read again, since its script may be another by now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cursus_rt_notebook.engine.plan import StepPlan
from cursus_rt_notebook.engine.state import Frame
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.pipeline.preflight.contract import Contract
from cursus_rt_notebook.pipeline.preflight.production import Production
from cursus_rt_notebook.pipeline.script_use import script_use

_SHOWN = 2


def foretold(plan: StepPlan, pipeline: Pipeline | None, frames: Sequence[Frame]) -> tuple[str, ...]:
    """What a look at the script said would go wrong: what it said of the lines that failed first; no mere remarks."""
    if pipeline is None:
        return ()
    try:
        found = [each for each in _findings(plan, pipeline) if each.severity != "info"]
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    failed = {frame.line for frame in frames if frame.own}
    found.sort(key=lambda each: (each.line not in failed, each.severity != "error"))
    return tuple(dict.fromkeys(_told(each) for each in found[:_SHOWN]))


def _findings(plan: StepPlan, pipeline: Pipeline) -> Iterator[Finding]:
    step = plan.step
    use = script_use(step.script, step.entry)
    yield from Contract(pipeline, step, use).findings()
    if use.block is not None:
        yield from Production(step, script_use(step.script, "main"), use.block).of_this_run()


def _told(finding: Finding) -> str:
    where = f" (line {finding.line})" if finding.line else ""
    return f"Preflight says{where}: {finding.message}. What to do: {finding.fix}."
