"""A process of its own for `test_memory`: look at many pauses over much data, and tell how its memory grew."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import Any

import psutil

import cursus_rt_notebook as crt
from cursus_rt_notebook.display import as_html, as_text

STEPS = 4
SCRIPT = """
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet


def main(input_paths, output_paths, environ_vars, job_args):
    rows = job_args.bytes // 560
    values = np.random.default_rng(job_args.seed).random((8, rows))
    table = pa.table({f"column_{i}": column for i, column in enumerate(values)})
    pyarrow.parquet.write_table(table, Path(output_paths["parquet"]) / "t.parquet", compression=None)
    with pyarrow.csv.CSVWriter(Path(output_paths["csv"]) / "t.csv", table.schema) as writer:
        for _ in range(3):
            writer.write_table(table)
"""


def main(folder: Path, size: int, pauses: int) -> None:
    """Print, as JSON, the bytes of the artifacts, how many pauses, and the memory after the first and the last."""
    pipeline = small_pipeline(folder, size // STEPS)
    memory: list[int] = []
    held = 0
    while len(memory) < pauses:
        session = crt.execute_pipeline_with_breakpoints(pipeline, list(pipeline["steps"]), folder / "workspace")
        for pause in session:
            look(pause)
            memory.append(rss())
        held = sum(step.output_bytes or 0 for step in session.state.steps.values())
    print(json.dumps({"bytes": held, "pauses": len(memory), "first": memory[0], "last": memory[-1]}))


def small_pipeline(folder: Path, size: int) -> dict[str, Any]:
    """A chain of steps, each of which writes so many bytes: a quarter as parquet, the rest as CSV."""
    (folder / "large.py").write_text(SCRIPT)
    steps: dict[str, dict[str, Any]] = {}
    for number in range(STEPS):
        inputs = {"before": f"step_{number - 1}.csv"} if number else {}
        args = {"bytes": size, "seed": number}
        steps[f"step_{number}"] = {"script": "large.py", "inputs": inputs, "outputs": ["csv", "parquet"], "args": args}
    return {"name": "large", "source_dir": str(folder), "steps": steps}


def look(pause: Any) -> None:
    """All that a pause shows, and all that is asked of an artifact short of loading it."""
    assert as_text(pause)
    assert as_html(pause)
    for port in ("csv", "parquet"):
        artifact = pause[port]
        assert artifact.shape[0] > 1_000
        assert len(artifact.head(10)) == 10
        assert artifact.summary().rows == artifact.shape[0]
        assert as_html(artifact)


def rss() -> int:
    gc.collect()
    return psutil.Process().memory_info().rss


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
