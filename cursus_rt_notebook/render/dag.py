"""The graph: where dot (or, without it, a simple layout of ours) puts the boxes, and the pictures drawn from that.

The only module that runs dot. No text of the user's ever reaches it: steps are n0, n1, ..., labels are empty room.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.render.geometry import (
    LABEL_HEIGHT,
    LABEL_WIDTH,
    MARGIN,
    MARGIN_Y,
    Arrow,
    Layout,
    Point,
    Structure,
    structure,
)
from cursus_rt_notebook.render.labels import labels
from cursus_rt_notebook.render.layered import layered

if TYPE_CHECKING:
    from cursus_rt_notebook.engine.state import RunState
    from cursus_rt_notebook.pipeline.model import Pipeline
    from cursus_rt_notebook.render.html import Markup

_POINTS_PER_INCH = 72.0
_ROOM = (
    f'<<table border="0" cellborder="0" cellpadding="0" cellspacing="0"><tr><td fixedsize="true" '
    f'width="{LABEL_WIDTH:.0f}" height="{LABEL_HEIGHT:.0f}"></td></tr></table>>'
)


def layout(pipeline: Pipeline) -> Layout:
    """Where everything lies; made once for each structure, whatever the states are."""
    written = labels(tuple(pipeline.order))
    # Boxes of one size need not be told: pipelines whose names differ share a layout.
    sizes = () if written.size is None else tuple(map(written.box, pipeline.order))
    return place(structure(pipeline, sizes))


def svg(pipeline: Pipeline, state: RunState, *, selected: str | None = None) -> Markup:
    """The graph as it stands, in the colours of the page's theme."""
    from cursus_rt_notebook.render import scene, svg

    return svg.draw(scene.scene(pipeline, layout(pipeline), state, selected=selected))


def png(pipeline: Pipeline, state: RunState) -> tuple[bytes, int, int] | None:
    """The graph as a picture that reads on white and on black, and its width and height on the page.

    None for a graph of more steps than a picture can show: the list of steps stands for it.
    """
    from cursus_rt_notebook.render import png, scene

    if len(pipeline.steps) > settings.PICTURE_STEPS:
        return None
    return png.draw(scene.scene(pipeline, layout(pipeline), state))


@lru_cache(maxsize=64)
def place(graph: Structure) -> Layout:
    """Where the boxes and arrows of any graph lie."""
    if not 0 < len(graph.wires) <= settings.DOT_EDGES:
        return layered(graph)
    try:
        return _read(_run(_source(graph)), graph)
    # Whatever is wrong with dot, a graph of our own making is better than none.
    except (OSError, ValueError, LookupError, subprocess.SubprocessError):
        return layered(graph)


def _source(graph: Structure) -> str:
    import graphviz

    dot = graphviz.Digraph(
        graph_attr={"nodesep": "0.3", "ranksep": "0.24", "pad": "0"},
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"arrowsize": "0.7"},
    )
    for i in range(graph.steps):
        width, height = graph.size(i)
        dot.node(f"n{i}", width=f"{width / _POINTS_PER_INCH:.4f}", height=f"{height / _POINTS_PER_INCH:.4f}")
    for tail, head, data in graph.wires:
        dot.edge(f"n{tail}", f"n{head}", **({"label": _ROOM} if data else {}))
    return str(dot.source)


def _run(source: str) -> str:
    process = subprocess.Popen(  # noqa: S603  dot from our own wheel; the user's text never reaches it
        [_dot(), "-Tjson0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        answer, _ = process.communicate(source, timeout=settings.DOT_TIMEOUT)
    finally:
        # A wrapper script's children hold the pipe open: all of its session ends.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "dot")
    return answer


def _dot() -> str:
    # The kernel's PATH may lack the environment's bin folder; the wheel's own list of files does not.
    with contextlib.suppress(metadata.PackageNotFoundError):
        wheel = metadata.distribution("graphviz-pure")
        for file in wheel.files or ():
            if file.name == "graphviz-pure":
                return str(Path(str(wheel.locate_file(file))).resolve())
    found = shutil.which("dot")
    if found is None:
        raise FileNotFoundError("dot")
    return found


def _read(answer: str, graph: Structure) -> Layout:
    drawn: dict[str, Any] = json.loads(answer)
    _, _, width, height = (float(n) for n in drawn["bb"].split(","))
    place = {node["name"]: _point(node["pos"], height) for node in drawn["objects"]}
    edges = {(edge["tail"], edge["head"]): edge for edge in drawn["edges"]}
    number = {node["name"]: node["_gvid"] for node in drawn["objects"]}
    arrows = tuple(_arrow(edges[number[f"n{t}"], number[f"n{h}"]], height) for t, h, _ in graph.wires)
    centres = tuple(place[f"n{i}"] for i in range(graph.steps))
    return Layout(width + 2 * MARGIN, height + 2 * MARGIN_Y, centres, arrows)


def _arrow(edge: dict[str, Any], height: float) -> Arrow:
    end, *rest = edge["pos"].removeprefix("e,").split()
    label = edge.get("lp")
    x, y = _point(label, height) if label else (0.0, 0.0)
    return Arrow(
        curve=tuple(_point(p, height) for p in rest),
        tip=_point(end, height),
        label=(x - LABEL_WIDTH / 2 + 4, y) if label else None,
    )


def _point(text: str, height: float) -> Point:
    x, y = text.split(",")
    return float(x) + MARGIN, height - float(y) + MARGIN_Y
