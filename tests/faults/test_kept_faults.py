"""Rows about what is kept, as a session meets them: every bit and cut of the same is tried in tests/workspace."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import threading
from pathlib import Path

import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.display import as_html, as_text
from cursus_rt_notebook.worker import launch
from tests.conftest import wait_until
from tests.faults.conftest import messages


def statuses(session) -> dict[str, str]:
    """How each step stands."""
    return {name: str(step.status) for name, step in session.state.steps.items()}


@pytest.fixture
def finished(project):
    """A chain of three steps that has run, and the folder of the first one's output."""
    pipeline = project.chain("a", "b", "c")
    session = project.session(pipeline)
    assert session.resume() is None
    kept = session["a"]["out"].path
    session.close()
    return pipeline, kept


def test_S2_a_full_disk_fails_the_step_and_keeps_nothing(project, finished, monkeypatch):
    """What was finished stays; with space again the step runs, and it is not said to be done before."""
    pipeline, _ = finished
    project.script("b", 'write("out", "t.csv", read("data") + "changed\\n")')

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    session = project.session(pipeline)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        pause = session.resume()
    assert (pause.step, pause.when) == ("b", "failed")
    assert pause.error.kind == "WorkspaceError"
    assert "No space left" in pause.error.message
    assert session["b"].state.artifact is None
    assert statuses(session)["a"] == "cached"
    session.rerun("b")
    assert session.resume() is None
    assert statuses(session) == {"a": "cached", "b": "done", "c": "done"}


@pytest.mark.parametrize("name", ["fsync", "mkdir", "rename"])
def test_S2_wherever_the_disk_is_full_the_session_says_so_and_goes_on(project, monkeypatch, name):
    """From any one call on: a typed error or failure, never a hang or a false success; with space again it runs."""
    real, tried = getattr(os, name), 0
    for number in itertools.count(1):
        pipeline = project.chain("a")
        workspace = project.path / f"workspace_{number}"
        calls = itertools.count(1)

        def full(path, *rest, number=number, calls=calls, **more):
            if (isinstance(path, int) or project.path in Path(path).parents) and next(calls) >= number:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
            return real(path, *rest, **more)

        with monkeypatch.context() as patch:
            patch.setattr(os, name, full)
            told = told_by_a_run(pipeline, workspace)
        assert told in {"finished", "WorkspaceError"}
        session = crt.execute_pipeline_with_breakpoints(pipeline, None, workspace)
        assert session.resume() is None
        session.close()
        if next(calls) <= number:
            break  # so many calls were not made
        tried += 1
    assert told == "finished"
    assert tried >= {"fsync": 6, "mkdir": 15, "rename": 1}[name]


def told_by_a_run(pipeline, workspace) -> str:
    """How a run ended: `finished`, or the kind of what was raised or failed."""
    try:
        session = crt.execute_pipeline_with_breakpoints(pipeline, None, workspace)
    except crt.WorkspaceError as error:
        return type(error).__name__
    pause = session.resume()
    told = str(session.status) if pause is None else pause.error.kind
    session.close()
    return told


@pytest.mark.parametrize("damage", ["torn", "no database", "deleted"])
def test_S3_S4_a_damaged_journal_costs_the_history_only(project, finished, damage):
    """It is said; every finished output is found again by its manifest."""
    pipeline, _ = finished
    journal = project.workspace / "journal.sqlite"
    if damage == "deleted":
        journal.unlink()
    else:
        journal.write_bytes(journal.read_bytes()[:5_000] if damage == "torn" else b"no database, just text " * 500)
    session = project.session(pipeline)
    assert session.resume() is None
    assert set(statuses(session).values()) == {"cached"}
    assert "journal" in messages(session)


@pytest.mark.parametrize("damage", ["a bit flipped", "deleted"])
def test_S5_S6_a_damaged_output_is_made_again(project, finished, damage):
    """The reason is shown, the step runs, and an equal output stops the wave."""
    pipeline, kept = finished
    table = kept / "t.csv"
    if damage == "deleted":
        shutil.rmtree(kept.parent)
    else:
        data = bytearray(table.read_bytes())
        data[0] ^= 1
        table.chmod(0o644)
        table.write_bytes(data)
    session = project.session(pipeline)
    assert session.resume() is None
    assert statuses(session) == {"a": "done", "b": "cached", "c": "cached"}
    assert "a" in messages(session)
    assert table.read_text() == "step\na\n"


def test_S10_an_input_of_the_same_size_and_time_with_other_content(project):
    """The content decides."""
    source = project.path / "source.csv"
    source.write_text("a\n1\n")
    times = source.stat()
    project.script("copy", 'write("out", "t.csv", Path(input_paths["data"]).read_text())')
    pipeline = project.pipeline({"copy": {"inputs": {"data": {"path": str(source)}}, "outputs": ["out"]}})
    assert project.session(pipeline).resume() is None
    source.write_text("a\n2\n")
    os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    session = project.session(pipeline)
    assert session.resume() is None
    assert statuses(session) == {"copy": "done"}
    assert session["copy"]["out"].df["a"].tolist() == [2]


def test_S9_a_script_that_is_edited_between_its_plan_and_its_run(project, monkeypatch):
    """What the new text wrote is not kept under the old one's key: with the old text back, the step runs."""
    old, new = (f'write("out", "t.csv", "n\\n{number}\\n")' for number in (1, 2))
    project.script("a", old)
    pipeline = project.pipeline({"a": {"outputs": ["out"]}})
    start = launch.start_step

    def edited_first(order, **more):
        project.script("a", new)
        return start(order, **more)

    session = project.session(pipeline)
    with monkeypatch.context() as patch:
        patch.setattr(launch, "start_step", edited_first)
        assert session.resume() is None
    assert session["a"]["out"].df["n"].tolist() == [2]
    assert "a.py changed while a ran" in messages(session, "a")
    project.script("a", old)
    again = project.session(pipeline)
    assert again.resume() is None
    assert statuses(again) == {"a": "done"}
    assert again["a"]["out"].df["n"].tolist() == [1]


def test_S16_a_workspace_of_a_newer_version_is_refused(project, finished):
    """Before anything runs, and nothing in it is rewritten."""
    newer = project.path / "newer"
    shutil.copytree(project.workspace, newer)
    (newer / "cursus-workspace.json").write_text('{"format": 1000}')
    before = {path: path.read_bytes() for path in newer.rglob("*") if path.is_file()}
    pipeline, _ = finished
    with pytest.raises(crt.WorkspaceError, match="newer version"):
        crt.execute_pipeline_with_breakpoints(pipeline, None, newer)
    assert {path: path.read_bytes() for path in newer.rglob("*") if path.is_file()} == before


def test_S17_a_workspace_that_vanishes_while_paused_is_a_typed_failure(project, finished):
    """The next step does not begin, and the session says why."""
    pipeline, _ = finished
    session = project.session(pipeline, "a")
    assert session.resume().step == "a"
    shutil.rmtree(project.workspace)
    pause = session.resume()
    assert pause.when == "failed"
    assert pause.error.kind.startswith("Workspace")
    assert "deleted or moved" in pause.error.advice
    session.close()


def test_S17_a_workspace_that_cannot_be_made_is_refused(project, finished):
    """A typed error, before anything runs."""
    (project.path / "file").write_text("x")
    pipeline, _ = finished
    with pytest.raises(crt.WorkspaceError):
        crt.execute_pipeline_with_breakpoints(pipeline, None, project.path / "file" / "workspace")


def test_R4_a_session_that_is_closed_while_a_step_runs(project):
    """The step is gone, its lock is free at once, and what was finished is kept."""
    pipeline = project.chain("a", "b")
    pid = project.path / "pid"
    project.script("b", f"import time; Path({str(pid)!r}).write_text(str(os.getpid())); time.sleep(600)")
    session = project.session(pipeline)
    session.post("continue")
    wait_until(lambda: pid.exists() and pid.read_text())
    session.close()
    assert not Path(f"/proc/{pid.read_text()}/cmdline").exists()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("cursus-step", "cursus-driver"))]
    assert crt.runs(project.workspace)["status"].tolist() == ["stopped"]
    project.chain("a", "b")
    again = project.session(pipeline)
    assert again.resume() is None
    assert statuses(again) == {"a": "cached", "b": "done"}


def test_A3_hostile_archives_are_listed_and_never_unpacked(project, fault):
    """However one looks at them, nothing is written outside, and each is an archive with its size."""
    outside = project.path / "outside"
    outside.mkdir()
    session = fault("A3_hostile_archives", args={"target": str(outside / "canary")})
    assert session.resume() is None, session.pause
    artifact = session["faulty"]["out"]
    assert len(artifact.files) == 8
    assert {file.kind for file in artifact.files} == {"archive"}
    assert all(file.size > 0 for file in artifact.files)
    assert all("model.tar.gz" in shown for shown in (as_html(artifact), as_text(artifact)))
    with pytest.raises(crt.CursusError):
        artifact.df  # noqa: B018 - reading it is the test
    assert list(outside.iterdir()) == []
