"""The one door upstairs: objects of lower rooms show themselves by calling it, and it alone finds the upper rooms.

Nothing above is imported until something is shown.
"""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from typing import Any


def as_text(thing: Any) -> str:
    """How `thing` (session, pause, step, artifact, result) reads in a terminal."""
    return import_module("cursus_rt_notebook.render.show").as_text(thing)


def as_html(thing: Any) -> str:
    """How `thing` reads in a notebook, trusted or not: static, escaped HTML."""
    return import_module("cursus_rt_notebook.render.show").as_html(thing)


class Shown:
    """Gives a class its text, its HTML, and (for what has a graph) the picture before it."""

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


class ShownWithGraph(Shown):
    """Shows itself as two outputs: the graph as a PNG, which every reader of a notebook keeps, then HTML."""

    def _ipython_display_(self) -> None:
        import_module("cursus_rt_notebook.notebook.show").show_with_graph(self)


def timeline_figure(timeline: Any) -> Any:
    """The timeline of a run as a matplotlib Figure."""
    return import_module("cursus_rt_notebook.render.gantt").figure(timeline)


def live_line() -> Any:
    """The line of progress for whoever waits: in a notebook, on a terminal, or nowhere.

    `with live_line() as line: line.update(state)`, or `line.say(text)`, by the thread that waits.
    """
    return import_module("cursus_rt_notebook.notebook.progress").live_line()


def show(thing: Any) -> None:
    """Show `thing` where the user is: in a notebook as its output, elsewhere as text beside what programs read."""
    if in_kernel():
        sys.modules["IPython"].display.display(thing)
    else:
        sys.stderr.write(f"{as_text(thing)}\n")


def open_panel(session: Any) -> Any:
    """The panel of a session, to be shown by a notebook."""
    return import_module("cursus_rt_notebook.notebook.panel").open_panel(session)


def expect_panel(session: Any) -> None:
    """In a notebook, get ready in the background what a panel of this session needs: it is to be there at once."""
    if in_kernel():
        module = "cursus_rt_notebook.notebook.panel"
        threading.Thread(
            target=lambda: import_module(module).prepare(session), name="cursus-ready", daemon=True
        ).start()


def in_kernel() -> bool:
    """Whether this is a Jupyter kernel: something on the other side shows HTML and pictures."""
    # Whoever runs in a kernel has IPython loaded; nobody else should pay for it here.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None
