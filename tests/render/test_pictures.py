"""The graph as SVG and as PNG, from one scene."""

from __future__ import annotations

import io
import time
import warnings
from dataclasses import replace

import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.engine.state import Breakpoint, StepState, When
from cursus_rt_notebook.render import dag, scene
from cursus_rt_notebook.render.paths import commands, moved
from tests.render import flights
from tests.render.test_dag import chain

STATES = (flights.paused, flights.failed, flights.running, flights.every_state)


@pytest.mark.parametrize("state", STATES)
def test_a_png_is_small_sharp_and_transparent(state):
    """A graph of ten steps fits its share of a pause at twice its size on the page, and lies on any ground."""
    from PIL import Image

    picture = dag.png(flights.pipeline(), state())
    assert picture is not None
    data, width, height = picture
    image = Image.open(io.BytesIO(data))
    assert len(data) <= settings.PAUSE_PICTURE
    assert image.size == (2 * width, 2 * height)
    assert image.convert("RGBA").getpixel((0, 0))[3] == 0


def test_boxes_are_opaque_and_have_their_exact_colours():
    """The palette of a PNG keeps the tints: a running box is blue, a failed one red, on black as on white."""
    from PIL import Image

    layout = dag.layout(flights.pipeline())
    data, _, _ = dag.png(flights.pipeline(), flights.every_state())
    pixels = Image.open(io.BytesIO(data)).convert("RGBA")
    for step, colour in (("train", (231, 240, 251, 255)), ("encode", (253, 238, 237, 255)), ("report", (255,) * 4)):
        x, y = layout.centres[flights.pipeline().order.index(step)]
        assert pixels.getpixel((int(2 * (x + 60)), int(2 * (y - 15)))) == colour


def test_a_png_is_drawn_in_time():
    """After the imports a picture of ten steps takes less than 0.3 s of this thread, at its best of three."""
    dag.png(flights.pipeline(), flights.paused())
    took = []
    for _ in range(3):
        began = time.thread_time()
        dag.png(flights.pipeline(), flights.failed())
        took.append(time.thread_time() - began)
    assert min(took) < 0.3


def test_a_png_neither_reads_nor_changes_the_users_settings():
    """What the user set for plots of their own is not meant for ours, and stays as it is."""
    import matplotlib as mpl

    before = dag.png(flights.pipeline(), flights.paused())
    with mpl.rc_context({"text.usetex": True, "path.sketch": (5, 5, 5), "lines.linewidth": 9, "figure.dpi": 30}):
        kept = dict(mpl.rcParams)
        assert dag.png(flights.pipeline(), flights.paused()) == before
        assert dict(mpl.rcParams) == kept
    assert "matplotlib.pyplot" not in __import__("sys").modules or mpl.get_backend()


def test_V1_names_are_never_read_as_formulas_or_missed_glyphs():
    """V1: dollar signs are no mathematics, and a character without a glyph is a square, not a warning."""
    pipeline, state = chain(["$\\frac{", "漢字かな", "🙂" * 5, "\U0001f9ea", "$x$"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dag.png(pipeline, state)


def test_a_graph_too_large_for_the_limit_is_drawn_smaller():
    """A picture of a hundred steps keeps its size on the page and its limit in the file."""
    pipeline, state = chain([f"a_step_with_a_long_name_{i}" for i in range(settings.PICTURE_STEPS)])
    data, _, _ = dag.png(pipeline, state)
    assert len(data) <= settings.PAUSE_PICTURE


@pytest.mark.parametrize("name", ["x" * 10_000, "漢" * 10_000, "W" * 30, "i" * 40, "TabularPreprocessing_training"])
def test_a_name_never_leaves_its_box(name):
    """However long a name is, what is drawn fits the box, and the whole (within reason) is in its title."""
    shown, size = scene.fitted(name, 12.5, 116, bold=True)
    assert scene.text_width(shown, size, bold=True) <= 116
    assert size >= 10
    pipeline, state = chain([name])
    drawn = dag.svg(pipeline, state)
    assert f"<title>{name[:500]}</title>" in drawn
    assert len(drawn) < 8_000
    assert dag.layout(pipeline).width < 250


def test_matplotlib_draws_names_no_wider_than_we_think():
    """The estimate of a text's width is right for the font of the PNG, so that nothing is drawn over the box."""
    from matplotlib.textpath import TextPath

    from cursus_rt_notebook.render import png

    for name in ("join_weather", "preprocess", "TabularPreprocessing", "XGBoostTraining", "WWWWWW", "illicit", "e2_x1"):
        drawn = TextPath((0, 0), name, size=12.5, prop=png.font(bold=True)).get_extents().x1
        assert drawn <= scene.text_width(name, 12.5, bold=True) + 1


def test_an_svg_says_each_step_and_its_state():
    """To a screen reader the graph is its steps, each with its state in words."""
    drawn = dag.svg(flights.pipeline(), flights.every_state())
    assert "aria-label='encode, failed, KeyError'" in drawn
    assert "aria-label='train, running, 4.2 of ~7 s · 0.9 GB'" in drawn
    assert "data-step='report'" in drawn


def test_an_svg_takes_its_colours_from_the_page():
    """Colours are variables with the light theme's as fallback."""
    drawn = dag.svg(flights.pipeline(), flights.paused())
    assert "var(--crt-pausebg,#fff5df)" in drawn


def test_the_selected_step_has_a_ring():
    """Selecting draws a ring and moves nothing."""
    plain = dag.svg(flights.pipeline(), flights.paused())
    chosen = dag.svg(flights.pipeline(), flights.paused(), selected="encode")
    assert plain != chosen
    assert chosen.count("stroke-width='2.2'") == 1


def test_breakpoints_are_dots_at_the_top_or_the_foot():
    """Before is at the top, after at the foot; hollow when off, with a question mark when there is a condition."""
    state = flights.paused()
    points = (
        Breakpoint("impute:before", "impute", When.BEFORE),
        Breakpoint("encode", "encode", When.AFTER, enabled=False),
        Breakpoint("train: rows > 1", "train", When.CONDITION, "rows > 1"),
    )
    drawn = scene.scene(flights.pipeline(), dag.layout(flights.pipeline()), replace(state, breakpoints=points))
    items = {node.step: [i for i in node.items if getattr(i, "part", "") == "breakpoint"] for node in drawn.nodes}
    centre = dict(zip(flights.pipeline().order, dag.layout(flights.pipeline()).centres, strict=True))
    assert items["impute"][0].at[1] < centre["impute"][1] < items["train"][0].at[1]
    assert (items["encode"][0].fill, items["impute"][0].fill) == ("box", "bp")
    marks = [n.step for n in drawn.nodes if any(isinstance(i, scene.Text) and i.text == "?" for i in n.items)]
    assert marks == ["train"]
    everywhere = replace(state, breakpoints=(Breakpoint("f", "*", When.CONDITION, len),))
    assert dag.svg(flights.pipeline(), everywhere).count("crt-breakpoint") == 10


def test_the_arrow_stands_at_what_runs_next():
    """The blue arrow is at the next steps, not at one that runs already."""
    assert dag.svg(flights.pipeline(), flights.paused()).count("crt-next") == 1
    assert dag.svg(flights.pipeline(), flights.running()).count("crt-next") == 0


def test_progress_is_drawn_only_where_an_earlier_run_was_seen():
    """The line at the foot of a running step needs to know how long it takes."""
    state = flights.running()
    assert "crt-progress" in dag.svg(flights.pipeline(), state)
    unknown = {**state.steps, "train": replace(state.steps["train"], estimate=None)}
    assert "crt-progress" not in dag.svg(flights.pipeline(), replace(state, steps=unknown))


def test_paths_move_point_by_point():
    """A moved path has the same commands, each point elsewhere."""
    assert moved("M0 1L2 3Z", (10, 20)) == "M10.00 21.00L12.00 23.00Z"
    assert commands("M0 1L2 3Z") == (("M", ((0.0, 1.0),)), ("L", ((2.0, 3.0),)), ("Z", ()))


def test_a_step_that_is_edited_bears_a_pencil():
    """Data replaced by hand shows on the node."""
    edited = StepState("extract", flights.paused().steps["join_planes"].status, edited=True)
    state = replace(flights.paused(), steps={**flights.paused().steps, "extract": edited})
    drawn = dag.svg(flights.pipeline(), state)
    assert drawn.count("crt-edited") == 1
    assert ">data replaced<" in drawn
