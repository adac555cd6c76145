"""Why inputs are fed by what feeds them, as the panel is told."""

from __future__ import annotations

from cursus_rt_notebook.engine.frontier import first_state
from cursus_rt_notebook.pipeline.model import FromPath
from cursus_rt_notebook.render.panel.view import graph_view
from cursus_rt_notebook.render.panel.wiring_view import wiring_view
from tests.pipeline.wired import wired


def _told(pipeline, step):
    return {one["port"]: one for one in wiring_view(pipeline, step)["inputs"]}


def test_each_input_with_what_was_weighed(tmp_path):
    """The score, a link to what feeds it, why, and a row for each output that could."""
    told = _told(wired(tmp_path), "clean")
    assert [one["name"] for one in told.values()] == ["flights", "spare_rows (optional)"]
    spare = told["spare_rows"]
    assert spare["fed"] == [{"text": "extract.metadata", "step": "extract", "tab": "outputs", "port": "metadata"}]
    assert (spare["score"], spare["why"][:23]) == ("0.71", "the best that is free, ")
    assert [(row["name"], row["outcome"], row["chosen"]) for row in spare["weighed"]] == [
        ("extract.flights", "taken by flights", False),
        ("extract.metadata", "chosen", True),
    ]
    assert spare["weighed"][1]["made"] == "type 0.40 + data type 0.20 + name 0.01 + source 0.10"
    nothing = _told(wired(tmp_path), "train")["hyperparameters"]
    assert (nothing["fed"], nothing["weighed"], nothing["more"]) == (
        [{"text": "nothing"}],
        [],
        "1 output of other types",
    )


def test_what_is_given_by_hand_has_no_score_and_no_secret(tmp_path):
    """A path is shown, a secret in it is not."""
    pipeline = wired(tmp_path)
    step = pipeline.steps["extract"]
    fed = step.altered(
        inputs={"raw": FromPath(path=tmp_path / "hunter2hunter2.csv")}, env={"API_TOKEN": "hunter2hunter2"}
    )
    (one,) = wiring_view(pipeline.altered(steps={**pipeline.steps, "extract": fed}), "extract")["inputs"]
    assert (one["score"], one["why"]) == ("", "given as a path")
    assert one["fed"][0]["as"] == "code"
    assert "hunter2" not in str(one)


def test_the_graph_tells_the_ports_of_its_arrows(tmp_path):
    """As plain data: the ends, what a screen reader says, the pairs by the inputs' whole names."""
    pipeline = wired(tmp_path)
    edges = graph_view(first_state(pipeline, {}, run_id="r"), pipeline)["edges"]
    link = edges[0]["link"]
    assert (link["tail"], link["head"], link["label"][:17]) == ("extract", "clean", "extract to clean:")
    assert [(pair["output"], pair["port"], pair["score"]) for pair in link["pairs"]] == [
        ("flights", "flights", "1.00"),
        ("metadata", "spare_rows", "0.71"),
    ]
    assert [item.get("part") for item in edges[0]["items"]] == ["wire", "tip", None]
