"""The panel on hostile names without a browser: what it sends, and the Python that it offers."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import anywidget
import pytest

import cursus_rt_notebook
from cursus_rt_notebook.names import subscript
from cursus_rt_notebook.notebook import assets, inspector
from cursus_rt_notebook.notebook.panel import Panel, open_panel
from tests.render import hostile

STEP, PORT, CHANNEL = 'a"]; b.c \u202e#', 'p"] + "<b>', "c'h\u200b\""
FILE = b'caf\xe9\xff \\ ".txt'


@pytest.fixture
def finished(project):
    """A finished run whose names are hostile, one of a file's no UTF-8."""
    body = f"""
    folder = Path(output_paths[{PORT!r}]) / {CHANNEL!r}
    folder.mkdir(parents=True)
    (folder / "t.csv").write_text("a\\\\n1\\\\n")
    with open(os.fsencode(folder) + b"/" + {FILE!r}, "w") as file:
        file.write("inside")
    """
    project.script("make", body)
    project.script("use", 'raise ValueError("\\udcff")')
    steps = {
        STEP: {"script": "make.py", "outputs": {PORT: {"channels": [CHANNEL]}}},
        "__proto__": {"script": "use.py", "inputs": {"x": {"step": STEP, "port": PORT}}},
    }
    session = project.session(project.pipeline(steps))
    session.resume()
    session.wait()
    return session


def test_V2_the_panel_is_the_only_widget_and_shows_no_html():
    """V2: nothing here imports a widget that takes HTML; the panel's traits are our own script, our style, and data."""
    for path in Path(cursus_rt_notebook.__file__).parent.rglob("*.py"):
        imported = {
            module
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for module in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
        }
        assert not {name for name in imported if name.startswith("ipywidgets")}, path
        assert "anywidget" not in imported or path.name == "panel.py", path
    own = set(Panel.class_traits(sync=True)) - set(anywidget.AnyWidget.class_traits(sync=True))
    assert own == {"first"}
    assert (Panel._esm, Panel._css) == (assets.module(), assets.styles())


@pytest.mark.parametrize("text", hostile.EVERY, ids=lambda text: ascii(text[:20]))
def test_V7_a_subscript_means_its_text_and_hides_nothing(text):
    """V7: as Python it is a list of this one text, and all of it is seen."""
    written = subscript(text)
    assert ast.literal_eval(written) == [text]
    assert written.isprintable()
    assert written.startswith('["')


def test_V4_the_python_that_is_offered_is_python(finished):
    """V4: `Send to a cell` puts a line into the notebook that gives this data and nothing else, whatever the names."""
    scope = {"session": finished, "__builtins__": {}}
    whole = finished[STEP].outputs[PORT]
    read = finished["__proto__"].inputs["x"]
    for artifact in (
        whole,
        whole[CHANNEL],
        whole[CHANNEL]["t.csv"],
        whole[CHANNEL][FILE.decode(errors="surrogateescape")],
        read,
        read[CHANNEL],
    ):
        assert artifact.expression.isprintable()
        assert eval(artifact.expression, scope).path == artifact.path


def test_what_jupyter_would_not_bring_is_sent_as_text(finished, monkeypatch):
    """Half of a surrogate pair cannot be sent, and `__proto__` is lost as a key on the way: the JSON's text arrives."""
    sent = []
    monkeypatch.setattr(anywidget.AnyWidget, "send", lambda self, content, buffers=None: sent.append(content))
    panel = open_panel(finished)
    assert set(json.loads(panel.first["json"])["graph"]["nodes"]) == {STEP, "__proto__"}
    place = {"step": STEP, "side": "outputs", "port": PORT, "channel": CHANNEL}
    listed = inspector.answer(finished, "port_files", place)
    panel.send({"id": 1, "answer": listed})
    panel.send({"id": 2, "answer": "plain"})
    told = sent[0]["json"]
    assert told.isascii()
    assert sent[1] == {"id": 2, "answer": "plain"}
    files = [one["path"] for one in json.loads(told)["answer"]["files"]]
    shown = inspector.answer(
        finished, "preview", {**place, "file": next(name for name in files if name.startswith("caf"))}
    )
    assert shown["text"] == "inside"
