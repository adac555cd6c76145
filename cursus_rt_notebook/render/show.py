"""How anything of ours shows itself: as text, as HTML, as a picture of its graph.

Things are told apart by the name of their class: to show text loads neither pandas nor matplotlib, nor the rooms
that a thing did not come from.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from typing import Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.engine.frontier import first_state
from cursus_rt_notebook.engine.spread import without_skipped
from cursus_rt_notebook.engine.state import RunState
from cursus_rt_notebook.engine.timeline import Timeline
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.render import dag, gantt, page, text
from cursus_rt_notebook.render.chars import cut_long, one_line

_NARROW, _WIDE = 60, 140


def as_text(thing: Any, columns: int | None = None) -> str:
    """How `thing` reads in a terminal, at most so many columns wide (default: the terminal's)."""
    columns = min(max(columns or shutil.get_terminal_size((100, 24)).columns, _NARROW), _WIDE)
    if isinstance(thing, Pipeline):
        return _joined(text.pipeline(thing, _waiting(thing), columns))
    write = _entry(text.TEXTS, thing)
    return _joined(write(thing, columns)) if write else object.__repr__(thing)


def as_html(thing: Any) -> str:
    """How `thing` reads in a notebook, trusted or not."""
    if isinstance(thing, Pipeline):
        return page.pipeline(thing, _waiting(thing))
    build = _entry(page.PAGES, thing)
    return build(thing) if build else page.plain(object.__repr__(thing))


def graph_png(thing: Any) -> tuple[bytes, int, int] | None:
    """The graph of a session, pause or pipeline as a picture, with its width and height on the page.

    None where there is no graph, or one too large to be seen. Of a timeline, its figure.
    """
    if isinstance(thing, Timeline):
        return gantt.picture(thing)
    if isinstance(thing, Pipeline):
        return dag.png(thing, _waiting(thing))
    state, pipeline = getattr(thing, "state", None), getattr(thing, "pipeline", None)
    if not isinstance(state, RunState) or not isinstance(pipeline, Pipeline):
        return None
    return dag.png(pipeline, state)


def alternative(thing: Any) -> str:
    """What stands for the picture where none is shown."""
    if isinstance(thing, Timeline):
        return "the timeline of the run; the table below says the same"
    return "the pipeline's graph; the list of steps below says the same"


def short_text(thing: Any) -> str:
    """The text that a notebook keeps beside the page, for readers that show neither HTML nor pictures."""
    whole = as_text(thing, 100).encode()
    if len(whole) <= settings.PAUSE_TEXT:
        return whole.decode()
    return cut_long(whole[: settings.PAUSE_TEXT - 100].decode(errors="ignore"), settings.PAUSE_TEXT) + "\n…"


def _joined(lines: Iterable[str]) -> str:
    # Whatever a line is made of: nothing in it commands the terminal.
    return "\n".join(map(one_line, lines))


def _entry(table: Mapping[str, Any], thing: Any) -> Any:
    # A list shows itself as what is in it: the runs of a workspace.
    cls = type(thing[0]) if isinstance(thing, (list, tuple)) and thing else type(thing)
    return next((table[base.__name__] for base in cls.__mro__ if base.__name__ in table), None)


def _waiting(pipeline: Pipeline) -> RunState:
    return without_skipped(first_state(pipeline, {}, run_id=""), pipeline)
