"""Showing a thing with a graph: in a notebook as two outputs, elsewhere as text."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from cursus_rt_notebook.display import in_kernel
from cursus_rt_notebook.render import show

Json = dict[str, Any]


def show_with_graph(thing: Any) -> None:
    """Show the graph as a picture, then the page: the two outputs a saved notebook keeps, trusted or not."""
    if not in_kernel():
        print(show.as_text(thing))  # noqa: T201  what a terminal shows is the purpose
        return
    from IPython.display import publish_display_data

    picture = picture_output(thing)
    if picture is not None:
        publish_display_data(*picture)
    publish_display_data(page_output(thing))


def picture_output(thing: Any) -> tuple[Json, Json] | None:
    """The graph as a notebook keeps it: data and metadata by media type; None where there is no picture."""
    picture = show.graph_png(thing)
    if picture is None:
        return None
    data, width, height = picture
    size = {"width": width, "height": height, "alt": show.alternative(thing)}
    return {"image/png": base64.b64encode(data).decode()}, {"image/png": size}


def page_output(thing: Any, wrap: Callable[[str], str] = str) -> Json:
    """The page as a notebook keeps it, with text for readers that show no HTML; `wrap` puts something around it."""
    # A plain str: a page never looks like a path that IPython would read.
    return {"text/html": str(wrap(show.as_html(thing))), "text/plain": show.short_text(thing)}
