"""The steps of a run as a DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cursus_rt_notebook.engine.state import RunState

if TYPE_CHECKING:
    import pandas as pd


def table_of_steps(state: RunState) -> pd.DataFrame:
    """A row a step: status, reason, seconds, memory, megabytes read and written, rows, attempt."""
    import pandas as pd

    rows = [
        {
            "step": step.name,
            "status": str(step.status),
            "reason": step.reason or (step.stub and f"stub: {step.stub}"),
            "seconds": None if step.seconds is None else round(step.seconds, 2),
            "memory_mb": _megabytes(step.memory),
            "read_mb": _megabytes(step.read_bytes),
            "written_mb": _megabytes(step.written_bytes),
            "rows": sum(t.rows or 0 for t in step.tables) if step.tables else None,
            "attempt": step.attempt,
        }
        for step in state.steps.values()
    ]
    return pd.DataFrame(rows).set_index("step").convert_dtypes()


def _megabytes(size: int | None) -> float | None:
    return None if size is None else round(size / 1e6, 1)
