"""Environments made for steps: real interpreters, real uv and pip, wheels made here."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.engine.environments import build, make
from cursus_rt_notebook.errors import EnvironmentsMissing, NameUnknown, PipelineError
from cursus_rt_notebook.worker import installers, interpreters
from cursus_rt_notebook.worker.packages import all_versions
from tests.engine.environments.conftest import TELLS


def step(versions: str | None = None, **more: Any) -> dict[str, Any]:
    """A step that tells which `tiny` it has."""
    return {"script": "tells.py", "outputs": ["out"], "requirements": {"tiny": versions} if versions else {}, **more}


@pytest.fixture
def made(project, wheels):
    """Makes the environments of a pipeline of this project; returns it with what was told."""
    project.script("tells", TELLS)

    def make(document: dict[str, dict[str, Any]], **options: Any) -> tuple[crt.Pipeline, list[str]]:
        told: list[str] = []
        pipeline = project.pipeline(document)
        options = {"workspace_dir": project.workspace, "progress": told.append, **options}
        return crt.build_envs(pipeline, **options), told

    return make


def tiny_of(pipeline: crt.Pipeline, name: str) -> str:
    """The version of `tiny` in the environment of a step."""
    return all_versions(interpreters.find(str(pipeline.steps[name].python)))["tiny"]


def test_steps_run_each_in_the_versions_they_ask_for(project, made):
    """Two that contradict each other, one that goes with the pinned one, and one that asks for nothing."""
    project.script("plain", 'write("out", "t.csv", "a\\n1\\n")')
    plain = {"script": "plain.py", "outputs": ["out"]}
    steps = {"old": step("<2"), "new": step(">=2"), "any": step(">=1"), "plain": plain}
    before = crt.load_pipeline(project.pipeline(steps)).preflight()
    assert {"old", "new", "any"} <= {finding.step for finding in before if finding.severity != "info"}
    pipeline, _ = made(steps)
    assert [tiny_of(pipeline, name) for name in ("old", "new", "any")] == ["1.0", "2.0", "1.0"]
    assert pipeline.steps["old"].python == pipeline.steps["any"].python
    assert pipeline.steps["plain"].python is None
    assert [f for f in pipeline.preflight() if f.severity != "info"] == []
    session = project.session(pipeline)
    session.resume()
    assert session.status == "finished"
    told = {name: session[name]["out"].df for name in ("old", "new", "any")}
    assert pd.concat(told)["tiny"].tolist() == [1.0, 2.0, 1.0]
    assert session["old"].state.packages["tiny"] == "1.0"
    assert told["old"]["python"].tolist() == [session["old"].state.python]


def test_what_was_chosen_is_in_the_notes(made):
    """An info of each step says the interpreter and the versions."""
    pipeline, told = made({"old": step("<2")})
    (note,) = pipeline.notes
    assert (note.severity, note.step) == ("info", "old")
    assert "tiny 1.0" in note.message
    assert interpreters.find(str(pipeline.steps["old"].python)).version in note.message
    assert any("old: Python" in line and "installing" in line for line in told)


def test_a_second_call_makes_nothing(made):
    """What is there is taken; not even interpreters are looked for."""
    first, _ = made({"old": step("<2")})
    second, told = made({"old": step("<2")})
    assert second.steps["old"].python == first.steps["old"].python
    assert told == []


def test_a_half_made_environment_is_made_again(project, made):
    """Whatever an end in the middle left there goes first."""
    first, _ = made({"old": step("<2")})
    folder = first.steps["old"].python.parent.parent
    (folder / "cursus-environment.json").unlink()
    (folder / "left").write_text("from before")
    second, told = made({"old": step("<2")})
    assert second.steps["old"].python == first.steps["old"].python
    assert told
    assert not (folder / "left").exists()
    assert tiny_of(second, "old") == "1.0"


def test_an_environment_whose_interpreter_is_gone_is_made_again(made):
    """As when a version of Python was removed from the machine."""
    first, _ = made({"old": step("<2")})
    python = first.steps["old"].python
    python.unlink()
    second, told = made({"old": step("<2")})
    assert told
    assert second.steps["old"].python == python
    assert python.exists()


def test_two_at_once_make_one(project, made):
    """The second waits for the first, and takes what it made."""
    lines: list[str] = []
    threads = [
        threading.Thread(target=lambda: made({"old": step("<2")}, progress=lines.append), daemon=True) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum("installing" in line for line in lines) == 1


def test_an_interrupt_leaves_nothing_half_made(project, made):
    """The folder is gone, the lock is free, and the next call makes it."""

    def interrupt(line: str) -> None:
        if "trying" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made({"old": step("<2")}, progress=interrupt)
    assert list((project.workspace / "environments").iterdir()) == []
    pipeline, _ = made({"old": step("<2")})
    assert tiny_of(pipeline, "old") == "1.0"


def test_an_older_interpreter_is_taken_where_only_it_has_wheels(made, wheels, two):
    """The newest is tried first, and what was wrong with it is told."""
    newest, older = two
    wheels.add("bound", "1.0", tag=f"cp{older.version[0]}{older.version[1]}")
    pipeline, _ = made({"old": step(">=1", requirements={"tiny": ">=1", "bound": ">=1"})})
    assert interpreters.find(str(pipeline.steps["old"].python)).version == older.shown
    assert "bound" in pipeline.notes[0].fix
    assert newest.shown in pipeline.notes[0].fix


def test_what_cannot_be_imported_does_not_count(project, made, wheels, two):
    """Wheels may fit by what they say, and fail when they are imported."""
    newest, older = two
    wheels.add(
        "picky", "1.0", f"import sys\nif sys.version_info[:2] >= {newest.version[:2]}: raise ImportError('too new')"
    )
    pipeline, _ = made({"old": step(requirements={"tiny": ">=1", "picky": ">=1"})})
    assert interpreters.find(str(pipeline.steps["old"].python)).version == older.shown
    assert "picky: ImportError: too new" in pipeline.notes[0].fix


def test_old_wheels_get_the_numpy_of_their_time(made, wheels):
    """They say nothing of numpy 2, which came after them; their import does."""
    wheels.add("numpy", "1.26.0")
    wheels.add("numpy", "2.1.0")
    fails = 'import numpy\nif numpy.__version__ >= "2": raise ValueError("numpy.dtype size changed, may indicate ...")'
    wheels.add("aged", "1.0", fails, needs=["numpy>=1.20"])
    pipeline, _ = made({"old": step(requirements={"tiny": ">=1", "aged": ">=1"})})
    assert all_versions(interpreters.find(str(pipeline.steps["old"].python)))["numpy"] == "1.26.0"
    assert "numpy<2" in pipeline.notes[0].fix


def test_what_nothing_fulfils_is_an_error_and_the_others_are_made(made):
    """It names step, requirement and every interpreter that was tried."""
    with pytest.raises(EnvironmentsMissing) as caught:
        made({"fine": step("<2"), "never": step(">=3"), "also": step(">=2")})
    error = caught.value
    assert error.steps == ("never",)
    assert "never" in str(error)
    assert "tiny>=3" in str(error)
    assert "set python:" in error.fix
    assert tiny_of(error.pipeline, "fine") == "1.0"
    assert tiny_of(error.pipeline, "also") == "2.0"
    assert error.pipeline.steps["never"].python is None


def test_a_group_that_no_interpreter_has_is_taken_apart(made, wheels, two):
    """Two steps that do not contradict each other may still need two interpreters."""
    newest, older = two
    for name, python in (("late", newest), ("early", older)):
        wheels.add(name, "1.0", tag=f"cp{python.version[0]}{python.version[1]}")
    steps = {name: step(requirements={"tiny": "<2", name: ">=1"}) for name in ("late", "early")}
    pipeline, _ = made(steps)
    versions = [interpreters.find(str(pipeline.steps[name].python)).version for name in ("late", "early")]
    assert versions == [newest.shown, older.shown]


def test_versions_of_python_are_asked_for_as_well(made, two):
    """`python` among the requirements is no package."""
    newest, older = two
    below = f"<{newest.version[0]}.{newest.version[1]}"
    pipeline, _ = made({"old": step(requirements={"python": below, "tiny": ">=1"})})
    assert interpreters.find(str(pipeline.steps["old"].python)).version == older.shown


def test_pip_does_it_where_there_is_no_uv(made, monkeypatch):
    """With the interpreter's own venv."""
    monkeypatch.setattr(installers, "find_uv", lambda: None)
    pipeline, _ = made({"old": step("<2")})
    assert tiny_of(pipeline, "old") == "1.0"


def test_what_pip_cannot_do_is_told_in_its_words(made, monkeypatch, two):
    """Nothing is left of what was begun."""
    monkeypatch.setattr(installers, "find_uv", lambda: None)
    monkeypatch.setattr(make.pythons, "on_this_machine", lambda _: two[:1])
    with pytest.raises(EnvironmentsMissing, match="No matching distribution found for tiny>=3") as caught:
        made({"never": step(">=3")})
    assert two[0].shown in str(caught.value)


def test_steps_with_an_interpreter_or_a_stub_stay_as_they_are(project, made, wheels):
    """They have what they need."""
    (project.path / "out.csv").write_text("a\n1\n")
    own = sys.executable
    stub = {"out": str(project.path / "out.csv")}
    pipeline, told = made({"own": step("<2", python=own), "stub": step("<2", stub=stub)})
    assert pipeline.steps["own"].python == Path(own)
    assert pipeline.steps["stub"].python is None
    assert told == []


def test_only_the_steps_that_are_named(made):
    """Others stay with the kernel; a wrong name is told."""
    pipeline, _ = made({"old": step("<2"), "new": step(">=2")}, steps=["new"])
    assert pipeline.steps["old"].python is None
    assert tiny_of(pipeline, "new") == "2.0"
    with pytest.raises(NameUnknown, match="no step 'nwe'"):
        made({"new": step(">=2")}, steps=["nwe"])


def test_versions_may_be_required_beyond_what_the_steps_ask_for(made):
    """As a failed step's advice says: the same pipeline with an older package."""
    pipeline, _ = made({"any": step(">=1")}, require={"tiny": "<2"})
    assert tiny_of(pipeline, "any") == "1.0"
    with pytest.raises(PipelineError, match="cannot be read"):
        made({"any": step(">=1")}, require={"tiny": "two"})


def test_a_module_that_nobody_can_name_is_told_and_not_guessed(project, made):
    """A package that happens to have the module's name may be somebody else's."""
    project.script("tells", TELLS + "\nimport private_thing_of_ours\n")
    pipeline, _ = made({"old": step("<2")})
    (warning,) = [note for note in pipeline.notes if note.severity == "warning"]
    assert "private_thing_of_ours" in warning.message
    assert "requirements" in warning.fix


def test_what_was_made_shows_itself(project, made, capsys):
    """One row for each environment; in a terminal beside what programs read."""
    made({"old": step("<2"), "new": step(">=2")}, progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "2 steps in 2 environments made for them" in shown.err
    assert "tiny 1.0" in shown.err


def test_the_result_as_a_page(project, made, monkeypatch):
    """Escaped, with what was refused."""
    seen: list[Any] = []
    monkeypatch.setattr(build.display, "show", seen.append)
    with pytest.raises(EnvironmentsMissing):
        made({"never": step(">=3"), "<b>": step("<2")}, progress=True)
    page = seen[0]._repr_html_()
    assert "&lt;b&gt;" in page
    assert "<b>:" not in page
    assert "never: nothing here fulfils tiny&gt;=3" in page
    assert isinstance(seen[0].made[0], make.Environment)
