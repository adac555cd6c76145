"""Profiling a step: where its time went, without a trace of it in the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from cursus_rt_notebook.errors import CommandRefused, InputMissing, StepFailed
from tests.conftest import wait_until

SLOW = """
    import time

    def busy(seconds):
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            sum(range(1000))

    read("data")
    busy(0.3)
    write("out", "t.csv", "n\\n1\\n")
"""


@pytest.fixture
def session(project):
    """A session on a step that makes data and one that is slow with it."""
    project.script("make", 'write("out", "t.csv", "n\\n1\\n")')
    project.script("slow", SLOW)
    steps = {"make": {"outputs": ["out"]}, "slow": {"inputs": {"data": "make.out"}, "outputs": ["out"]}}
    return project.session(project.pipeline(steps))


def everything(folder) -> set[str]:
    """Every file that a workspace keeps."""
    kept = (path for path in Path(folder).rglob("*") if not {"staging", "locks"} & set(path.parts))
    return {str(path) for path in kept if path.is_file() and "journal" not in path.name}


def test_a_ready_step_is_profiled_and_nothing_of_it_stays(session, project):
    """The lines and calls of the user's; the run and the workspace are as they were."""
    session.run_to("slow")
    wait_until(lambda: not session._driver.unsettled)  # the tables are counted
    state, files = session.state, everything(project.workspace)
    profile = session.profile()
    assert session.state == state
    assert everything(project.workspace) == files
    assert session["slow"].attempts == []
    assert profile.step == "slow"
    assert profile.seconds >= 0.3
    if profile.profiler == "pyinstrument":
        assert profile.tree.function == "main"
        assert "sum(range(1000))" in {line.text for line in profile.lines[:3]}
    busy = next(each for each in profile.functions if each.function.endswith("busy"))
    assert (busy.file, busy.library) == (str(project.path / "slow.py"), False)
    assert busy.seconds > 0.2
    assert session.resume() is None


def test_a_settled_step_is_profiled_again(session):
    """After the end of a run, too."""
    assert session.resume() is None
    table = session.profile("slow").to_dataframe()
    assert list(table.columns) == ["function", "file", "line", "library", "seconds", "own", "calls"]
    assert session.status == "finished"
    assert session["slow"].state.attempt == 1


def test_it_is_refused_while_the_run_moves(session, project):
    """As every command that looks at a step that may change."""
    project.script("make", f"while not Path({str(project.path / 'gate')!r}).exists():\n    pass")
    session.post("continue")
    wait_until(lambda: session.state.running)
    with pytest.raises(CommandRefused, match="the run is moving"):
        session.profile("make")
    (project.path / "gate").touch()
    session.wait()


def test_it_needs_the_inputs(session, project):
    """A step whose inputs are not there, or are empty, cannot be run; nor can one that does not exist."""
    with pytest.raises(CommandRefused, match="needs make, which is waiting") as caught:
        session.profile("slow")
    assert caught.value.fix == "session.run_to('slow')"
    with pytest.raises(CommandRefused, match="nothing to profile here"):
        session.profile()
    with pytest.raises(KeyError, match="no step"):
        session.profile("show")
    project.script("make", "pass")
    session.run_to("slow")
    with pytest.raises(InputMissing, match="make wrote nothing"):
        session.profile("slow")


def test_a_step_that_fails_while_it_is_profiled_says_so(session, project):
    """With the error that it would have in a run."""
    project.script("slow", 'raise ValueError("no")')
    session.run_to("slow")
    with pytest.raises(StepFailed, match="while it was profiled, slow raised ValueError: no"):
        session.profile("slow")
    assert session.status == "paused"
    assert session["slow"].status == "waiting"
