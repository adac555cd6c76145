"""The timeline of a run, as a picture and as text."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from cursus_rt_notebook import settings
from cursus_rt_notebook.engine.state import Failure, RunState, StepState, StepStatus
from cursus_rt_notebook.engine.timeline import Timeline, Tried
from cursus_rt_notebook.pipeline.model import Pipeline, Step
from cursus_rt_notebook.render import gantt, show, spans
from cursus_rt_notebook.render.states import PALETTE
from tests.render import hostile

MB = 10**6
BROKEN = Failure("StepFailed", "KeyError", "'x'", "it raised KeyError")


def timeline(*steps: StepState, tried=None, limits=None, machine=10**12) -> Timeline:
    """The timeline of these steps."""
    limits = limits or {}
    described = {s.name: Step(name=s.name, script=Path("s.py"), memory=limits.get(s.name)) for s in steps}
    pipeline = Pipeline(name="flights", steps=described, source_dir=Path(), base_dir=Path(), origin="dict")
    return Timeline(RunState("run-1", "flights", {s.name: s for s in steps}), pipeline, tried or {}, machine, 100.0)


def ran(name: str, began: float, seconds: float, status=StepStatus.DONE, **facts) -> StepState:
    """A step that ran, and took 100 MB in its middle."""
    curve = ((0.0, 10 * MB), (seconds / 2, 100 * MB))
    facts = {"memory": 100 * MB, "memory_curve": curve, "cpu_seconds": seconds * 1.5, "attempt": 1, **facts}
    return StepState(name, status, began=began, seconds=seconds, **facts)


def many(count: int) -> Timeline:
    """A chain of steps, one of which failed."""
    steps = [ran(f"step_{i}", i * 1.0, 1.0) for i in range(count)]
    steps[-2] = replace(steps[-2], status=StepStatus.FAILED, failure=BROKEN)
    return timeline(*steps)


def test_rows_say_what_each_step_took():
    """Seconds, peak memory, cores; what went wrong first; an attempt that is not the first."""
    told = spans.of_timeline(
        timeline(
            ran("a", 0.0, 2.0),
            ran("b", 2.0, 1.0, StepStatus.FAILED, failure=BROKEN, attempt=2),
            StepState("c", StepStatus.CACHED, began=3.0, seconds=9.0, memory=5 * MB),
            StepState("d", StepStatus.SKIPPED, "needs b, which failed"),
        )
    )
    assert [row.text for row in told.rows] == [
        "2.0 s · 100 MB · 1.5 cores",
        "failed: KeyError · 1.0 s · 100 MB · 1.5 cores · attempt 2",
        "cached",
        "needs b, which failed",
    ]
    assert [row.thin for row in told.rows] == [False, False, True, False]
    assert told.looks == ("done", "failed", "cached", "skipped")


def test_earlier_attempts_have_bars_of_their_own():
    """In the row of their step, and they count for its place and for what is cut out."""
    tried = {"b": (Tried(0.1, 0.5, "failed"), Tried(1.0, 0.5, "failed"))}
    told = spans.of_timeline(timeline(ran("a", 0.3, 0.2), ran("b", 2.0, 1.0, attempt=3), tried=tried))
    assert [row.step for row in told.rows] == ["b", "a"]
    assert [(bar.start, bar.end, bar.look) for bar in told.rows[0].tried] == [
        (0.1, 0.6, "failed"),
        (1.0, 1.5, "failed"),
    ]
    assert told.standstills == ()


def test_limits_are_those_of_steps_that_ran():
    """Over the time in which each held."""
    shown = timeline(ran("a", 1.0, 2.0), StepState("b"), limits={"a": 150 * MB, "b": MB})
    assert [(each.step, each.start, each.end, each.bytes) for each in spans.of_timeline(shown).limits] == [
        ("a", 1.0, 3.0, 150 * MB)
    ]


def test_the_figure_has_a_bar_a_step_and_memory_under_it():
    """Two axes where memory was measured, one where it was not; nothing of pyplot is touched."""
    shown = timeline(ran("a", 0.0, 2.0), ran("b", 1.0, 2.0), limits={"a": 150 * MB}, machine=250 * MB)
    figure = shown.figure
    upper, lower = figure.axes
    assert [round(bar.get_width(), 2) for bar in upper.patches if bar.get_zorder() == 2] == [2.0, 2.0]
    assert {"a", "b", "2.0 s · 100 MB · 1.5 cores"} <= {text.get_text() for text in upper.texts}
    assert max(lower.lines[-1].get_ydata()) > 100 * MB
    assert {"all there is: 250 MB", "limit of a: 150 MB"} <= {text.get_text() for text in lower.texts}
    assert len(timeline(StepState("a", StepStatus.CACHED, began=0.0)).figure.axes) == 1
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


@pytest.mark.parametrize("count", [2, 10, 100])
def test_the_picture_is_small_light_and_keeps_its_colours(count):
    """However many steps there are, a single failed one is still red."""
    png, width, height = gantt.picture(many(count))
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    assert len(png) <= settings.TIMELINE_PICTURE
    assert width == 922
    assert height < 130 + 15 * max(count, 20) + 130
    assert image.size[0] >= width
    assert image.getpixel((5, image.size[1] - 5)) == (255, 255, 255, 255)
    red = tuple(bytes.fromhex(PALETTE["fail"][0][1:]))
    assert red in {colour[:3] for _, colour in image.getcolors(2**20)}


def test_of_very_many_steps_those_that_took_longest_are_drawn():
    """And a note says how many are not."""
    steps = [ran(f"s{i}", float(i), 0.5 if i % 2 else 1.0) for i in range(settings.TIMELINE_STEPS + 100)]
    told = spans.of_timeline(timeline(*steps))
    assert len(told.rows) == settings.TIMELINE_STEPS
    assert "100 steps that took less are not shown" in told.note
    assert all(f"s{i}" in {row.step for row in told.rows} for i in range(0, 200, 2))


def test_in_a_terminal_it_is_text():
    """A bar of blocks for each step, lighter ones for earlier attempts, and memory in eight heights."""
    tried = {"a": (Tried(0.0, 1.0, "failed"),)}
    lines = show.as_text(timeline(ran("a", 1.0, 2.0, attempt=2), ran("b", 3.0, 1.0), tried=tried), 100).splitlines()
    first = next(line for line in lines if " a " in line)
    second = next(line for line in lines if " b " in line)
    assert first.index("░") < first.index("█")
    assert second.index("█") >= first.rindex("█")
    assert "2.0 s · 100 MB · 1.5 cores · attempt 2" in first
    assert any(line.strip().startswith("memory") and "█" in line and "peak 100 MB" in line for line in lines)
    assert all(len(line) <= 100 for line in lines)


def test_the_page_has_the_numbers_as_a_table():
    """For who cannot see the picture."""
    page = show.as_html(timeline(ran("a", 1.0, 2.0), StepState("b")))
    for text in ("a", "1.0 s", "2.0 s", "1.5 cores", "100 MB"):
        assert text in page


@pytest.mark.parametrize(
    "text", [*hostile.MARKUP, *hostile.COMMANDS, hostile.LONG[1]], ids=lambda text: ascii(text[:20])
)
def test_V4_no_name_is_read_as_anything_but_text(text):
    """V4: mathematics, colours, characters without a font: the picture is drawn, without a warning."""
    made = hostile.things(text)["timeline"]
    assert gantt.picture(made)[0].startswith(b"\x89PNG")


def test_nothing_at_all():
    """A run in which no step has begun."""
    shown = timeline(StepState("a"), StepState("b"))
    assert gantt.picture(shown)[1] == 922
    assert "waiting" in show.as_text(shown)
