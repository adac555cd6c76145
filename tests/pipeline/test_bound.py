"""What preflight says of bindings that the rule made."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.pipeline.cursus.matching import Offered, Wanted, match
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import Stub
from cursus_rt_notebook.pipeline.preflight.bound import wiring_notes
from tests.pipeline.conftest import small
from tests.pipeline.wired import OFFERED, wired


def _notes(pipeline):
    return {f"{note.step}.{note.port}": note for note in wiring_notes(pipeline)}


def _pair(folder, wanted, *offered):
    """A pipeline of `extract` and `train`, whose one port is bound by the rule."""
    (binding,) = match("train", [wanted], offered)
    source = {"step": binding.chosen.step, "port": binding.chosen.port} if binding.chosen else {"open": True}
    inputs = {wanted.port: source} if binding.chosen or wanted.required else {}
    document = small(inputs=inputs)
    document["steps"]["extract"]["outputs"] = [output.port for output in offered]
    return load_pipeline(document).altered(bindings=(binding,))


def test_a_pipeline_with_two_odd_bindings_and_one_open_input(folder):
    """What a reader of the interfaces would want to know, and no more; preflight says each once."""
    notes = _notes(wired(folder))
    assert {name: note.severity for name, note in notes.items()} == {
        "extract.raw": "error",
        "clean.spare_rows": "warning",
        "score.old_scores": "warning",
    }
    found = wired(folder).preflight()
    assert set(notes.values()) <= set(found)
    assert sum(finding.port == "raw" and "open" in finding.message for finding in found) == 1


def test_what_preflight_says_can_be_done(folder):
    """Each finding says what to write, for `load_cursus` and in YAML."""
    notes = _notes(wired(folder))
    odd = notes["score.old_scores"]
    assert odd.message.startswith("optional input 'old_scores' is fed by train.report (0.5")
    assert "its type, Train_training, is not among the compatible_sources 'Score'" in odd.message
    assert 'leave it unbound: wiring={"score.old_scores": None} of load_cursus, or no old_scores in YAML' in odd.fix
    assert '"train.report" there says that it is meant' in odd.fix
    missing = notes["extract.raw"]
    assert missing.message == "required input 'raw' is open: nothing feeds it, and no step before it could"
    assert missing.fix == 'give it data: pipeline.with_inputs({"extract.raw": PATH}), or raw: PATH in YAML'


def test_what_was_done_is_not_said_again(folder):
    """Wired by hand, either way; given a path; a stub in the step's place."""
    assert "score.old_scores" not in _notes(wired(folder, old_scores=None))
    assert "score.old_scores" not in _notes(wired(folder, old_scores=OFFERED["train"][1]))
    given = wired(folder).with_inputs({"extract.raw": "data.csv", "score.old_scores": "data.csv"})
    assert [*_notes(given)] == ["clean.spare_rows"]
    steps = {name: step.altered(stub=Stub(kind="skip")) for name, step in given.steps.items()}
    assert not _notes(given.altered(steps=steps))


def test_a_required_port_that_nothing_fits(folder):
    """The best that there is, and how to wire it all the same."""
    wanted = Wanted("model", "training_data")
    (note,) = _notes(_pair(folder, wanted, Offered("extract", "E", "xq", "processing_output"))).values()
    assert (note.severity, note.step, note.port) == ("error", "train", "model")
    assert note.message == (
        "required input 'model' is open: nothing feeds it; the best, extract.xq, scores 0.40, which is not above 0.5"
    )
    assert note.fix.startswith('wire it: wiring={"train.model": "extract.xq"} of load_cursus, or model: extract.xq in')
    (note,) = _notes(_pair(folder, Wanted("model", "a"), Offered("extract", "E", "model", "b"))).values()
    assert note.fix.startswith('wire it: wiring={"train.model": "STEP.OUTPUT"}')


def test_a_match_that_is_hardly_one(folder):
    """Just above the limit, of a required port, too."""
    offered = Offered("extract", "E", "xqzq", "processing_output")
    pipeline = _pair(folder, Wanted("model", "processing_output", compatible_sources=("Other",)), offered)
    (note,) = _notes(pipeline).values()
    assert note.severity == "warning"
    assert "is hardly above 0.5" in note.message
    assert note.fix.startswith('take another: wiring={"train.model": "STEP.OUTPUT"} of load_cursus')


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("flights", "extract.flights scores the same, and only comes later"),
        ("flightsxx", "extract.flightsxx (0.70) comes near"),
    ],
)
def test_two_that_fit_alike(folder, second, said):
    """The runner-up is named, and how to take it."""
    offered = [Offered("extract", "E", name, "t") for name in ("rows", second)]
    offered[0] = Offered("extract", "E", "rows", "t", ("flights" if second == "flights" else "flightsx",))
    (note,) = _notes(_pair(folder, Wanted("flights", "t"), *offered)).values()
    assert said in note.message
    assert f'"train.flights": "extract.{second}"' in note.fix


@pytest.mark.parametrize("sources", [("E",), (), ("E_training", "Other"), ("EXTRACT",)])
def test_a_provider_that_is_listed_is_not_odd(folder, sources):
    """Also where only its job type or node is, which the score does not count."""
    offered = Offered("extract", "E_Training", "flights", "t")
    assert not _notes(_pair(folder, Wanted("flights", "t", required=False, compatible_sources=sources), offered))
