"""What an arrow of the graph stands for."""

from __future__ import annotations

from cursus_rt_notebook.engine.frontier import first_state
from cursus_rt_notebook.render import dag, geometry
from cursus_rt_notebook.render.links import links
from cursus_rt_notebook.render.scene import scene
from tests.pipeline.wired import wired
from tests.render import flights


def _pairs(link):
    return [(pair.output, pair.input, pair.score) for pair in link.pairs]


def test_each_arrow_tells_every_pair_along_it_with_its_score(tmp_path):
    """Several ports of one arrow, each with what the rule gave it and why."""
    found = links(wired(tmp_path))
    assert [*found] == [("extract", "clean"), ("clean", "train"), ("train", "score"), ("clean", "score")]
    link = found["extract", "clean"]
    assert _pairs(link) == [("flights", "flights", "1.00"), ("metadata", "spare_rows", "0.71")]
    assert link.label == "extract to clean: flights feeds flights, score 1.00 and metadata feeds spare_rows, score 0.71"
    assert link.lines == "flights → flights (1.00)\nmetadata → spare_rows (0.71)"
    assert link.pairs[0].why == "the best of 2 above 0.5"


def test_without_a_rule_there_is_no_score():
    """A pipeline's own file says what feeds what; where only the order counts, there is nothing to tell."""
    pipeline = flights.pipeline()
    found = links(pipeline)
    wires = geometry.wires(pipeline)
    assert [*found] == [(wire.tail, wire.head) for wire in wires if wire.ports]
    assert all(
        pair.score == "" and pair.why.startswith("written in ") for link in found.values() for pair in link.pairs
    )
    ordered = pipeline.altered(
        steps={name: step.altered(inputs={}, after=step.needs) for name, step in pipeline.steps.items()}
    )
    assert links(ordered) == {}
    drawn = scene(ordered, dag.layout(ordered), first_state(ordered, {}, run_id="r"))
    assert {edge.link for edge in drawn.edges} == {None}


def test_a_picture_has_the_ports_as_the_arrows_tooltip(tmp_path):
    """Escaped, like all that is the user's."""
    pipeline = wired(tmp_path)
    svg = dag.svg(pipeline, first_state(pipeline, {}, run_id="r"))
    assert "<title>model → model_input (1.00)\nreport → old_scores (0.52)</title>" in svg
