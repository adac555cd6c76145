"""The question behind the panel's view *Data*."""

from __future__ import annotations

import json

from cursus_rt_notebook.notebook import inspector


def looks(answer):
    """How each box of the drawing stands, by its name and kind."""
    return {(node["of"], node["kind"]): node["look"] for node in answer["nodes"]}


def test_the_data_is_shown_as_it_stands_and_as_it_stood(project):
    """What was written since is there now, and was not at the earlier pause."""
    session = project.session(project.chain("one", "two"), ["one", "two"])
    session.resume()
    session.resume()
    now = inspector.answer(session, "lineage", {"at": None})
    then = inspector.answer(session, "lineage", {"at": 1})
    assert looks(now)["two", "port"] == "done"
    assert looks(then)["two", "port"] == "waiting"
    assert looks(then)["one", "port"] == "done"
    assert [node["box"] for node in now["nodes"]] == [node["box"] for node in then["nodes"]]
    assert json.dumps(now)


def test_every_arrow_has_both_its_ends(project):
    """An arrow leads from one box of the drawing to another."""
    answer = inspector.answer(project.session(project.chain("one", "two", "three")), "lineage", {})
    ids = {node["id"] for node in answer["nodes"]}
    assert len(answer["edges"]) >= 4
    assert all(set(edge["ends"]) <= ids for edge in answer["edges"])
