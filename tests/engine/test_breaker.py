"""The circuit breaker: what fails again and again is left alone, until its time comes or the user says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cursus_rt_notebook.engine.breaker import Circuit, circuit_of, refusal
from cursus_rt_notebook.engine.state import Failure
from cursus_rt_notebook.errors import CircuitOpen
from cursus_rt_notebook.pipeline.model import Breaker
from tests.conftest import wait_until

BROKEN = Failure("StepFailed", "KeyError", "'x'", "a raised KeyError: 'x'")
BREAKER = {"failures": 2, "reset": 600}


def opened(failures: int = 2, reset: float = 600) -> Circuit:
    """A circuit whose step has failed as often as it may."""
    circuit = Circuit("key", Breaker(failures=failures, reset=reset))
    for _ in range(failures):
        circuit.note(BROKEN)
    return circuit


def let_pass(circuit: Circuit, seconds: float) -> None:
    """Let so much time pass for a circuit."""
    circuit._storage.opened_at -= timedelta(seconds=seconds)


def test_failures_in_a_row_open_it():
    """A success between them begins the count anew."""
    circuit = Circuit("key", Breaker(failures=2, reset=600))
    circuit.note(BROKEN)
    circuit.note(None)
    circuit.note(BROKEN)
    assert not circuit.is_open
    circuit.note(BROKEN)
    assert circuit.is_open
    assert 590 < circuit.retry_in <= 600


def test_after_its_time_one_trial_is_let_through():
    """If that fails it is open for as long again; if it succeeds it is closed."""
    circuit = opened()
    let_pass(circuit, 601)
    assert not circuit.is_open
    circuit.note(BROKEN)
    assert circuit.is_open
    assert circuit.failures == 3
    let_pass(circuit, 601)
    circuit.note(None)
    assert (circuit.is_open, circuit.failures) == (False, 0)
    circuit.note(BROKEN)
    assert not circuit.is_open


def test_the_user_may_have_it_tried_at_once():
    """One trial before its time."""
    circuit = opened()
    circuit.try_now()
    assert not circuit.is_open
    circuit.note(BROKEN)
    assert circuit.is_open


def test_another_key_or_policy_is_another_circuit():
    """An edited script or a changed input closes it, and so does a changed policy."""
    name = ("workspace", "pipeline", "step")
    policy = Breaker(failures=1, reset=600)
    circuit_of(name, "key", policy).note(BROKEN)
    assert circuit_of(name, "key", policy).is_open
    assert not circuit_of(name, "key", Breaker(failures=9)).is_open
    assert not circuit_of(name, "other", policy).is_open
    assert not circuit_of(("elsewhere", "pipeline", "step"), "key", policy).is_open
    assert circuit_of(name, "key", None) is None


def test_the_refusal_says_how_often_why_until_when_and_what_to_do():
    """And it keeps the frames of the last failure."""
    told = refusal("a", opened())
    assert told.kind == "CircuitOpen"
    assert "a failed 2 times in a row and is left alone for 600 s, until " in told.summary
    assert told.summary.endswith("a raised KeyError: 'x'")
    assert "session.rerun('a')" in told.advice
    assert told.facts["failures"] == 2
    assert 590 < told.facts["retry_in"] <= 600


def failing(project) -> dict:
    """A pipeline whose only step fails, and counts how often it ran."""
    project.script(
        "a", f"with open({str(project.path / 'ran')!r}, 'a') as file:\n    file.write('x')\nraise OSError('no')"
    )
    return project.pipeline({"a": {}}, circuit_breaker=BREAKER)


def ran(project) -> int:
    """How often it ran."""
    return len((project.path / "ran").read_text())


def test_a_step_that_always_fails_is_not_tried_any_more(project):
    """Not by a new session either; the error says why, and a rerun by hand is tried."""
    pipeline = failing(project)
    for _ in range(2):
        session = project.session(pipeline)
        assert session.resume().error.kind == "StepFailed"
    session = project.session(pipeline)
    pause = session.resume()
    assert (pause.error.kind, pause.error.title) == ("CircuitOpen", "circuit open")
    assert "failed 2 times in a row" in pause.error.summary
    assert "OSError: no" in pause.error.summary
    assert pause.error.frames
    assert ran(project) == 2
    assert session.resume() is None
    with pytest.raises(CircuitOpen, match="2 times in a row") as caught:
        session.raise_for_status()
    assert caught.value.failures == 2
    assert caught.value.category == "execution"
    session = project.session(pipeline)
    session.resume()
    assert session.rerun("a").error.title == "OSError"
    assert ran(project) == 3
    assert project.session(pipeline).resume().error.kind == "CircuitOpen"
    assert ran(project) == 3


def test_an_edited_script_closes_it(project):
    """What is new has not failed yet."""
    pipeline = failing(project)
    for _ in range(2):
        project.session(pipeline).resume()
    session = project.session(pipeline)
    assert session.resume().error.kind == "CircuitOpen"
    project.script("a", "pass")
    assert session.resume() is None
    assert session.status == "finished"


def test_a_retry_stops_when_it_opens(project):
    """The retry that it cut short ends with it; the tries that were made are on record."""
    pipeline = failing(project) | {"retry": {"attempts": 5, "backoff": 0, "on": ["OSError"]}}
    session = project.session(pipeline)
    assert session.resume().error.kind == "CircuitOpen"
    assert ran(project) == 2
    assert [a.attempt for a in session["a"].attempts] == [1, 2]
    assert session["a"].state.attempt == 2


def test_an_interrupted_attempt_is_no_failure(project):
    """Nor does what never started count."""
    project.script("a", "import time; time.sleep(60)")
    pipeline = project.pipeline({"a": {"circuit_breaker": {"failures": 1, "reset": 600}}})
    session = project.session(pipeline)
    session.post("continue")
    wait_until(lambda: session["a"].state.attempt == 1)
    session.post("interrupt")
    wait_until(lambda: session.status == "paused")
    project.script("a", "import time; time.sleep(60)")
    session.post("continue")
    wait_until(lambda: session["a"].state.attempt == 2)
    session.post("stop")
    wait_until(lambda: session.status == "stopped")


def test_without_a_policy_every_session_tries_again(project):
    """There is no breaker where nothing is said."""
    pipeline = failing(project)
    del pipeline["circuit_breaker"]
    for times in range(1, 6):
        project.session(pipeline).resume()
        assert ran(project) == times
