"""What a step costs, beside its peers, in one run: `python -m tests.benchmarks.costs [ROUNDS]`.

Prints a table; no figure is judged here. The peers: a bare fork of a process with the same imports (the least that a
process of one's own can cost), a new interpreter with the same imports (what most runners do), and the same `main`
called as a plain function.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cursus_rt_notebook as crt

IMPORTS = "import pandas, pyarrow, polars, sklearn.ensemble, matplotlib.figure\n"
SCRIPT = IMPORTS + textwrap.dedent("""
    from pathlib import Path

    def main(input_paths, output_paths, environ_vars, job_args):
        Path(output_paths["out"], "t.csv").write_text(f"n\\n{job_args.n}\\n")
    """)
SLEEP = """
import time
from pathlib import Path

def main(input_paths, output_paths, environ_vars, job_args):
    time.sleep(0.25)
    Path(output_paths["out"], "t.csv").write_text("n\\n1\\n")
"""


def main(rounds: int = 50) -> None:
    """Print every figure."""
    rows = [*_step_costs(rounds), *_cached_costs(rounds), *_diamond(), *_import_times()]
    width = max(len(name) for name, _, _ in rows)
    for name, value, note in rows:
        print(f"{name:{width}}  {value:>10}  {note}")
    crt.shutdown()


Row = tuple[str, str, str]


def _step_costs(rounds: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        ours = _time_of_steps(Path(folder), rounds)
    fork = _bare_fork(rounds)
    new = _new_interpreter()
    plain = _plain_call(rounds)
    yield "trivial step, everything included", _ms(ours), f"{ours / fork:.1f} x the bare fork"
    yield "bare fork of the same imports", _ms(fork), ""
    yield "new interpreter, same imports", _ms(new), f"{new / ours:.0f} x ours"
    yield "the same main, called in one process", _ms(plain), "no isolation, nothing kept"


def _time_of_steps(folder: Path, rounds: int) -> float:
    """Seconds a step, in a chain run by `resume`, once the zygote is warm."""
    (folder / "step.py").write_text(SCRIPT)
    warm = crt.execute_pipeline_with_breakpoints(_chain(folder, 1, offset=-1), None, folder / "workspace")
    warm.resume()
    session = crt.execute_pipeline_with_breakpoints(_chain(folder, rounds), None, folder / "workspace", max_workers=1)
    began = time.perf_counter()
    session.resume()
    seconds = time.perf_counter() - began
    session.raise_for_status()
    return seconds / rounds


def _chain(folder: Path, count: int, offset: int = 0) -> dict[str, Any]:
    steps: dict[str, Any] = {}
    for number in range(count):
        inputs = {"data": f"s{number - 1}.out"} if number else {}
        args = {"n": number + offset}
        steps[f"s{number}"] = {"script": "step.py", "inputs": inputs, "outputs": ["out"], "args": args}
    return {"name": f"chain{count}", "source_dir": str(folder), "steps": steps}


def _bare_fork(rounds: int) -> float:
    code = IMPORTS + textwrap.dedent(f"""
        import gc, os, time
        gc.freeze()
        times = []
        for _ in range({rounds}):
            began = time.perf_counter()
            pid = os.fork()
            if pid == 0:
                os._exit(0)
            os.waitpid(pid, 0)
            times.append(time.perf_counter() - began)
        print(sorted(times)[len(times) // 2])
        """)
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def _new_interpreter() -> float:
    return statistics.median(_timed(lambda: subprocess.run([sys.executable, "-c", IMPORTS], check=True), 3))


def _plain_call(rounds: int) -> float:
    # In a process of its own: what the libraries do to the environment when imported is not for ours.
    code = SCRIPT + textwrap.dedent(f"""
        import argparse, tempfile, time
        times = []
        with tempfile.TemporaryDirectory() as folder:
            for number in range({rounds}):
                began = time.perf_counter()
                main({{}}, {{"out": folder}}, {{}}, argparse.Namespace(n=number))
                times.append(time.perf_counter() - began)
        print(sorted(times)[len(times) // 2])
        """)
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def _cached_costs(rounds: int) -> Iterator[Row]:
    for count in (10, 100, 1_000) if rounds >= 50 else (10, 100):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "step.py").write_text(SCRIPT.replace(IMPORTS, ""))
            crt.execute_pipeline_with_breakpoints(_chain(folder, count), None, folder / "workspace").resume()
            again = crt.execute_pipeline_with_breakpoints(_chain(folder, count), None, folder / "workspace")
            began = time.perf_counter()
            again.resume()
            seconds = time.perf_counter() - began
            assert {str(s.status) for s in again.state.steps.values()} == {"cached"}
        yield f"cached step, in a pipeline of {count:,}", _ms(seconds / count), ""


def _diamond() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "step.py").write_text(SLEEP)
        step: dict[str, Any] = {"script": "step.py", "outputs": ["out"]}
        middle = {f"m{i}": {**step, "inputs": {"data": "top.out"}, "args": {"i": i}} for i in range(8)}
        end = {**step, "inputs": {f"p{i}": f"m{i}.out" for i in range(8)}}
        pipeline = {"name": "diamond", "source_dir": name, "steps": {"top": step, **middle, "end": end}}
        session = crt.execute_pipeline_with_breakpoints(pipeline, None, folder / "workspace", max_workers=8)
        seconds = _timed(session.resume, 1)[0]
        session.raise_for_status()
    yield "diamond of 1 + 8 + 1 steps of 0.25 s", f"{seconds:.3f} s", f"{seconds / 0.75:.2f} x the ideal 0.75 s"


def _import_times() -> Iterator[Row]:
    ours, theirs = _import_time("cursus_rt_notebook"), _import_time("ipywidgets")
    yield "import cursus_rt_notebook", _ms(ours), f"{ours / theirs:.2f} x import ipywidgets"
    yield "import ipywidgets", _ms(theirs), ""


def _import_time(module: str) -> float:
    code = f"import time; began = time.perf_counter(); import {module}; print(time.perf_counter() - began)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5)]
    return min(float(run.stdout) for run in runs)


def _timed(call: Callable[[], object], rounds: int) -> list[float]:
    times: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return times


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
