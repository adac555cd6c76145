"""A process that runs a small pipeline as a kernel would: `python -m tests.stress.kernel PROJECT WORKSPACE`.

Prints, as JSON, how each step ended. While there is a file `hold` in the project, no step ends.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import cursus_rt_notebook as crt

SCRIPT = """
import time
from pathlib import Path

def main(input_paths, output_paths, environ_vars, job_args):
    with open(environ_vars["RUNS"], "a") as file:
        file.write(f"{job_args.name} begins\\n")
    text = "".join(Path(path, "t.csv").read_text() for path in input_paths.values())
    with Path(output_paths["out"], "t.csv").open("w") as file:
        for line in f"step\\n{text}{job_args.name}\\n".splitlines():
            file.write(line + "\\n")
            file.flush()
            time.sleep(0.01)
    while Path(environ_vars["RUNS"]).with_name("hold").exists():
        time.sleep(0.01)
    with open(environ_vars["RUNS"], "a") as file:
        file.write(f"{job_args.name} ends\\n")
"""
NEEDS = {"a": "", "b": "a", "c": "a", "d": "bc", "e": "d"}


def write_project(folder: Path) -> None:
    """Write the script that all steps run."""
    folder.mkdir()
    (folder / "step.py").write_text(SCRIPT)


def pipeline(folder: Path) -> dict[str, Any]:
    """A diamond and one step more."""
    steps = {
        name: {
            "script": "step.py",
            "inputs": {need: f"{need}.out" for need in needs},
            "outputs": {"out": {"required": True}},
            "args": {"name": name},
            "env": {"RUNS": str(folder / "runs.txt")},
        }
        for name, needs in NEEDS.items()
    }
    return {"name": "diamond", "source_dir": str(folder), "steps": steps}


def main(project: str, workspace: str) -> None:
    """Run to the end; fail with what is shown where it does not get there."""
    session = crt.execute_pipeline_with_breakpoints(pipeline(Path(project)), None, workspace)
    pause = session.resume()
    if pause is not None:
        sys.exit(str(pause))
    print(json.dumps({name: str(step.status) for name, step in session.state.steps.items()}))
    crt.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
