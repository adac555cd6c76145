"""What is told beside an arrow: rows, and whether they are as usual."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cursus_rt_notebook.engine.state import RunState, Table
from cursus_rt_notebook.render import dag, flow, geometry, scene
from cursus_rt_notebook.render.shapes import Text, text_width
from tests.render import flights


def drawn(state: RunState) -> list[Text]:
    """The texts beside the arrows of the flights graph."""
    picture = scene.scene(flights.pipeline(), dag.layout(flights.pipeline()), state)
    return [item for edge in picture.edges for item in edge.items if isinstance(item, Text)]


def with_tables(step: str, *tables: Table) -> RunState:
    """The pause after preprocess, where one step wrote other tables."""
    state = flights.paused()
    return replace(state, steps={**state.steps, step: replace(state.steps[step], tables=tables)})


def test_a_change_is_told_beside_the_rows():
    """Rows that differ from the last good run say by how much; those that do not say nothing of it."""
    state = with_tables("join_weather", Table("joined", None, 235_743, 26, 294_678, (235_000, 300_000)))
    texts = [text.text for text in drawn(state)]
    assert "235,743 (-20 %)" in texts
    assert texts.count("336,776") == 3


@pytest.mark.parametrize(
    ("rows", "usual", "odd"),
    [
        (100, None, False),
        (100, (100, 100), False),
        (99, (100, 100), True),
        (95, (90, 110), False),
        (75, (90, 110), False),
        (69, (90, 110), True),
        (131, (90, 110), True),
        (0, (100, 100), True),
        (None, (100, 100), False),
    ],
)
def test_more_than_usual_is_marked(rows, usual, odd):
    """Unusual is what lies outside of the last good runs by more than these differ from each other."""
    assert flow.is_unusual(Table("out", None, rows, 1, 100, usual)) is odd


def test_what_is_unusual_is_marked_in_colour_weight_and_words():
    """Never by colour alone: it is bold, and the tooltip says `unusual` and what was usual."""
    state = with_tables("join_weather", Table("joined", None, 235_743, 26, 294_678, (290_000, 295_000)))
    [text] = [text for text in drawn(state) if text.text.startswith("235,743")]
    assert (text.colour, text.bold) == ("pause", True)
    assert text.title == (
        "joined: 235,743 rows, 294,678 in the last good run (-20 %); unusual: 290,000 to 295,000 so far"
    )
    assert [other.bold for other in drawn(state)].count(True) == 1


def test_of_several_tables_the_most_unusual_is_told():
    """An arrow with three channels names them, or the one that changed most if any is unusual."""
    changed = (("train", 220_000), ("val", 49_104), ("test", 20_000))
    usual = {"train": 229_153, "val": 49_104, "test": 49_089}
    tables = [Table("processed_data", c, n, 19, usual[c], (usual[c], usual[c])) for c, n in changed]
    state = with_tables("preprocess", *tables)
    wire = geometry.Wire("preprocess", "impute", ("processed_data",))
    told = flow.on_wire(wire, flights.pipeline(), state.steps["preprocess"])
    assert (told.words[0], told.unusual) == ("test (-59 %)", True)
    assert len(told.title.splitlines()) == 3


@pytest.mark.parametrize("rows", [7, 336_776, 12_336_776, 1_234_567_890, 10**15])
@pytest.mark.parametrize("former", [None, 1, 7, 294_678, 10**12])
def test_a_label_fits_beside_its_arrow(rows, former):
    """However large the numbers are, the label keeps to the room that the layout left for it, and is never cut."""
    state = with_tables("extract", Table("flights", None, rows, 19, former, former and (former, former)))
    for text in drawn(state):
        assert text_width(text.text, text.size, bold=text.bold) <= geometry.LABEL_WIDTH
        assert "…" not in text.text
