"""Why inputs are fed by what feeds them, as it is shown."""

from __future__ import annotations

from cursus_rt_notebook.pipeline.bindings import Parts
from cursus_rt_notebook.render.show import as_html, as_text
from cursus_rt_notebook.render.wirings import sum_of
from tests.pipeline.wired import OFFERED, wired


def test_of_one_step_all_that_was_weighed_is_told(tmp_path):
    """The winner, its score and what that is made of; why each other lost."""
    text = as_text(wired(tmp_path).explain_wiring("clean"), 100).splitlines()
    assert text[0] == "wired  2 of 2 inputs fed"
    assert text[3] == "  flights ← extract.flights  1.00"
    assert text[4] == "      the best of 2 above 0.5"
    assert text[5] == "      1.00  extract.flights"
    assert text[6] == "            chosen: type 0.40 + data type 0.20 + name 0.25 + same name 0.05 + source 0.10"
    at = next(i for i, line in enumerate(text) if line.startswith("  spare_rows (optional) ← extract.metadata  0.7"))
    assert text[at + 1].startswith("      the best that is free, after extract.flights (0.7")
    assert any("taken by flights: type 0.40" in line for line in text[at:])


def test_of_a_pipeline_each_input_is_told_in_two_lines(tmp_path):
    """What feeds it, and why; outputs of other types are no candidates for an eye."""
    text = as_text(wired(tmp_path, old_scores=None, flights=OFFERED["train"][1]).explain_wiring(), 100)
    assert "  raw ← nothing\n      no step with outputs comes before it" in text
    assert "  old_scores (optional) ← nothing\n      left unbound by hand" in text
    assert "  flights ← train.report\n      wired by hand to train.report" in text
    assert "data type" not in text
    one = as_text(wired(tmp_path).explain_wiring("train.hyperparameters"), 100)
    assert one.splitlines()[-1] == "      1 output of other types"


def test_as_a_page(tmp_path):
    """A table for each step, and under it what was weighed, to be opened."""
    page = as_html(wired(tmp_path).explain_wiring())
    assert page.count("<details open>") == 4
    assert "<summary>score: 3 of 3 inputs fed</summary>" in page
    assert "<summary>flights: 2 outputs weighed</summary>" in page
    assert "clean.cleaned (as flights)" in page
    assert "taken by flights" in page
    assert page.count("white-space:normal") == page.count("<tr>") - page.count("<thead>")


def test_the_sum_of_a_score():
    """Only what counts; a sum above one is cut."""
    assert sum_of(Parts()) == "nothing"
    assert sum_of(Parts(0.4, 0.2, 0.1, sources=-0.1)) == "type 0.40 + data type 0.20 + name 0.10 - source 0.10"
    assert sum_of(Parts(0.4, 0.2, 0.25, 0.05, 0.1, 0.05)).endswith("keywords 0.05, at most 1")
