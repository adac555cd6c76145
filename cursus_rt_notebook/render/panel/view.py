"""What the panel shows of a run, as plain data for the front end: words and shapes, no markup.

Every decision about what is said or possible is taken here; the front end only lays it out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cursus_rt_notebook.engine.state import (
    SETTLED,
    Breakpoint,
    RunState,
    RunStatus,
    StepState,
    StepStatus,
    When,
)
from cursus_rt_notebook.engine.transitions import ENDED
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.render import dag, scene, status
from cursus_rt_notebook.render.links import Link
from cursus_rt_notebook.render.marks import Mark
from cursus_rt_notebook.render.same import Same
from cursus_rt_notebook.render.shapes import Shape, Text
from cursus_rt_notebook.render.states import STATES, look_of

Json = dict[str, Any]


def run_view(state: RunState, pipeline: Pipeline) -> Json:
    """The run as a whole: the pill, the progress, what is possible, and every step in a few words."""
    look, text = status.pill(state)
    done, measures, counts = status.progress_parts(state, pipeline)
    return {
        "pipeline": pipeline.name,
        "run": state.run_id,
        "status": str(state.status),
        "moving": state.status is RunStatus.RUNNING,
        "ended": state.status in ENDED,
        "pause": state.pause.number if state.pause else None,
        "at": state.pause.step if state.pause else None,
        "reason": state.pause.reason if state.pause else "",
        "when": str(state.pause.when) if state.pause else None,
        "pauses": state.pauses,
        "pill": {"look": look, "text": text},
        "done": done,
        "facts": list(measures),
        "counts": counts,
        "next": list(state.next_steps),
        "steps": [_step(state.steps[name], state) for name in pipeline.order],
        "breakpoints": [_breakpoint(b) for b in state.breakpoints],
        "can": _run_can(state),
    }


def graph_view(state: RunState, pipeline: Pipeline) -> Json:
    """The graph as shapes and texts, node by node, as `scene` describes it; the arrows at which rows were lost apart."""
    drawn = scene.scene(pipeline, dag.layout(pipeline), state)
    return {
        "width": drawn.width,
        "height": drawn.height,
        "label": drawn.label,
        "edges": [edge_view(edge) for edge in drawn.edges],
        "marks": [mark_view(mark) for mark in drawn.marks],
        "nodes": {node.step: node_view(node) for node in drawn.nodes},
        "wires": {name: list(pipeline.steps[name].needs) for name in pipeline.order},
    }


def node_view(node: scene.Node) -> Json:
    """One box: `look`, what a screen reader says, where it is, and its shapes and texts."""
    return _node_view(Same(node))


# A state differs from the one before in a few steps: the others' nodes are the same objects, and so is what they say.
@lru_cache(maxsize=4096)
def _node_view(same: Same[scene.Node]) -> Json:
    node = same.value
    said = {"look": node.look, "title": node.title, "label": node.label, "box": node.box}
    return {**said, "items": [item_view(item) for item in node.items]}


def edge_view(edge: scene.Edge) -> Json:
    """An arrow: its shapes and texts, and `link`, which ports it stands for, where data flows along it."""
    return {"items": [item_view(item) for item in edge.items], "link": link_view(edge.link)}


def link_view(link: Link | None) -> Json | None:
    """Which outputs of one step feed which inputs of another: `tail`, `head`, and a pair for each input."""
    if link is None:
        return None
    pairs = [dict(vars(pair)) for pair in link.pairs]
    return {"tail": link.tail, "head": link.head, "label": link.label, "pairs": pairs}


def mark_view(mark: Mark) -> Json:
    """An arrow at which rows were lost: where a press on it leads, what a screen reader says, its shapes and texts."""
    said = {"step": mark.step, "port": mark.port, "channel": mark.channel, "label": mark.label, "box": mark.box}
    return {**said, "items": [item_view(item) for item in mark.items], "link": link_view(mark.link)}


def item_view(item: Shape | Text) -> Json:
    """A shape (it has a `path`, seen from `at`) or a line of text, without what is as usual."""
    return _item_view(Same(item))


@lru_cache(maxsize=16384)
def _item_view(same: Same[Shape | Text]) -> Json:
    item = same.value
    said = {key: value for key, value in vars(item).items() if value not in (False, None, "")}
    if item.at == (0.0, 0.0):
        del said["at"]
    return said


def _step(step: StepState, state: RunState) -> Json:
    key = look_of(step, state)
    return {
        "name": step.name,
        "look": key,
        "word": STATES[key].word,
        "status": str(step.status),
        "under": status.under_name(step),
        "share": status.done_share(step),
        "can": _step_can(step, state),
    }


def _breakpoint(breakpoint_: Breakpoint) -> Json:
    condition = breakpoint_.condition
    return {
        "text": breakpoint_.text,
        "step": breakpoint_.step,
        "when": "before" if breakpoint_.when is When.BEFORE else "after",
        "condition": condition if condition is None or isinstance(condition, str) else breakpoint_.text,
        "editable": condition is None or isinstance(condition, str),
        "enabled": breakpoint_.enabled,
    }


def _run_can(state: RunState) -> Json:
    idle = state.status in {RunStatus.READY, RunStatus.PAUSED}
    more = idle and bool(state.next_steps)
    return {
        # At a failure continuing tries it again, or ends the run; after the last step it ends the run.
        "continue": idle,
        "step": more or (idle and bool(state.having(StepStatus.FAILED))),
        "stop": state.status is RunStatus.RUNNING,
        "back": state.pauses > 1 or (state.pauses == 1 and state.pause is None),
    }


def _step_can(step: StepState, state: RunState) -> Json:
    idle = state.status in {RunStatus.READY, RunStatus.PAUSED}
    unfinished = step.status not in SETTLED and step.status is not StepStatus.SKIPPED
    return {
        "run_to": idle and unfinished and step.status is not StepStatus.FAILED,
        "rerun": idle,
        "skip": state.status not in ENDED and step.status not in SETTLED and step.status is not StepStatus.RUNNING,
    }
