"""What a front end reads from a session, and the commands that it gives."""

from __future__ import annotations

import threading

import pytest

from cursus_rt_notebook import display
from cursus_rt_notebook.engine import driver
from cursus_rt_notebook.errors import BreakpointInvalid, CommandRefused
from cursus_rt_notebook.render.states import look_of
from tests.conftest import wait_until


def texts(session):
    return [(b.text, b.enabled) for b in session.breakpoints]


def test_a_step_tells_when_it_began_and_how_its_memory_went(project):
    """On the clock of the run; the curve is there while it runs, and afterwards."""
    project.script("a", "import time; time.sleep(0.7)")
    project.script("b", "pass")
    session = project.session(project.pipeline({"a": {"outputs": ["out"]}, "b": {"after": ["a"]}}))
    curves = []
    session.listen(lambda state: curves.append(state.steps["a"].memory_curve))
    session.resume()
    a, b = session["a"].state, session["b"].state
    assert 0 <= a.began < b.began  # the time that the run has moved for is another clock: it leaves out preflight
    assert b.began >= a.began + a.seconds
    assert a.memory_curve
    assert all(0 < seconds <= a.seconds and memory > 0 for seconds, memory in a.memory_curve)
    assert a.memory_curve[:1] in curves


def test_a_table_stands_beside_what_it_was_in_earlier_good_runs(project):
    """The last one's rows, and the range of the last five; a run that failed does not count."""
    pipeline = project.chain("a")
    tables = []
    for rows in (3, 5, None, 4):
        project.script("a", f'write("out", "t.csv", "n\\n" + "1\\n" * {rows})' if rows else "raise ValueError")
        session = project.session(pipeline)
        session.resume()
        tables += session["a"].state.tables
    assert [(t.rows, t.former, t.usual) for t in tables] == [(3, None, None), (5, 3, (3, 3)), (4, 5, (3, 5))]


def test_earlier_pauses_can_be_looked_at_again(project):
    """Oldest first, each as it stood when it was left."""
    session = project.session(project.chain("a", "b", "c"))
    for _ in range(3):
        session.step()
    assert [(p.number, p.step) for p in session.pauses] == [(1, "a"), (2, "b"), (3, "c")]
    first = session.pauses[0]
    assert str(first.state.steps["b"].status) == "waiting"
    assert first["out"].shape == (1, 1)
    assert [t.rows for t in first.state.steps["a"].tables] == [1]
    session.resume()
    assert [p.number for p in session.pauses] == [1, 2, 3]


def test_of_many_pauses_the_newest_are_kept(project, monkeypatch):
    """A session of a thousand steps does not grow for ever."""
    monkeypatch.setattr(driver, "PAUSES_KEPT", 2)
    session = project.session(project.chain("a", "b", "c"))
    for _ in range(3):
        session.step()
    assert [p.number for p in session.pauses] == [2, 3]


def test_breakpoints_are_set_switched_and_edited(project):
    """In their places in the list; one that is switched off stops nothing."""
    session = project.session(project.chain("a", "b", "c"), ["a", "b: rows < 1"])
    session.enable_breakpoint("a:after", enabled=False)
    session.add_breakpoint("c:before")
    session.replace_breakpoint("b: rows < 1", "b: rows < 99")
    assert texts(session) == [("a", False), ("b: rows < 99", True), ("c:before", True)]
    assert session.resume().step == "b"
    session.enable_breakpoint("c:before", enabled=False)
    assert session.resume() is None
    session = project.session(project.chain("a"), "a")
    session.set_breakpoints(["a:before"])
    session.replace_breakpoint("a:before", "a")
    assert texts(session) == [("a", True)]
    session.set_breakpoints(None)
    assert session.breakpoints == ()


def test_a_breakpoint_is_there_once(project):
    """Written another way it is the same, and the newest way of writing stands."""
    session = project.session(project.chain("a"), "a")
    session.add_breakpoint("a:after")
    assert texts(session) == [("a:after", True)]


def test_what_is_no_breakpoint_changes_none(project):
    """Neither a wrong condition nor one that is not there."""
    session = project.session(project.chain("a"), "a")
    for change in (lambda: session.replace_breakpoint("a", "a: rows <"), lambda: session.set_breakpoints(["a", "x"])):
        with pytest.raises(BreakpointInvalid):
            change()
    for change in (
        lambda: session.enable_breakpoint("a:before"),
        lambda: session.remove_breakpoint("a:before"),
        lambda: session.replace_breakpoint("a:before", "a"),
    ):
        with pytest.raises(CommandRefused, match="there are: a"):
            change()
    assert texts(session) == [("a", True)]


def test_edits_from_several_threads_all_count(project):
    """None of them works on a list that another has just changed."""
    names = [f"s{n}" for n in range(12)]
    session = project.session(project.chain(*names))
    threads = [threading.Thread(target=session.add_breakpoint, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {b.step for b in session.breakpoints} == set(names)


def test_steps_below_a_failure_say_what_they_need(project):
    """They wait, look left out, and stop saying so once the failed step is mended."""
    pipeline = project.chain("a", "b", "c")
    project.script("a", "raise ValueError")
    session = project.session(pipeline)
    session.resume()
    state = session.state
    assert {(str(s.status), s.reason, look_of(s, state)) for s in state.steps.values() if s.name != "a"} == {
        ("waiting", "needs a, which failed", "skipped")
    }
    assert "needs a" in repr(session)
    assert "needs a" in session._repr_html_()
    project.script("a", 'write("out", "t.csv", "step\\n")')
    session.step()
    assert {(str(s.status), s.reason) for s in session.state.steps.values()} == {("done", ""), ("waiting", "")}


def test_time_left_is_known_from_earlier_runs(project):
    """For waiting steps too; nothing is guessed before."""
    pipeline = project.chain("a", "b")
    session = project.session(pipeline)
    assert session.estimate_left() is None
    session.resume()
    assert session.estimate_left() == 0.0
    again = project.session(pipeline)
    took = [session[name].state.seconds for name in ("a", "b")]
    assert [again[name].state.estimate for name in ("a", "b")] == took
    assert again.estimate_left() == pytest.approx(sum(took))


def test_the_panel_is_opened_through_the_one_door(project, monkeypatch):
    """The engine knows no notebook."""
    monkeypatch.setattr(display, "open_panel", lambda session: ("panel of", session))
    session = project.session(project.chain("a"))
    assert session.panel() == ("panel of", session)


def test_news_of_a_table_that_is_no_longer_there_comes_too_late(project):
    """A step that ran again shows the sizes of what it wrote last."""
    session = project.session(project.chain("a"), "a")
    session.resume()
    project.script("a", 'write("out", "t.csv", "n\\n1\\n2\\n3\\n")')
    session.rerun("a")
    wait_until(lambda: [t.rows for t in session["a"].state.tables] == [3])
