"""Why a step ran, as data: the sentence, and its key ingredient by ingredient."""

from __future__ import annotations

import json

from cursus_rt_notebook.engine.explain import Explanation
from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.render.panel.explain_view import explain_view
from cursus_rt_notebook.workspace.keys import Change
from tests.render import flights

OLD, NEW = "a" * 64, "b" * 64
MADE_OF = {
    "source": {"helper.py": OLD, "train.py": NEW},
    "env": {"RATE": "'0.1'", "API_TOKEN": NEW},
    "packages": {"pandas": "3.1.1"},
}
STEP = flights.pipeline().steps["train"]


def told(**changed) -> dict:
    facts = {
        "step": "train",
        "summary": "would run again: train.py changed",
        "compared_with": "its attempt in this run",
        "changes": (Change("source", "train.py", OLD, NEW), Change("env", "GONE", "'1'", None)),
        "diffs": {"train.py": "--- before\n+++ now\n@@ -1 +1 @@\n-a = 1\n+a = 2"},
        "made_of": MADE_OF,
    } | changed
    return explain_view(Explanation(**facts), STEP)


def section(answer: dict, title: str) -> dict:
    return next(s for s in answer["sections"] if s["title"].startswith(title))


def test_the_sentence_says_what_changed_and_against_what():
    """What would happen stands out."""
    first, *rest = told()["summary"]
    assert first == {"text": "Would run again", "as": "b"}
    assert "".join(p["text"] for p in rest) == ": train.py changed. Compared with its attempt in this run."
    assert told(summary="has not run in this workspace yet", compared_with="")["summary"] == [
        {"text": "Has not run in this workspace yet.", "as": "b"}
    ]


def test_every_ingredient_is_listed_the_changed_ones_first():
    """With the beginning of its digest, and what it was before."""
    source = section(told(), "Script")
    assert [(row["name"], row["changed"]) for row in source["rows"]] == [("train.py", True), ("helper.py", False)]
    assert (source["rows"][0]["value"], source["rows"][0]["before"]) == ("b" * 12, "a" * 12)
    assert source["changed"] == 1


def test_a_digest_is_short_wherever_it_stands():
    """Also where more is said beside it, as of a model that goes on packed."""
    made_of = {"inputs": {"model_input": f"{NEW} in model.tar.gz"}}
    (row,) = section(told(made_of=made_of, changes=()), "Inputs")["rows"]
    assert row["value"] == f"{'b' * 12} in model.tar.gz"


def test_an_ingredient_that_is_gone_is_listed_too():
    """It is what changed."""
    row = section(told(), "Environment")["rows"][0]
    assert (row["name"], row["value"], row["before"]) == ("GONE", "not there", "'1'")


def test_secrets_show_neither_value_nor_digest():
    """A digest of a short secret could be guessed."""
    env = {row["name"]: row["value"] for row in section(told(), "Environment")["rows"]}
    assert env["API_TOKEN"] == "***"
    step = Step(name="train", script=STEP.script, env={"API_TOKEN": "hunter2hunter2"})
    answer = explain_view(Explanation("train", "x", "", diffs={"a.py": "@@\n+k = 'hunter2hunter2'"}), step)
    assert "hunter2" not in json.dumps(answer)


def test_changed_lines_come_without_the_names_of_the_files():
    """A sign and the text of each line."""
    assert told()["diffs"] == [{"file": "train.py", "lines": [["@", "from line 1"], ["-", "a = 1"], ["+", "a = 2"]]}]
