"""Rows of the fault table that need more than a script and how it ends; for those on what is kept see its own file."""

from __future__ import annotations

import itertools
import logging
import shutil
import sys
import time
from pathlib import Path

import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.display import as_html, as_text
from tests.conftest import alive, wait_until
from tests.faults.conftest import CANARY, SCRIPTS, messages
from tests.snapshot import snapshot


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
    which = " (source.csv)" if how == "in_place" else ""
    reason = f"input 'data'{which} changed while faulty ran, by it or by somebody else"
    assert reason in messages(session, "faulty")
    assert session["faulty"]["out"].shape == (1, 2)
    source.write_text("a,b\n1,2\n")
    again = fault(script, **setup)
    assert again.resume() is None
    assert str(again["faulty"].status) == "done"


def test_L1_a_nasty_script_twice(fault):
    """The kernel is the same before and after, and the second run finds nothing of the first."""
    session = fault("good")
    assert session.resume() is None  # what our own package loads and starts when it is first used is no leak
    before = snapshot()
    session = fault("L1_nasty", "faulty")
    session.resume()
    session.rerun("faulty")
    assert session["faulty"].state.attempt == 2
    assert (session["faulty"].outputs["out"].path / "t.csv").read_text() == "seen\nFalse\n"
    assert snapshot() == before


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


def test_L3_logging_taken_apart_in_a_step(fault, caplog):
    """The notebook's logging works as before."""
    session = fault("L3_logging")
    assert session.resume() is None
    logging.getLogger("notebook").warning("still heard")
    assert "still heard" in caplog.text


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
    told = everything_told(session, capfd)
    assert [text for text in told if CANARY in text] == []
    assert files_with_the_canary(project) == []
    assert "token is" in session["faulty"].log


def test_K6_a_credential_in_a_url_is_nowhere(project, fault, capfd):
    """Not in the log, the error, the variables or a file, though nobody said that it is a secret."""
    session = fault("K6_credential_in_a_url")
    told = everything_told(session, capfd)
    assert session["faulty"].error.title == "CalledProcessError"
    assert [text for text in told if CANARY in text] == []
    assert files_with_the_canary(project) == []
    assert "looking in https://***@example.com/simple" in session["faulty"].log


def everything_told(session, capfd) -> list[str]:
    """All that is shown, said and raised about a run of one step that fails."""
    pause = session.resume()
    assert pause.when == "failed"
    told = [as_text(thing) + as_html(thing) + repr(thing) for thing in (pause, session, session["faulty"])]
    told += [str(pause.error), str(pause.frames), pause.log, str(vars(session.explain("faulty")))]
    assert session.resume() is None
    with pytest.raises(crt.StepError) as raised:
        session.raise_for_status()
    told += [str(raised.value), repr(vars(raised.value)), *capfd.readouterr()]
    session.close()
    return told


def files_with_the_canary(project) -> list[Path]:
    """The files of the workspace that hold it, journal and kept failures included."""
    files = [path for path in project.workspace.rglob("*") if path.is_file()]
    assert len(files) > 3
    return [path for path in files if CANARY.encode() in path.read_bytes() and path.suffix != ".py"]


def test_R8_a_condition_that_ends_the_interpreter_pauses(project):
    """What a user's own callable raises is shown at the pause, `sys.exit` too; the session goes on."""
    session = project.session(project.chain("a", "b"), [("a", lambda _step: sys.exit("no"))])
    pause = session.resume()
    assert (pause.step, pause.when) == ("a", "condition")
    assert "raised SystemExit: no" in pause.reason
    assert session.resume() is None


def test_X29_a_file_in_the_place_of_a_folder(project):
    """It is an output like another: not empty, and given to the next step."""
    shutil.copy(SCRIPTS / "X29_file_for_a_folder.py", project.path / "a.py")
    project.script("b", 'write("out", "t.csv", Path(input_paths["data"]).read_text())')
    steps = {"a": {"outputs": {"out": {"required": True}}}, "b": {"inputs": {"data": "a.out"}, "outputs": ["out"]}}
    session = project.session(project.pipeline(steps))
    assert session.resume() is None, session.pause
    assert messages(session, "a") == ""
    assert session["b"]["out"].df.to_dict("list") == {"a": [1], "b": [2]}


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
