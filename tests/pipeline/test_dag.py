"""Row R5: a graph with a cycle, a self-edge, a duplicate or a typo is refused before anything runs, and it is named."""

from __future__ import annotations

from cursus_rt_notebook.pipeline.load import load_pipeline
from tests.pipeline.conftest import faults_of, small


def test_R5_cycle_is_named(folder):
    """The steps of a cycle are named in order, with the places that make it."""
    document = small(inputs={"data": "extract.flights"}, outputs=["model"])
    document["steps"]["extract"]["inputs"] = {"model": "train.model"}
    (fault,) = faults_of(document)
    assert fault.message == "steps wait for each other: extract -> train -> extract"
    assert fault.fix == "take away one of steps.train.inputs.data, steps.extract.inputs.model"


def test_R5_cycle_of_a_thousand_steps(folder):
    """A long cycle is found as well, without running out of stack."""
    steps = {f"s{i}": {"script": "train.py", "after": [f"s{(i + 1) % 1000}"]} for i in range(1000)}
    (fault,) = faults_of({"source_dir": "scripts", "steps": steps})
    assert fault.message.count("->") == 1000


def test_R5_self_edge_is_named(folder):
    """A step that feeds itself, or comes after itself, is named."""
    faults = faults_of(small(inputs={"warm": "train.model"}, outputs=["model"], after=["train"]))
    assert [fault.message for fault in faults] == ["step 'train' feeds itself", "step 'train' comes after itself"]


def test_R5_duplicate_names_both_lines(folder):
    """A step that is written twice is reported with both lines."""
    (folder / "p.yaml").write_text("steps:\n  a: {script: data.csv}\n  b: {script: data.csv}\n  a: {}\n")
    (fault,) = faults_of("p.yaml")
    assert fault.message == "step 'a' is written twice, in lines 2 and 4"
    assert fault.line == 4


def test_R5_typo_in_an_endpoint_suggests_the_right_one(folder):
    """A typo in step or port is answered with the reference that was meant."""
    faults = faults_of(small(inputs={"a": "extarct.flights", "b": "extract.flihgts"}))
    assert [fault.fix for fault in faults] == ["write extract.flights", "write extract.flights"]


def test_R5_everything_at_once(folder):
    """A cycle, a typo and a missing script in one document are one error."""
    document = small(inputs={"data": "extract.flihgts"}, after=["score"])
    document["steps"]["score"] = {"script": "nothing.py", "after": ["train"]}
    assert {fault.place for fault in faults_of(document)} == {
        "steps.train.inputs.data",
        "steps.score.after[0]",
        "steps.score.script",
    }


def test_R5_diamond_is_no_cycle(folder):
    """Branches that part and meet again are fine, and keep the document's order."""
    after = {"d": ["b", "c"], "b": ["a"], "c": ["a"], "a": []}
    steps = {name: {"script": "train.py", "after": list(needs)} for name, needs in after.items()}
    assert load_pipeline({"source_dir": "scripts", "steps": steps}).order == ("a", "b", "c", "d")
