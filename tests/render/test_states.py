"""The table of states and its colours."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import pytest

from cursus_rt_notebook.engine.state import PauseInfo, StepStatus, When
from cursus_rt_notebook.render import look, png
from cursus_rt_notebook.render.states import PALETTE, STATES, look_of
from tests.render import flights

LIGHT, DARK = 0, 1


def test_every_status_has_shape_word_and_colour():
    """No status is without its look; shapes and words tell the states apart without colour."""
    assert set(STATES) == {str(s) for s in StepStatus} | {"paused"}
    assert len({s.shape for s in STATES.values()}) == len({s.word for s in STATES.values()}) == len(STATES)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_text_has_contrast_on_every_ground_it_lies_on(theme):
    """Names and the lines under them have 4.5 to 1 in both themes."""
    for text, ground in product(("ink", "dim"), ("box", "runbg", "pausebg", "failbg", "cachedbg")):
        assert contrast(PALETTE[text][theme], PALETTE[ground][theme]) >= 4.5, (text, ground)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_shapes_have_contrast_on_their_box(theme):
    """Shapes have 3 to 1 in both themes."""
    for state in STATES.values():
        assert contrast(PALETTE[state.colour][theme], PALETTE[state.tint][theme]) >= 3, state.word


def test_a_picture_reads_on_white_and_on_black():
    """What lies outside the boxes of a PNG is legible whatever the page's colour is."""
    for ground in ("#ffffff", "#000000"):
        assert contrast(png._COLOURS["label"], ground) >= 4.4
        assert contrast(png._COLOURS["edge"], ground) >= 3
        assert contrast(png._COLOURS["brand"], ground) >= 3


def test_the_style_sheet_has_the_colours_of_the_table():
    """The CSS file and the table say the same, in both themes."""
    light, dark = look._read("theme.css").split("}")[:2]
    for theme, css in ((LIGHT, light), (DARK, dark)):
        written = dict(re.findall(r"--crt-(\w+): .*?(#[0-9a-f]{6})\)?;", css))
        assert written == {name: colours[theme] for name, colours in PALETTE.items()}


def test_a_pause_shows_at_its_step():
    """The step that a run stands at looks paused; one that failed looks failed."""
    state = flights.paused()
    assert look_of(state.steps["preprocess"], state) == "paused"
    assert look_of(state.steps["extract"], state) == "cached"
    assert look_of(flights.failed().steps["encode"], flights.failed()) == "failed"
    before = replace(state, pause=PauseInfo(1, "train", When.BEFORE, ""))
    assert look_of(state.steps["train"], before) == "paused"


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG counts it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
