"""Showing a thing with a graph: in a notebook as two outputs, elsewhere as text."""

from __future__ import annotations

import base64
import sys
from typing import Any

from cursus_rt_notebook.render import show


def in_kernel() -> bool:
    """Whether this is a Jupyter kernel: something on the other side shows HTML and pictures."""
    # Whoever runs in a kernel has IPython loaded; nobody else should pay for it here.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def show_with_graph(thing: Any) -> None:
    """Show the graph as a picture, then the page: the two outputs a saved notebook keeps, trusted or not."""
    if not in_kernel():
        print(show.as_text(thing))  # noqa: T201  what a terminal shows is the purpose
        return
    from IPython.display import publish_display_data

    picture = show.graph_png(thing)
    if picture is not None:
        data, width, height = picture
        size = {"width": width, "height": height, "alt": "the pipeline's graph; the list of steps below says the same"}
        publish_display_data({"image/png": base64.b64encode(data).decode()}, {"image/png": size})
    # A plain str: a page never looks like a path that IPython would read.
    publish_display_data({"text/html": str(show.as_html(thing)), "text/plain": show.short_text(thing)})
