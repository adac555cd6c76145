"""Rows of the fault table that need more than a script and how it ends. S2 lives in tests/workspace."""

from __future__ import annotations

import builtins
import itertools
import json
import logging
import os
import random
import shutil
import signal
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import psutil
import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.display import as_html, as_text
from tests.conftest import wait_until

SCRIPTS = Path(__file__).parent / "scripts"
CANARY = "s3cr3t-canary-value"


@pytest.fixture
def fault(project):
    """Make a session on one of the scripts, as the step `faulty` of a pipeline."""

    def make(script: str, breakpoints: Any = None, given: dict[str, str] | None = None, **step: Any) -> Any:
        shutil.copy(SCRIPTS / f"{script}.py", project.path / "faulty.py")
        pipeline = project.pipeline({"faulty": {"outputs": ["out"], **step}})
        return project.session(pipeline, breakpoints, env=given)

    return make


def messages(session, step: str) -> str:
    return "\n".join(finding.message for finding in session[step].state.findings)


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("hang", ["no", "yes"])
def test_P7_grandchildren(project, fault, hang):
    """A child, one in a session of its own and one that forked twice: none is alive after success or stop."""
    told = project.path / "pids"
    session = fault("P7_grandchildren", env={"PIDS": str(told), "HANG": hang})

    def pids() -> list[int]:
        return [int(pid) for pid in told.read_text().split()] if told.exists() else []

    if hang == "yes":
        session.post("continue")
        wait_until(lambda: len(pids()) == 3)
        assert len(alive(pids())) == 3
        session.stop()
    else:
        assert session.resume() is None
        assert "3 processes left behind" in messages(session, "faulty")
    assert len(pids()) == 3
    wait_until(lambda: not alive(pids()), 2)


def test_P16_bad_interpreter_path(project, fault):
    """It is said before anything runs, with the place in the pipeline."""
    with pytest.raises(crt.PipelineError, match=r"steps\.faulty\.python: there is no interpreter"):
        fault("good", python=str(project.path / "nowhere" / "python"))


def test_P16_an_interpreter_that_is_no_python(project, fault):
    """The step is not started, the cause is told, and nothing is kept."""
    fake = project.path / "python"
    fake.write_text("#!/bin/sh\nexit 3\n")
    fake.chmod(0o755)
    session = fault("good", python=str(fake))
    if session.resume().when == "preflight":
        session.resume()
    failure = session["faulty"].error
    assert failure.kind == "StepNotStarted"
    assert str(fake) in failure.summary + failure.message + failure.advice
    assert session["faulty"].state.artifact is None


def test_S8_a_step_edits_its_input(project):
    """It is flagged, and the upstream artifact is set aside and made again."""
    project.script("a", 'write("out", "t.csv", "a,b\\n1,2\\n")')
    shutil.copy(SCRIPTS / "S8_edits_its_input.py", project.path / "b.py")
    steps = {"a": {"outputs": ["out"]}, "b": {"inputs": {"data": "a.out"}, "outputs": ["out"]}}
    session = project.session(project.pipeline(steps))
    assert session.resume() is None
    assert "b changed its input 'data' in place" in messages(session, "b")
    assert list((project.workspace / "damaged").iterdir())
    again = project.session(project.pipeline(steps), "a")
    assert again.resume().step == "a"
    assert str(again["a"].status) == "done"
    assert again["a"]["out"].df.to_dict("list") == {"a": [1], "b": [2]}
    assert again.resume() is None


@pytest.mark.parametrize("how", ["in_place", "replaced"])
def test_S9_an_input_changes_while_the_step_runs(project, fault, how):
    """Its outputs are shown, with the reason, but not reused."""
    source = project.path / "source.csv"
    source.write_text("a,b\n1,2\n")
    setup = {"inputs": {"data": {"path": str(source)}}, "env": {"SOURCE": str(source)}}
    script = "S9_input_changes" if how == "in_place" else "S9_input_is_replaced"
    session = fault(script, **setup)
    assert session.resume() is None, session.pause
    reason = (
        "faulty changed its input 'data' in place" if how == "in_place" else "input 'data' changed while faulty ran"
    )
    assert reason in messages(session, "faulty")
    assert session["faulty"]["out"].shape == (1, 2)
    source.write_text("a,b\n1,2\n")
    again = fault(script, **setup)
    assert again.resume() is None
    assert str(again["faulty"].status) == "done"


def kernel() -> dict[str, Any]:
    """What of this process a script could change."""
    umask = os.umask(0)
    os.umask(umask)
    return {
        "environ": {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"},
        "cwd": Path.cwd(),
        "path": list(sys.path),
        "argv": list(sys.argv),
        "umask": umask,
        "recursion": sys.getrecursionlimit(),
        "logging": (logging.root.level, list(logging.root.handlers), logging.root.manager.disable),
        "random": random.getstate(),
        "warnings": list(warnings.filters),
        "signals": [signal.getsignal(number) for number in signal.valid_signals()],
        "builtins": dict(vars(builtins)),
        "json": sys.modules["json"],
        "leak": hasattr(logging, "leak"),
        "streams": (sys.stdin, sys.stdout, sys.stderr),
    }


def test_L1_a_nasty_script_twice(fault):
    """The kernel is the same before and after, and the second run finds nothing of the first."""
    session = fault("good")
    assert session.resume() is None  # what our own package loads and starts when it is first used is no leak
    before = kernel()
    session = fault("L1_nasty", "faulty")
    session.resume()
    session.rerun("faulty")
    assert session["faulty"].state.attempt == 2
    assert (session["faulty"].outputs["out"].path / "t.csv").read_text() == "seen\nFalse\n"
    assert kernel() == before


def test_L2_module_shadowing(project):
    """Two steps in two folders, each with its own utils.py: each sees its own."""
    main = 'from pathlib import Path\nimport utils\n\ndef main(input_paths, output_paths, environ_vars, job_args):\n    (Path(output_paths["out"]) / "t.csv").write_text("n\\n" + utils.NAME)\n'
    for name in ("one", "two"):
        (project.path / name).mkdir()
        (project.path / name / "utils.py").write_text(f"NAME = {name!r}\n")
        (project.path / name / "main.py").write_text(main)
    steps = {name: {"script": f"{name}/main.py", "outputs": ["out"]} for name in ("one", "two")}
    session = project.session(project.pipeline(steps), max_workers=1)
    assert session.resume() is None, session.pause
    assert {name: session[name]["out"].df["n"].tolist() for name in steps} == {"one": ["one"], "two": ["two"]}


def test_L5_the_notebooks_environment_does_not_leak_in(fault, monkeypatch):
    """A step sees what is declared, and what a process needs."""
    monkeypatch.setenv("ONLY_IN_THE_NOTEBOOK", "1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CANARY)
    session = fault("L5_environment", env={"DECLARED": "1"})
    assert session.resume() is None
    names = session["faulty"]["out"].df["name"].tolist()
    assert "DECLARED" in names
    assert "ONLY_IN_THE_NOTEBOOK" not in names
    assert "AWS_SECRET_ACCESS_KEY" not in names


def test_K1_a_secret_is_nowhere(project, fault, capfd):
    """Not in any file of the workspace, not in what is shown, though the script tells it in every way."""
    session = fault("K1_secret", env={"API_TOKEN": None}, given={"API_TOKEN": CANARY})
    pause = session.resume()
    assert pause.when == "failed"
    shown = [pause, session, session["faulty"]]
    told = [as_text(thing) + as_html(thing) + repr(thing) for thing in shown]
    told += [
        str(pause.error),
        str(pause.frames),
        pause.log,
        json.dumps(session.explain("faulty").__dict__, default=str),
    ]
    assert session.resume() is None
    with pytest.raises(crt.StepError) as raised:
        session.raise_for_status()
    told += [str(raised.value), repr(vars(raised.value)), *capfd.readouterr()]
    session.close()
    assert [text for text in told if CANARY in text] == []
    files = [path for path in project.workspace.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []
    assert "token is" in pause.log


def test_R7_the_clock_steps_back(project, monkeypatch):
    """Durations are those of the monotonic clock, and runs are listed in the order they were made."""
    clock = itertools.count(time.time(), -3600)
    monkeypatch.setattr(time, "time", lambda: float(next(clock)))
    pipeline = project.chain("a", "b")
    made = []
    for _ in range(3):
        session = project.session(pipeline, "a")
        session.resume()
        session.rerun("a")
        assert session.resume() is None
        assert 0 <= session.state.elapsed < 60
        assert all(0 <= step.seconds < 60 for step in session.state.steps.values())
        assert [attempt.status for attempt in session["a"].attempts][-1] == "succeeded"
        made.append(session.run_id)
        session.close()
    assert crt.runs(project.workspace).index.tolist() == made[::-1]


def test_nothing_of_the_table_leaves_a_thread(fault):
    """A session that has ended has no thread of ours left."""
    session = fault("good")
    assert session.resume() is None
    session.close()
    wait_until(lambda: not [t for t in threading.enumerate() if t.name.startswith("cursus-step")], 5)
