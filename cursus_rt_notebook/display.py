"""The one door upstairs: objects of lower rooms show themselves by calling it, and it alone finds the upper rooms.

Nothing above is imported until something is shown.
"""

from __future__ import annotations

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


def live_line() -> Any:
    """The line of progress for whoever waits: in a notebook, on a terminal, or nowhere.

    `with live_line() as line: line.update(state)`, by the thread that waits.
    """
    return import_module("cursus_rt_notebook.notebook.progress").live_line()
