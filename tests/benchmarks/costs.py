"""What a step costs, beside its peers, in one run: `python -m tests.benchmarks.costs [ROUNDS]`.

Prints a table; no figure is judged here. The peers: a bare fork of a process with the same imports (the least that a
process of one's own can cost), a new interpreter with the same imports (what most runners do), and the same `main`
called as a plain function.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import shutil
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

FULL = 50  # with fewer rounds what takes long is left out
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


FLIGHTS = Path(__file__).parents[2] / "notebooks" / "flights"
REOPEN = """
import sys, time
import cursus_rt_notebook as crt
import cursus_rt_notebook.engine.execute
began = time.perf_counter()
session = crt.execute_pipeline_with_breakpoints(sys.argv[1], (), sys.argv[2])
assert session.resume() is None
print(time.perf_counter() - began)
assert {str(step.status) for step in session.state.steps.values()} == {"cached"}
crt.shutdown()
"""


def main(rounds: int = 50) -> None:
    """Print every figure, as soon as it is known."""
    parts = [_step_costs(rounds), _cached_costs(rounds), _diamonds(), _import_times(), _preflight()]
    parts += [_reopening()] if rounds >= FULL else []
    for name, value, note in itertools.chain.from_iterable(parts):
        print(f"{name:42}  {value:>10}  {note}", flush=True)
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
    _seconds(_chain(folder, 1, offset=-1), folder)
    return _seconds(_chain(folder, rounds), folder, max_workers=1) / rounds


def _seconds(pipeline: Any, folder: Path, *, status: str = "done", **options: Any) -> float:
    """How long a pipeline takes from its first step to its last, all of which must end like this."""
    session = crt.execute_pipeline_with_breakpoints(pipeline, (), folder / "workspace", **options)
    with contextlib.closing(session):  # the folder will be deleted
        seconds = _timed(session.resume, 1)[0]
        session.raise_for_status()
        assert session.pause is None, str(session.pause)
        assert {str(step.status) for step in session.state.steps.values()} == {status}, session.steps.to_string()
    return seconds


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
    return float(_output(code))


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
    return float(_output(code))


def _cached_costs(rounds: int) -> Iterator[Row]:
    for count in (10, 100, 1_000) if rounds >= FULL else (10, 100):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "step.py").write_text(SCRIPT.replace(IMPORTS, ""))
            pipeline = _chains(folder, count)
            _seconds(pipeline, folder)
            seconds = min(_seconds(pipeline, folder, status="cached", max_workers=1) for _ in range(3))
        yield f"cached step, in a pipeline of {count:,}", _ms(seconds / count), ""


def _chains(folder: Path, count: int) -> dict[str, Any]:
    """Ten chains side by side: filling the cache takes all cores."""
    chain = _chain(folder, count)
    for number, step in enumerate(chain["steps"].values()):
        step["inputs"] = {"data": f"s{number - 10}.out"} if number >= 10 else {}
    return chain


def _diamonds() -> Iterator[Row]:
    """Eight steps between one and one: all side by side, and as many as there are cores."""
    cores = os.cpu_count() or 1
    crt.shutdown()  # else the zygote with all the libraries of the steps above would serve these, which import none
    _diamond(1)
    for workers in (8, cores):
        ideal = 0.25 * (2 + math.ceil(8 / workers))
        seconds = statistics.median(_diamond(workers) for _ in range(3))
        name = f"diamond of 1 + 8 + 1 x 0.25 s, {workers} workers"
        yield name, f"{seconds:.3f} s", f"{seconds / ideal:.2f} x the ideal {ideal:.2f} s, on {cores} cores"


def _diamond(workers: int) -> float:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "step.py").write_text(SLEEP)
        step: dict[str, Any] = {"script": "step.py", "outputs": ["out"]}
        middle = {f"m{i}": {**step, "inputs": {"data": "top.out"}, "args": {"i": i}} for i in range(8)}
        end = {**step, "inputs": {f"p{i}": f"m{i}.out" for i in range(8)}}
        pipeline = {"name": "diamond", "source_dir": name, "steps": {"top": step, **middle, "end": end}}
        return _seconds(pipeline, folder, max_workers=workers)


def _reopening() -> Iterator[Row]:
    """The flights run again in new processes, where everything comes from the cache."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(FLIGHTS, folder / "flights")
        pipeline = folder / "flights" / "flights.pipeline.yaml"
        first = _seconds(pipeline, folder)
        again = min(float(_output(REOPEN, str(pipeline), str(folder / "workspace"))) for _ in range(3))
    yield (
        "the flights run reopened in a new process",
        _ms(again),
        f"all from the cache; the first run took {first:.1f} s",
    )


def _preflight() -> Iterator[Row]:
    """Fifty scripts that were never read before, each with a text of its own, and then again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scripts = sorted((FLIGHTS / "scripts").glob("*.py"))
        for script in scripts:
            shutil.copy(script, folder)
        for number in range(50):
            text = scripts[number % len(scripts)].read_text()
            (folder / f"s{number}.py").write_text(f"{text}\n# {number}\n")
        steps = {f"s{number}": {"script": f"s{number}.py"} for number in range(50)}
        pipeline = crt.load_pipeline({"name": "fifty", "source_dir": name, "steps": steps})
        first, *again = _timed(pipeline.preflight, 4)
    yield "preflight of 50 scripts", _ms(first), f"{_ms(min(again))} where their texts are known"


def _import_times() -> Iterator[Row]:
    ours, theirs = _import_time("cursus_rt_notebook"), _import_time("ipywidgets")
    yield "import cursus_rt_notebook", _ms(ours), f"{ours / theirs:.2f} x import ipywidgets"
    yield "import ipywidgets", _ms(theirs), ""


def _import_time(module: str) -> float:
    code = f"import time; began = time.perf_counter(); import {module}; print(time.perf_counter() - began)"
    return min(float(_output(code)) for _ in range(5))


def _output(code: str, *arguments: str) -> str:
    """What a new interpreter prints that runs this."""
    argv = [sys.executable, "-c", code, *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


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
