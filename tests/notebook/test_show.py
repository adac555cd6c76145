"""Two outputs in a kernel, text elsewhere."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace

import pytest

from cursus_rt_notebook.notebook import show
from tests.render import fakes, flights

PAUSE = fakes.Pause(flights.paused(), flights.pipeline(), outputs=fakes.flights_outputs())


@pytest.fixture
def published(monkeypatch):
    """What was published in a kernel."""
    import IPython
    import IPython.display

    outputs = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setattr(
        IPython.display, "publish_display_data", lambda data, metadata=None: outputs.append((data, metadata))
    )
    return outputs


def test_a_pause_in_a_kernel_is_a_picture_and_a_page(published):
    """The picture has its size on the page, the page its text beside it."""
    show.show_with_graph(PAUSE)
    (picture, size), (page, _) = published
    assert base64.b64decode(picture["image/png"]).startswith(b"\x89PNG")
    assert (size["image/png"]["width"], size["image/png"]["height"]) == (489, 562)
    assert "Paused after preprocess" in page["text/html"]
    assert "Paused after preprocess" in page["text/plain"]
    assert type(page["text/html"]) is str


def test_U5_a_pause_adds_at_most_100_kb_to_a_notebook(published):
    """U5: as JSON, picture, page and text together."""
    show.show_with_graph(PAUSE)
    assert len(json.dumps([data for data, _ in published]).encode()) < 100_000


def test_a_graph_too_large_for_a_picture_is_a_page_alone(published):
    """Above a hundred steps there is one output."""
    from tests.render.test_dag import chain

    pipeline, state = chain([f"s{i}" for i in range(101)])
    show.show_with_graph(fakes.InteractiveExecutionResult(state, pipeline))
    assert [list(data) for data, _ in published] == [["text/html", "text/plain"]]


def test_U4_without_a_kernel_a_pause_is_text(capsys):
    """U4: in plain Python and in a terminal's IPython the same is printed."""
    show.show_with_graph(PAUSE)
    assert "Paused after preprocess" in capsys.readouterr().out


def test_a_terminals_ipython_is_no_kernel(monkeypatch):
    """A shell without a kernel shows text."""
    import IPython

    monkeypatch.setattr(IPython, "get_ipython", SimpleNamespace)
    assert not show.in_kernel()
