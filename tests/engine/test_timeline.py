"""The timeline of a real run."""

from __future__ import annotations

from tests.conftest import wait_until


def test_a_run_with_retries_shows_each_attempt(project):
    """In the picture, in the text and as a table, each where it was; the same after the end of the run."""
    project.script("make", 'import time; time.sleep(0.2)\nwrite("out", "t.csv", "n\\n1\\n")')
    tried = project.path / "tried"
    project.script(
        "flaky",
        f"""
        import time
        time.sleep(0.1)
        path = Path({str(tried)!r})
        if not path.exists():
            path.touch()
            raise ConnectionError("not yet")
        read("data")
        """,
    )
    flaky = {"inputs": {"data": "make.out"}, "retry": {"attempts": 2, "backoff": 0.2}}
    session = project.session(project.pipeline({"make": {"outputs": ["out"]}, "flaky": flaky}))
    assert session.resume() is None
    shown = session.timeline()
    (earlier,) = shown.tried["flaky"]
    assert earlier.status == "failed"
    assert earlier.seconds >= 0.1
    newest = session["flaky"].state
    assert newest.began >= earlier.began + earlier.seconds + 0.2
    assert session["make"].state.began + session["make"].state.seconds <= earlier.began
    table = shown.to_dataframe()
    assert table["step"].tolist() == ["make", "flaky", "flaky"]
    assert table["attempt"].tolist() == [1, 1, 2]
    assert table["status"].tolist() == ["done", "failed", "done"]
    assert {"cpu_seconds", "memory", "read_bytes", "written_bytes"} <= set(table.columns)
    assert "░" in repr(shown)
    assert len(shown.figure.axes) in {1, 2}  # of a step as short as these, memory may not have been read
    assert "What each step took" in shown._repr_html_()


def test_a_run_that_moves_is_shown_as_it_stands(project):
    """A running step's bar ends where it was looked at."""
    gate = project.path / "gate"
    project.script("a", f"while not Path({str(gate)!r}).exists():\n    pass")
    session = project.session(project.pipeline({"a": {}}))
    session.post("continue")
    wait_until(lambda: session["a"].state.attempt == 1)
    assert "▶" in repr(session.timeline())
    gate.touch()
    assert session.wait() is None
    assert "✓" in repr(session.timeline())


def test_a_session_that_was_closed_still_has_its_timeline(project):
    """Of what it knows itself; the journal is closed with it."""
    session = project.session(project.chain("a", "b"))
    session.resume()
    session.close()
    assert list(session.timeline().to_dataframe()["step"]) == ["a", "b"]
