"""What the panel shows, as data."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from cursus_rt_notebook.engine.events import Go, Halt, Skip
from cursus_rt_notebook.engine.frontier import drawn
from cursus_rt_notebook.engine.state import PauseInfo, RunStatus, StepStatus, When
from cursus_rt_notebook.engine.transitions import advance
from cursus_rt_notebook.errors import CommandRefused
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.render.panel import view
from cursus_rt_notebook.render.show import _waiting


@pytest.fixture
def chain(project):
    """A pipeline of two steps, loaded."""
    return load_pipeline(project.chain("one", "two"))


def states(pipeline):
    """Runs in every status, their steps in every status."""
    for status, one, two in product(RunStatus, StepStatus, StepStatus):
        state = _waiting(pipeline)
        steps = {"one": replace(state.steps["one"], status=one), "two": replace(state.steps["two"], status=two)}
        pause = PauseInfo(1, "one", When.AFTER, "") if status is RunStatus.PAUSED else None
        yield drawn(replace(state, status=status, steps=steps, pause=pause, pauses=1), pipeline)


def taken(state, event, pipeline):
    """Whether the state machine takes a command."""
    try:
        advance(state, event, pipeline)
    except CommandRefused:
        return False
    return True


def test_a_button_is_enabled_only_where_its_command_is_taken(chain):
    """No button does nothing: what is enabled is what the state machine accepts."""
    tried = 0
    for state in states(chain):
        said = view.run_view(state, chain)
        for step in said["steps"]:
            for kind in ("run_to", "rerun"):
                if step["can"][kind]:
                    tried += 1
                    assert taken(state, Go(kind, step["name"]), chain), (state.status, step)
            if step["can"]["skip"]:
                assert taken(state, Skip(step["name"]), chain), (state.status, step)
        if said["can"]["continue"]:
            assert taken(state, Go("continue"), chain)
        if said["can"]["stop"]:
            assert taken(state, Halt(final=False), chain)
    assert tried > 100


def test_what_is_refused_is_disabled(chain):
    """The other way round, for the steps: a command that would be taken is offered."""
    for state in states(chain):
        for step in view.run_view(state, chain)["steps"]:
            refused = not taken(state, Go("rerun", step["name"]), chain)
            assert step["can"]["rerun"] != refused, (state.status, step)
            assert not (step["can"]["skip"] and not taken(state, Skip(step["name"]), chain))


def test_the_graph_is_shapes_and_texts_without_markup(chain):
    """Every item is a path or a line of text, in colours by name."""
    graph = view.graph_view(_waiting(chain), chain)
    items = [item for drawn in (*graph["edges"], *graph["nodes"].values()) for item in drawn["items"]]
    assert items
    assert all(("path" in item) != ("text" in item) for item in items)
    assert graph["wires"] == {"one": [], "two": ["one"]}


def test_a_node_that_did_not_change_is_the_very_same(chain):
    """What is told of 300 steps is made anew for the one that changed, not for all."""
    state = _waiting(chain)
    before = view.graph_view(state, chain)
    one = replace(state.steps["one"], status=StepStatus.DONE, seconds=1.0)
    after = view.graph_view(replace(state, steps={**state.steps, "one": one}), chain)
    assert after["nodes"]["two"] is before["nodes"]["two"]
    assert after["nodes"]["one"] != before["nodes"]["one"]
    left, top, width, height = after["nodes"]["one"]["box"]
    assert left > 0 < top
    assert width > height > 20
