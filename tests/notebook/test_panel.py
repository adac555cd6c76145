"""The panel without a browser: what it hears, what it tells, and what it leaves to the session."""

from __future__ import annotations

import json
import threading

import pytest

from cursus_rt_notebook.notebook import controls
from cursus_rt_notebook.notebook.panel import open_panel
from tests.conftest import wait_until


class Heard(list):
    """What a panel sent, in order."""

    def answer(self, number):
        """The answer to a question, once it is there."""
        wait_until(lambda: any(m.get("id") == number for m in self), told=lambda: self)
        return next(m for m in self if m.get("id") == number)


@pytest.fixture
def watched(project, monkeypatch):
    """A session of three steps with a breakpoint, its panel, and what the panel sends."""
    session = project.session(project.chain("one", "two", "three"), ["two"])
    panel = open_panel(session)
    sent = Heard()
    monkeypatch.setattr(panel, "send", lambda content, buffers=None: sent.append(content))
    return session, panel, sent


def ask(panel, number, what, **args):
    panel._hear(panel, {"id": number, "ask": what, "with": args}, [])


def test_a_session_has_one_panel(project):
    """Shown twice, it is the same widget with two views."""
    session = project.session(project.chain("one"))
    assert session.panel() is session.panel()
    assert session.panel() is open_panel(session)


def test_the_first_paint_waits_for_nothing(watched):
    """The widget comes with the run and its graph."""
    session, panel, _ = watched
    assert panel.first["run"]["pill"] == {"look": "waiting", "text": "Ready"}
    assert list(panel.first["graph"]["nodes"]) == ["one", "two", "three"]
    assert json.dumps(panel.first)
    assert "three" in repr(panel)
    assert session.status == "ready"


def test_a_press_is_heard_before_it_is_carried_out(watched):
    """The first thing that is sent is that it was heard; the run moves without anybody waiting."""
    session, panel, sent = watched
    ask(panel, "a", "command", name="continue", pause=None)
    assert sent[0] == {"heard": "a"}
    assert sent.answer("a") == {"id": "a", "answer": None}
    pause = session.wait()
    assert pause.step == "two"
    wait_until(lambda: any(m.get("run", {}).get("pause") == 1 for m in sent))


def test_news_tell_only_the_nodes_that_changed(watched):
    """A graph of many steps is not sent anew for one of them."""
    session, _, sent = watched
    session.step()
    wait_until(lambda: any(m.get("run", {}).get("pause") == 1 for m in sent))
    nodes = [name for m in sent for name in m.get("nodes", {})]
    assert "one" in nodes
    assert "three" not in nodes


def test_a_new_view_is_told_what_changed_since_the_first_paint(watched):
    """Views of any age show the same then: also what has become again what it was."""
    session, panel, sent = watched
    session.step()
    wait_until(lambda: any(m.get("run", {}).get("pause") == 1 for m in sent))
    ask(panel, "a", "news")
    assert sent.answer("a")["answer"] is None
    assert [list(m["nodes"]) for m in sent if "nodes" in m][-1] == ["one", "two"]
    panel._graph = {**panel._graph, "nodes": {**panel._graph["nodes"], "three": {"look": "done"}}}
    ask(panel, "b", "news")
    sent.answer("b")
    assert [m["nodes"]["three"]["look"] for m in sent if "three" in m.get("nodes", {})] == ["waiting"]


def test_r2_a_double_click_is_one_click(watched):
    """R2: of two presses for the same pause one is taken, the other is refused in words."""
    session, panel, sent = watched
    session.resume()
    for number in ("a", "b"):
        ask(panel, number, "command", name="step", pause=1)
    answers = [sent.answer("a"), sent.answer("b")]
    session.wait()
    assert sum("answer" in a for a in answers) == 1
    assert next(a for a in answers if "error" in a)["error"]["message"]
    assert session.state.steps["three"].status == "done"


def test_u1_stop_ends_the_step_that_runs(watched, project):
    """U1: the session pauses there and can go on; a press that comes too late ends nothing."""
    session, panel, sent = watched
    project.script("one", "import threading; threading.Event().wait()")
    ask(panel, "a", "command", name="continue")
    wait_until(lambda: session.state.steps["one"].status == "running")
    ask(panel, "b", "command", name="interrupt", pauses=0)
    pause = session.wait()
    assert (pause.step, pause.when) == ("one", "interrupted")
    ask(panel, "c", "command", name="interrupt", pauses=0)
    assert "ended since" in sent.answer("c")["error"]["message"]
    assert session.status == "paused"


def test_u2_a_fault_in_a_handler_is_told(watched, monkeypatch):
    """U2: what goes wrong while answering reaches the panel, never only a log."""
    _, panel, sent = watched
    monkeypatch.setitem(controls.COMMANDS, "command", lambda session, **told: 1 / 0)
    ask(panel, "a", "command", name="step")
    assert sent.answer("a")["error"]["message"] == "ZeroDivisionError: division by zero"
    ask(panel, "b", "no such thing")
    assert "no question" in sent.answer("b")["error"]["message"]


def test_an_earlier_pause_can_be_looked_at(watched):
    """Back shows the run as it stood then, and moves nothing."""
    session, panel, sent = watched
    session.resume()
    session.step()
    ask(panel, "a", "moment", at=1)
    past = sent.answer("a")["answer"]["run"]
    assert past["at"] == "two"
    assert [s["status"] for s in past["steps"]] == ["done", "done", "waiting"]
    assert session.pause.number == 2


def test_breakpoints_are_set_turned_off_and_removed(watched):
    """By their place in the list and their text: a list that has changed since is not touched."""
    session, panel, sent = watched
    ask(panel, "a", "add_breakpoint", text="three:before")
    sent.answer("a")
    assert [b.text for b in session.breakpoints] == ["two", "three:before"]
    ask(panel, "b", "enable_breakpoint", index=1, text="three:before", enabled=False)
    sent.answer("b")
    assert [b.enabled for b in session.breakpoints] == [True, False]
    ask(panel, "c", "remove_breakpoint", index=0, text="three:before")
    assert "changed since" in sent.answer("c")["error"]["message"]
    ask(panel, "d", "remove_breakpoint", index=0, text="two")
    sent.answer("d")
    assert [b.text for b in session.breakpoints] == ["three:before"]
    ask(panel, "e", "add_breakpoint", text="nowhere")
    assert "nowhere" in sent.answer("e")["error"]["message"]


def test_no_thread_of_the_panel_stays(watched):
    """The threads that answer and tell end with what they had to say."""
    session, panel, sent = watched
    ask(panel, "a", "news")
    sent.answer("a")
    session.resume()
    session.close()
    wait_until(lambda: not any(t.name.startswith("cursus-panel") for t in threading.enumerate()))
