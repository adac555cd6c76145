"""How long a run still takes, going by earlier ones."""

from __future__ import annotations

import time

from cursus_rt_notebook.engine.frontier import OPEN
from cursus_rt_notebook.engine.state import RunState, StepState, StepStatus
from cursus_rt_notebook.pipeline.model import Pipeline


def seconds_left(state: RunState, pipeline: Pipeline, now: float | None = None) -> float | None:
    """Seconds to the end of the run; None if one of its steps never succeeded before.

    No run is shorter than its longest path, nor than all its work shared evenly among the workers.
    """
    now = time.monotonic() if now is None else now
    paths: dict[str, float] = {}
    work = 0.0
    for name in pipeline.order:
        left = _left(state.steps[name], now)
        if left is None:
            return None
        work += left
        paths[name] = left + max((paths[need] for need in pipeline.steps[name].needs), default=0.0)
    return max(work / state.max_workers, *paths.values(), 0.0)


def _left(step: StepState, now: float) -> float | None:
    if step.status is StepStatus.RUNNING and step.estimate is not None and step.started is not None:
        return max(step.estimate - (now - step.started), 0.0)
    return step.estimate if step.status in OPEN or step.status is StepStatus.RUNNING else 0.0
