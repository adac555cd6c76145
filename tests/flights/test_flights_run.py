"""The example, run as its user runs it: on a copy, over all 336,776 flights, once; every test then changes one thing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import cursus_rt_notebook as crt

FLIGHTS = Path(__file__).parents[2] / "notebooks" / "flights"
AFTER_ENCODE = {"train", "evaluate", "calibrate", "report"}


@dataclass
class Flights:
    """A copy of the example, its workspace, and what its first run told."""

    path: Path
    pauses: list[tuple[str | None, str]] = field(default_factory=list)
    failure: Any = None
    attempts: dict[str, int] = field(default_factory=dict)
    status: str = ""
    auc: dict[str, float] = field(default_factory=dict)

    @property
    def pipeline(self) -> Path:
        return self.path / "flights.pipeline.yaml"

    @property
    def workspace(self) -> Path:
        return self.path / "workspace"

    def session(self, breakpoints: Any = ()) -> Any:
        return crt.execute_pipeline_with_breakpoints(self.pipeline, breakpoints, self.workspace)

    @contextmanager
    def changed(self, script: str, old: str, new: str) -> Iterator[None]:
        """A script with one text in the place of another, for a while."""
        path = self.path / "scripts" / script
        before = path.read_text()
        assert before.count(old) == 1, f"{old!r} is there {before.count(old)} times"
        path.write_text(before.replace(old, new))
        try:
            yield
        finally:
            path.write_text(before)

    def ran(self) -> set[str]:
        """Which steps a new session runs; it must finish."""
        session = self.session()
        assert session.resume() is None, session.pause
        assert session.status == "finished"
        statuses = {name: str(step.status) for name, step in session.state.steps.items()}
        session.close()
        assert set(statuses.values()) <= {"done", "cached"}
        return {name for name, status in statuses.items() if status == "done"}


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Flights:
    """Run it whole, with two breakpoints and a typo in encode.py that is mended where it pauses."""
    path = tmp_path_factory.mktemp("flights")
    shutil.copytree(FLIGHTS, path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    made = Flights(path)
    session = made.session(["join_weather", "train:before"])
    with made.changed("encode.py", '"carrier"', '"carier"'):
        for pause in session:
            made.pauses.append((pause.step, str(pause.when)))
            if pause.when == "failed":
                made.failure = pause.error
                break
    while (pause := session.resume()) is not None:
        made.pauses.append((pause.step, str(pause.when)))
    made.status = str(session.status)
    made.attempts = {name: step.attempt for name, step in session.state.steps.items()}
    metrics = session["evaluate"].outputs["metrics"].path
    made.auc = json.loads(next(metrics.glob("*.json")).read_text())
    session.close()
    return made


def test_it_runs_to_its_end_with_two_breakpoints(flights: Flights):
    """It stops at each, and at the failure between them."""
    assert flights.pauses == [("join_weather", "after"), ("encode", "failed"), ("train", "before")]
    assert flights.status == "finished"


def test_the_model_beats_the_baseline(flights: Flights):
    """Both test AUCs are reported."""
    assert flights.auc["auc"] > flights.auc["baseline_auc"]


def test_a_typo_pauses_with_the_right_suggestion(flights: Flights):
    """The failure says which column was meant."""
    assert flights.failure.title == "KeyError"
    assert flights.failure.suggestion == "carrier"


def test_after_the_typo_is_mended_nothing_upstream_runs_again(flights: Flights):
    """Every step was tried once, the mended one twice."""
    assert flights.attempts == dict.fromkeys(flights.attempts, 1) | {"encode": 2}
    assert len(flights.attempts) == 10


def test_a_comment_reruns_nothing(flights: Flights):
    """Nor does an empty line."""
    with flights.changed("preprocess.py", "import argparse\n", "# a comment\n\nimport argparse\n"):
        assert flights.ran() == set()


def test_equal_output_reruns_exactly_that_step(flights: Flights):
    """What reads it finds the same digest."""
    with flights.changed("join_planes.py", "aircraft known for", "known aircraft:"):
        assert flights.ran() == {"join_planes"}


def test_a_constant_in_a_helper_reruns_what_imports_it(flights: Flights):
    """It changes only what a log shows: both steps that import it run, nothing after them."""
    with flights.changed("rates.py", "LOGGED = 3", "LOGGED = 5"):
        assert flights.ran() == {"encode", "evaluate"}


def test_a_constant_in_a_helper_reruns_what_truly_changed_after_it(flights: Flights):
    """It changes the encoded tables, so the model too; nothing before encode runs."""
    with flights.changed("rates.py", "SMOOTHING = 100", "SMOOTHING = 50"):
        assert flights.ran() == {"encode", *AFTER_ENCODE}


AGAIN = """\
import json, sys, time
import pandas
import cursus_rt_notebook as crt
from cursus_rt_notebook.engine import execute

pipeline, workspace = sys.argv[1:]
began = time.perf_counter()
session = crt.execute_pipeline_with_breakpoints(pipeline, (), workspace)
pause = session.resume()
seconds = time.perf_counter() - began
print(json.dumps([seconds, session.status, sorted({str(s.status) for s in session.state.steps.values()})]))
"""


def test_in_a_new_process_everything_is_cached(flights: Flights):
    """Inputs are verified and nothing runs; how long it takes is printed."""
    command = [sys.executable, "-c", AGAIN, str(flights.pipeline), str(flights.workspace)]
    told = []
    for _ in range(3):
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        told.append(json.loads(done.stdout.splitlines()[-1]))
    print("everything cached, in a new process:", *(f"{1000 * seconds:.0f} ms" for seconds, *_ in told))
    assert all(rest == ["finished", ["cached"]] for _, *rest in told)
