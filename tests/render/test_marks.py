"""Arrows at which rows were lost: which arrow, how it looks, what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cursus_rt_notebook.engine.state import Loss, RunState
from cursus_rt_notebook.render import dag, png, scene, show, status
from cursus_rt_notebook.render.geometry import LABEL_WIDTH
from cursus_rt_notebook.render.panel import view
from cursus_rt_notebook.render.shapes import Shape, Text, text_width
from cursus_rt_notebook.render.states import PALETTE
from tests.render import flights
from tests.render.fakes import Pause
from tests.render.hostile import EVERY


def lost(port: str, fewer: int = 67_355, channel: str | None = None, came: str = "weather") -> Loss:
    return Loss(port, channel, 269_421, 269_421 + fewer, came, 336_776, 0.97, "run-1", 1.7e9)


def with_losses(**losses: tuple[Loss, ...]) -> RunState:
    """The pause after preprocess, where these steps lost rows."""
    state = flights.paused()
    return replace(state, steps={n: replace(s, losses=losses.get(n, ())) for n, s in state.steps.items()})


def drawn(state: RunState) -> scene.Scene:
    return scene.scene(flights.pipeline(), dag.layout(flights.pipeline()), state)


def texts(mark) -> list[str]:
    return [item.text for item in mark.items if isinstance(item, Text)]


def test_the_arrow_that_leaves_the_step_is_marked():
    """By colour, shape and words, in the place of the plain one; each arrow that the table goes along."""
    plain, picture = (
        drawn(flights.paused()),
        drawn(with_losses(preprocess=(lost("processed_data"), lost("calibration", 9)))),
    )
    assert len(picture.marks) == 2
    assert len(plain.edges) > len(picture.edges)
    first, second = picture.marks
    assert (first.step, first.port, texts(first)) == ("preprocess", "processed_data", ["67,355 fewer", "than before"])
    assert (second.port, texts(second)) == ("calibration", ["9 fewer", "than before"])
    shapes = [item for item in first.items if isinstance(item, Shape)]
    assert {shape.stroke or shape.fill for shape in shapes} == {"pause"}
    assert [shape.part for shape in shapes] == ["lost", "wire", "tip", "glyph"]
    assert first.label == "preprocess: 67,355 rows fewer than before in processed_data"


def test_a_table_that_goes_along_two_arrows_marks_both():
    """Whoever reads it has fewer rows."""
    assert [mark.port for mark in drawn(with_losses(extract=(lost("flights"),))).marks] == ["flights"] * 2


def test_where_no_step_reads_the_table_the_arrow_that_enters_is_marked():
    """The one by which the input came that it is measured by; said of the step that lost the rows."""
    picture = drawn(with_losses(report=(lost("page", came="curve"),)))
    [mark] = picture.marks
    assert (mark.step, mark.port) == ("report", "page")
    box = next(node.box for node in picture.nodes if node.step == "report")
    assert mark.box[1] < box[1]
    # What leaves the step is enough: the way in is not marked, too.
    assert len(drawn(with_losses(preprocess=(lost("processed_data"), lost("rejects", channel="cancelled")))).marks) == 1


def test_a_step_without_arrows_marks_none():
    """Its page and the findings say it all the same."""
    assert drawn(with_losses(extract=(lost("nothing_like_it", came=""),))).marks == ()


@pytest.mark.parametrize("fewer", [1, 999, 67_355, 12_345_678, 10**12])
def test_the_words_fit_beside_their_arrow(fewer):
    """However many rows there are."""
    [mark] = drawn(with_losses(impute=(lost("imputed_data", fewer),))).marks
    x, _, width, _ = mark.box
    assert width <= LABEL_WIDTH
    for item in mark.items:
        if isinstance(item, Text):
            assert item.at[0] + text_width(item.text, item.size, bold=item.bold) <= x + width


def test_what_did_not_change_is_the_same_object():
    """A front end draws anew only what has changed."""
    state = with_losses(impute=(lost("imputed_data"),))
    again = replace(state, elapsed=9.0)
    assert drawn(state).marks[0] is drawn(again).marks[0]


def test_a_saved_pause_shows_them():
    """In the picture, in its page and in a terminal, wherever the run stands."""
    state = with_losses(preprocess=(), impute=(), extract=(lost("flights", came=""),))
    pipeline = flights.pipeline()
    assert png.draw(drawn(state))[0] != png.draw(drawn(flights.paused()))[0]
    page, text = show.as_html(Pause(state, pipeline)), show.as_text(Pause(state, pipeline))
    for told in (page, text):
        assert "67,355 rows fewer than before in flights" in told
    assert [finding.step for finding in status.lost_elsewhere(state)] == ["extract"]
    svg = str(dag.svg(pipeline, state))
    assert svg.count("crt-lost") == 4  # two marks, each with the ground of its words
    assert "extract: 67,355 rows fewer than before in flights" in svg


def test_a_front_end_gets_where_a_press_leads():
    """Step, port and channel, and what a screen reader says."""
    told = view.graph_view(with_losses(impute=(lost("imputed_data", channel="val"),)), flights.pipeline())["marks"]
    [mark] = told
    assert (mark["step"], mark["port"], mark["channel"]) == ("impute", "imputed_data", "val")
    assert mark["label"] == "impute: 67,355 rows fewer than before in imputed_data/val"
    used = {colour for item in mark["items"] for key in ("fill", "stroke", "colour") if (colour := item.get(key))}
    assert used <= set(PALETTE)


@pytest.mark.parametrize("name", EVERY)
def test_hostile_names_are_only_text(name):
    """In what is said of a loss."""
    state = with_losses(preprocess=(lost("processed_data", channel=name),))
    [mark] = drawn(state).marks
    assert "\n" not in mark.label
    assert "<script" not in str(dag.svg(flights.pipeline(), state))
