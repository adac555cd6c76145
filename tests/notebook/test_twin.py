"""The static twin: what a saved notebook has beside the panel."""

from __future__ import annotations

import base64
import gc
import json
import threading
import weakref
from types import SimpleNamespace

import pytest

from cursus_rt_notebook.notebook.twin import Twin
from tests.conftest import wait_until


class Document:
    """A notebook's outputs: those with a display id are replaced by updates."""

    def __init__(self):
        self.outputs = {}
        self.updates = 0

    def publish(self, data, metadata=None, *, transient, update=False):
        """What the kernel is told to show."""
        assert update == (transient["display_id"] in self.outputs)
        self.updates += update
        self.outputs[transient["display_id"]] = data

    def shows(self, text):
        """Whether the page says this."""
        return any(text in data.get("text/html", "") for data in self.outputs.values())

    @property
    def pictures(self):
        """The pictures in it."""
        return [base64.b64decode(data["image/png"]) for data in self.outputs.values() if "image/png" in data]


@pytest.fixture
def document(monkeypatch):
    """The outputs of a kernel's notebook."""
    import IPython
    import IPython.display

    found = Document()
    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setattr(IPython.display, "publish_display_data", found.publish)
    return found


def test_u5_the_twin_follows_from_pause_to_pause_and_to_the_end(project, document):
    """U5: the two outputs are replaced at each pause with its tables, and at the end; 100 KB at most."""
    session = project.session(project.chain("one", "two"), ["one"])
    Twin(session).publish()
    assert len(document.outputs) == 2
    assert document.shows("small: Ready")
    session.resume()
    wait_until(lambda: document.shows("pause["))
    assert document.shows("Paused after one")
    assert document.pictures[0].startswith(b"\x89PNG")
    assert len(json.dumps(list(document.outputs.values()))) < 100_000
    session.resume()
    wait_until(lambda: document.shows("Finished"))
    assert len(document.outputs) == 2


def test_the_panels_style_finds_the_twin(project, document):
    """The page is in an element of its own, whose name the style sheet hides beside a living panel."""
    from cursus_rt_notebook.notebook import assets

    session = project.session(project.chain("one"))
    Twin(session).publish()
    wait_until(lambda: document.shows("waiting"))
    page = next(data["text/html"] for data in document.outputs.values() if "text/html" in data)
    assert page.startswith("<div class='crt-twin'><div class='crt'")
    assert ".crt-twin" in assets.styles()


def test_what_did_not_change_is_not_sent(project, document):
    """News that change nothing to be seen cost no output."""
    session = project.session(project.chain("one", "two"), ["one"])
    twin = Twin(session)
    twin.publish()
    session.resume()
    wait_until(lambda: document.shows("pause["))
    wait_until(lambda: not writers())
    sent = document.updates
    twin.refresh()
    assert document.updates == sent


def test_nothing_is_drawn_while_nobody_shows_it(project, document):
    """A session whose panel was never shown publishes nothing, and without a kernel there is nothing to publish to."""
    before = set(writers())
    session = project.session(project.chain("one"))
    Twin(session)
    session.resume()
    assert document.outputs == {}
    assert set(writers()) <= before


def test_without_a_kernel_nothing_is_published(project, capsys):
    """In plain Python a twin is silent."""
    session = project.session(project.chain("one"))
    Twin(session).publish()
    assert capsys.readouterr().out == ""


def test_the_twin_keeps_no_session_alive(project, document):
    """A session that is dropped ends its run, twin or not; no thread of the twin stays."""
    session = project.session(project.chain("one"))
    twin = Twin(session)
    twin.publish()
    wait_until(lambda: not writers())
    gone = weakref.ref(session)
    del session
    gc.collect()
    assert gone() is None
    twin.refresh()


def test_a_pipeline_too_large_for_a_picture_has_the_page_alone(project, document):
    """Above a hundred steps there is one output."""
    names = [f"s{i}" for i in range(101)]
    project.script("same", 'write("out", "t.csv", "a\\n")')
    steps = {name: {"script": "same.py", "outputs": ["out"]} for name in names}
    session = project.session(project.pipeline(steps))
    Twin(session).publish()
    assert [sorted(data) for data in document.outputs.values()] == [["text/html", "text/plain"]]


def writers():
    """The threads that write twins now."""
    return [thread for thread in threading.enumerate() if thread.name == "cursus-panel-twin"]
