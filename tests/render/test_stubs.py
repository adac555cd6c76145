"""What stands in for a step, wherever a run is shown: graph, picture, text, table, step."""

from __future__ import annotations

import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.pipeline.model import Recorded, Stub
from cursus_rt_notebook.render import dag, scene, show
from cursus_rt_notebook.render.panel import source_view, step_view
from cursus_rt_notebook.render.panel.view import graph_view
from tests.engine.test_stubs import FLIGHTS, READS


@pytest.fixture
def session(project):
    """One stub of each kind, run to its end."""
    (project.path / "late.py").write_text(READS)
    FLIGHTS.to_csv(project.path / "data.csv", index=False)
    steps = {
        "load": {"script": None, "outputs": ["DATA"], "stub": {"DATA": str(project.path / "data.csv")}},
        "made": {"script": None, "outputs": ["DATA"], "stub": "synthetic"},
        "late": {"inputs": {"raw": "load.DATA"}, "outputs": ["late"]},
        "more": {"script": "late.py", "inputs": {"raw": "made.DATA"}, "outputs": ["late"]},
        "cloud": {"script": "late.py", "inputs": {"raw": "load.DATA"}, "outputs": ["late"]},
        "register": {"script": None, "inputs": {"late": "late.late"}, "outputs": [], "stub": "skip"},
    }
    recorded = Recorded(status="Succeeded", started=1738324800.0, ended=1738325040.0)
    stub = Stub(kind="given", outputs={"late": FLIGHTS}, recorded=recorded)
    made = project.session(crt.load_pipeline(project.pipeline(steps)).with_stubs({"cloud": stub}))
    while made.resume() is not None:
        pass
    made.wait()
    return made


WORDS = {
    "load": "stub: project/data.csv",
    "made": "stub: synthetic",
    "register": "stub: skip",
    "cloud": "recorded in the cloud",
}


def test_the_graph_says_it_in_words_and_with_its_edge(session):
    """Steps that run here have neither; a screen reader hears it."""
    drawn = scene.scene(session.pipeline, dag.layout(session.pipeline), session.state)
    for node in drawn.nodes:
        (box,) = (item for item in node.items if getattr(item, "part", "") == "box")
        texts = [item.text for item in node.items if hasattr(item, "text")]
        assert box.dashed == (node.step in WORDS)
        assert WORDS.get(node.step, texts[1]) == texts[1]
        assert WORDS.get(node.step, "") in node.label
    assert "stroke-dasharray='3 2'" in dag.svg(session.pipeline, session.state)
    picture, _, _ = dag.png(session.pipeline, session.state)
    assert picture.startswith(b"\x89PNG")
    assert graph_view(session.state, session.pipeline)["nodes"]["load"]["items"][0]["dashed"] is True


def test_text_and_table_say_it(session):
    """A session, a step, and the pipeline before any run."""
    text = show.as_text(session, 140)
    assert all(words in text for words in WORDS.values())
    assert "dev/null" not in text + show.as_text(session["load"]) + show.as_html(session["load"])
    assert "stub: project/data.csv" in show.as_text(session["load"])
    assert session.steps.loc["load", "reason"] == "stub: project/data.csv"
    assert "stub: skip" in show.as_text(session.pipeline, 140)


def test_the_step_says_what_stands_in(session):
    """And how to have it run; one without a script has nothing to show of it."""
    said = {
        name: "".join(piece["text"] for piece in step_view.step_view(session[name])["banner"]["lead"]) for name in WORDS
    }
    assert said == {
        "load": "It does not run here: project/data.csv stands in for its outputs.",
        "made": "It does not run here: made-up data stands in for its outputs.",
        "register": "Left out by its stub.",
        "cloud": "Recorded in the cloud: Succeeded, took 4 min, ended 2025-01-31 12:04 UTC. Rerun runs it here.",
    }
    assert step_view.facts(session["load"])[0] == "no script"
    shown = source_view.source_view(session["load"])
    assert (shown["lines"], shown["note"][0]["text"]) == ([], "It has no script")
    of_cloud = source_view.source_view(session["cloud"])
    assert of_cloud["lines"]
    assert of_cloud["note"][0]["text"] == "Not run"


def test_the_graph_says_which_inputs_nothing_feeds(project):
    """A step that needs data of the caller says so before any run; with the data given it waits like others."""
    (project.path / "late.py").write_text(READS)
    inputs = {"raw": {"open": True}, "more": {"open": True}}
    pipeline = crt.load_pipeline(project.pipeline({"late": {"inputs": inputs, "outputs": ["late"]}}))
    said = show.as_text(pipeline, 140)
    assert "needs raw + 1" in said
    (project.path / "raw.csv").write_text("a\n1\n")
    given = pipeline.with_inputs({"late.raw": project.path / "raw.csv", "late.more": project.path / "raw.csv"})
    assert "needs" not in show.as_text(given, 140)
    assert project.session(given).state.steps["late"].reason == ""


def test_a_dataframe_is_told_shortly(project):
    """So that it can be read in a box."""
    assert Stub(kind="given", outputs={"late": FLIGHTS}).words == "a DataFrame"
