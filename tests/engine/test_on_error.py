"""Going on after a failure: per step, per pipeline, and in the call."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.errors import PipelineError, StepFailed


def two_branches(project, **top) -> dict:
    """A fork: `bad` fails, `worse` and `worst` need it; `good` and `better` do not."""
    project.script("start", 'write("out", "t.csv", "n\\n1\\n")')
    project.script("bad", 'raise ValueError("no")')
    for name in ("good", "better", "worse", "worst"):
        project.script(name, 'write("out", "t.csv", read("data"))')
    fed = {"bad": "start", "good": "start", "better": "good", "worse": "bad", "worst": "worse"}
    steps = {name: {"inputs": {"data": f"{up}.out"}, "outputs": ["out"]} for name, up in fed.items()}
    return project.pipeline({"start": {"outputs": ["out"]}, **steps}, **top)


def check_degraded(session) -> None:
    """Everything that does not need the failed step has run; the rest says why it did not."""
    assert session.resume() is None
    assert session.status == "failed"
    table = session.steps
    assert table["status"].to_dict() == {
        "start": "done",
        "bad": "failed",
        "good": "done",
        "better": "done",
        "worse": "skipped",
        "worst": "skipped",
    }
    assert table.loc["bad", "reason"] == "ValueError"
    assert table.loc["worst", "reason"] == "needs bad, which failed"
    assert "needs bad" in repr(session)
    with pytest.raises(StepFailed, match="bad raised ValueError: no"):
        session.raise_for_status()


def test_on_error_of_the_call_holds_for_every_step(project):
    """Whatever the pipeline and its steps say."""
    check_degraded(project.session(two_branches(project, on_error="pause"), on_error="continue"))


def test_on_error_of_the_pipeline(project):
    """One word at its top."""
    check_degraded(project.session(two_branches(project, on_error="continue")))


def test_the_call_may_also_ask_to_pause(project):
    """Where the pipeline would run on."""
    session = project.session(two_branches(project, on_error="continue"), on_error="pause")
    assert session.resume().step == "bad"


def test_a_wrong_word_is_refused(project):
    """Before anything runs."""
    with pytest.raises(PipelineError, match='give "continue" or "pause"'):
        project.session(two_branches(project), on_error="ignore")


def test_what_was_skipped_runs_when_the_failure_is_mended(project):
    """A new session takes from the cache what was done meanwhile."""
    pipeline = two_branches(project, on_error="continue")
    check_degraded(project.session(pipeline))
    project.script("bad", 'write("out", "t.csv", read("data"))')
    session = project.session(pipeline)
    assert session.resume() is None
    assert session.status == "finished"
    assert session["good"].status == "cached"
    assert session["worst"].status == "done"
