"""The names of steps in the boxes of a graph: whole wherever two lines have room for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cursus_rt_notebook.engine.state import RunState, StepState, StepStatus
from cursus_rt_notebook.pipeline.model import Pipeline, Step
from cursus_rt_notebook.render import dag, png, scene
from cursus_rt_notebook.render.geometry import BOX_HEIGHT, BOX_WIDTH
from cursus_rt_notebook.render.labels import ASIDE, LINE, NAME_SIZE, labels
from cursus_rt_notebook.render.shapes import SMALLEST, Shape, Text, text_width
from tests.render import flights

PROJECT = ("FlightDataPreparing_training", "FlightDataPreparing_calibration", "DelayTraining", "Package")


def lines(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(line for line, _ in labels(names).lines(name))


def chain(names: tuple[str, ...]) -> Pipeline:
    """Steps that follow one another."""
    befores = zip((None, *names), names, strict=False)
    steps = {n: Step(name=n, script=Path("s.py"), after=(before,) if before else ()) for before, n in befores}
    return Pipeline(name="chain", steps=steps, source_dir=Path(), base_dir=Path(), origin="dict")


def test_short_names_leave_everything_as_it_is():
    """One line, boxes of the usual size: nothing of the layout is asked anew."""
    written = labels(tuple(flights.pipeline().order))
    assert (written.width, written.size) == (BOX_WIDTH, None)
    assert {written.box(name) for name in flights.pipeline().order} == {(BOX_WIDTH, BOX_HEIGHT)}


def test_a_long_name_is_whole_in_two_lines():
    """Broken where its words end; all names of the graph in one size, which is no smaller than what is read."""
    written = labels(PROJECT)
    assert lines(PROJECT, "FlightDataPreparing_training") == ("FlightDataPreparing", "training")
    assert lines(PROJECT, "Package") == ("Package",)
    assert {size for name in PROJECT for _, size in written.lines(name)} == {written.size}
    assert NAME_SIZE * SMALLEST <= written.size <= NAME_SIZE
    assert all(
        text_width(line, size, bold=True) <= written.room + 0.01 for n in PROJECT for line, size in written.lines(n)
    )
    assert written.box("Package") == (written.width, BOX_HEIGHT)
    assert written.box(PROJECT[0]) == (written.width, BOX_HEIGHT + LINE)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("collect_all_the_weather_of_2013", ("collect_all_the", "weather_of_2013")),
        ("collect-all-the-weather-of-2013", ("collect-all-the-", "weather-of-2013")),
        ("VeryCarefulPercentileCalibration_x", ("VeryCarefulPercentile", "Calibration_x")),
        ("__a_private__name_of_some_length__", ("__a_private__name", "of_some_length__")),
    ],
)
def test_where_a_name_is_broken(name, expected):
    """At the end of a word that leaves the lines alike; inside one only where nothing else helps. Doubled signs stay."""
    assert lines((name,), name) == expected


def test_a_name_that_even_two_lines_cannot_hold_is_cut():
    """In the middle, in both of them; boxes stay within their greatest width."""
    name = f"{'W' * 60}_{'x' * 60}"
    first, second = lines((name,), name)
    assert "…" in first
    assert "…" in second
    assert labels((name,)).width <= 188


def test_the_graph_draws_them_in_boxes_that_no_state_moves():
    """Each line is a text of its own under the other; layout and boxes are the same whatever became of the steps."""
    pipeline = chain(PROJECT)
    waiting = {name: StepState(name) for name in PROJECT}
    edited = {name: StepState(name, status=StepStatus.DONE, seconds=1.0, edited=True) for name in PROJECT}
    drawn = [scene.scene(pipeline, dag.layout(pipeline), RunState("1", "chain", steps)) for steps in (waiting, edited)]
    assert [node.box for node in drawn[0].nodes] == [node.box for node in drawn[1].nodes]
    for node in (node for one in drawn for node in one.nodes):
        x, y, width, height = node.box
        texts = [item for item in node.items if isinstance(item, Text)]
        tops = [text.at[1] for text in texts]
        assert tops == sorted(tops)
        assert y < tops[0]
        assert tops[-1] < y + height
        assert max(text.at[0] - x + text_width(text.text, text.size, bold=text.bold) for text in texts) <= width
        assert "".join(text.text for text in texts[:-1]) == node.step.replace("_", "")
        for pencil in (item for item in node.items if isinstance(item, Shape) and item.part == "edited"):
            assert x + ASIDE < pencil.at[0] < x + width
    assert png.draw(drawn[1])[1:] == (drawn[1].width, drawn[1].height)
