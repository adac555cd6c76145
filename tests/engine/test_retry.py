"""Retry policies: what is tried again, how often, and how that is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from cursus_rt_notebook.engine.state import StepStatus
from cursus_rt_notebook.render.status import under_name
from tests.conftest import wait_until

POLICY = {"attempts": 3, "backoff": 0.01, "on": ["ConnectionError"]}


def flaky(project, works_at: int, error: str = "ConnectionResetError") -> None:
    """Write a step that fails with `error` until it has been tried so often."""
    counter = project.path / "counter"
    project.script(
        "flaky",
        f"""
        path = Path({str(counter)!r})
        tries = int(path.read_text()) + 1 if path.exists() else 1
        path.write_text(str(tries))
        print("try", tries)
        if tries < {works_at}:
            raise {error}("not yet")
        write("out", "t.csv", "n\\n1\\n")
        """,
    )


def test_a_transient_failure_succeeds_and_shows_three_attempts(project):
    """It fails twice, then works: in the step's attempts, in the table, each with its own log and its own time."""
    flaky(project, 3)
    session = project.session(project.pipeline({"flaky": {"retry": POLICY, "outputs": ["out"]}}))
    assert session.resume() is None
    assert session.status == "finished"
    attempts = session["flaky"].attempts
    assert [a.status for a in attempts] == ["failed", "failed", "succeeded"]
    assert [a.attempt for a in attempts] == [1, 2, 3]
    assert [a.facts["error"] for a in attempts] == ["ConnectionResetError", "ConnectionResetError", None]
    assert session.steps.loc["flaky", "attempt"] == 3
    folder = Path(session["flaky"].state.log_path).parent.parent
    assert sorted(path.parent.name for path in folder.glob("*/log.txt")) == ["1", "2", "3"]
    assert "try 3" in session["flaky"].log
    began = [a.facts["began"] for a in attempts]
    assert began == sorted(began)
    assert session["flaky"].state.began == began[-1]


def test_a_running_retry_says_which_it_is(project):
    """While it runs the step says "attempt 2 of 3", and between two tries why it waits."""
    gate = project.path / "gate"
    project.script(
        "flaky",
        f"""
        import time
        path = Path({str(project.path / "tried")!r})
        if not path.exists():
            path.touch()
            raise ConnectionError("not yet")
        while not Path({str(gate)!r}).exists():
            time.sleep(0.02)
        """,
    )
    session = project.session(project.pipeline({"flaky": {"retry": {**POLICY, "backoff": 0.1}}}))
    seen = set()
    session.listen(lambda state: seen.add(state.steps["flaky"].reason))
    session.post("continue")
    wait_until(lambda: session["flaky"].state.reason == "attempt 2 of 3")
    assert under_name(session["flaky"].state).startswith("attempt 2 of 3 · ")
    assert "attempt 1 of 3: ConnectionError, again in 0.1 s" in seen
    gate.touch()
    assert session.wait() is None
    assert session["flaky"].state.reason == ""


def test_the_advice_of_the_failure_comes_before_that_on_the_policy(project):
    """Each a sentence of its own; an exception without a message has its step's name, too."""
    project.script("a", "assert not job_args")
    session = project.session(project.pipeline({"a": {"retry": {**POLICY, "on": ["AssertionError"]}}}))
    failure = session.resume().error
    assert failure.summary == "a raised AssertionError, at the last of 3 attempts."
    mend, raise_it = failure.recommendations
    assert mend.startswith("Look at line")
    assert raise_it.startswith("If its cause takes longer to pass")


def test_what_is_not_named_is_not_tried_again(project):
    """An error that a policy does not name fails at once."""
    flaky(project, 3, "KeyError")
    pause = project.session(project.pipeline({"flaky": {"retry": POLICY, "outputs": ["out"]}})).resume()
    assert pause.error.title == "KeyError"
    assert (project.path / "counter").read_text() == "1"


def test_a_transient_error_that_never_stops_ends_with_the_tries(project):
    """After the last try the failure is what it was."""
    flaky(project, 99)
    session = project.session(project.pipeline({"flaky": {"outputs": ["out"]}}, retry=POLICY))
    pause = session.resume()
    assert (pause.error.kind, pause.error.title) == ("StepFailed", "ConnectionResetError")
    assert [a.status for a in session["flaky"].attempts] == ["failed"] * 3


@pytest.mark.parametrize(
    ("error", "on"),
    [
        ("TimeoutError", "TimeoutError"),
        ("BlockingIOError", "OSError"),
        ("json.JSONDecodeError", "json.JSONDecodeError"),
    ],
)
def test_errors_are_named_by_their_types(error, on, project):
    """By the type itself, one that it derives from, or the name with its module."""
    made = "json.JSONDecodeError('m', 'd', 0)" if "json" in error else f"{error}('m')"
    project.script("a", f"import json\nraise {made}")
    retry = {"attempts": 2, "backoff": 0, "on": [on]}
    session = project.session(project.pipeline({"a": {"retry": retry}}))
    session.resume()
    assert len(session["a"].attempts) == 2


def test_how_a_step_ended_may_count_as_transient(project):
    """A crash is tried again where the policy says so."""
    tried = project.path / "tried"
    project.script("a", f"path = Path({str(tried)!r})\nif not path.exists():\n    path.touch()\n    os._exit(7)")
    retry = {"attempts": 2, "backoff": 0, "on": ["StepCrashed"]}
    session = project.session(project.pipeline({"a": {"retry": retry}}))
    assert session.resume() is None
    assert [a.status for a in session["a"].attempts] == ["failed", "succeeded"]


def test_an_interrupt_ends_the_waiting_between_two_tries(project):
    """The step is not tried again after it."""
    flaky(project, 99)
    step = {"retry": {**POLICY, "backoff": 60}, "outputs": ["out"]}
    session = project.session(project.pipeline({"flaky": step}))
    session.post("continue")
    wait_until(lambda: "again in" in session["flaky"].state.reason)
    session.post("interrupt")
    wait_until(lambda: session.status == "paused")
    assert session["flaky"].status is not StepStatus.RUNNING
    assert (project.path / "counter").read_text() == "1"


def test_a_package_does_not_come_by_waiting(project):
    """A script that cannot be imported is tried once, whatever the policy names."""
    project.script("a", "pass", head="import a_package_that_nobody_has\n\n\ndef main(**_):\n")
    session = project.session(project.pipeline({"a": {"retry": {**POLICY, "on": ["ImportError", "Exception"]}}}))
    assert session.resume().when == "preflight"
    assert session.resume().error.kind == "DependencyMissing"
    assert [attempt.attempt for attempt in session["a"].attempts] == [1]
