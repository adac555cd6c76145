"""Why each input is fed by what feeds it."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.errors import NameUnknown
from cursus_rt_notebook.pipeline.load import load_pipeline
from tests.pipeline.conftest import small
from tests.pipeline.wired import OFFERED, wired


def _told(explanation):
    return {f"{one.step}.{one.port}": (one.by, one.fed_by, one.why) for one in explanation.inputs}


def test_each_input_says_what_feeds_it_and_why(folder):
    """By the rule, by nothing, and what would have been better."""
    told = _told(wired(folder).explain_wiring())
    assert told["clean.flights"] == ("rule", "extract.flights", "the best of 2 above 0.5")
    assert told["clean.spare_rows"][:2] == ("rule", "extract.metadata")
    assert told["extract.raw"] == ("nothing", None, "no step with outputs comes before it")
    assert told["train.hyperparameters"] == ("nothing", None, "no output that comes in can feed hyperparameters")
    assert [*told][:3] == ["extract.raw", "clean.flights", "clean.spare_rows"]


def test_one_step_or_one_input_can_be_asked_for(folder):
    """Names that are unknown get a suggestion."""
    pipeline = wired(folder)
    assert {one.step for one in pipeline.explain_wiring("score").inputs} == {"score"}
    assert [one.port for one in pipeline.explain_wiring("score.flights").inputs] == ["flights"]
    with pytest.raises(NameUnknown, match=r"no step or input 'scor' in wired\s+did you mean score\?"):
        pipeline.explain_wiring("scor")
    with pytest.raises(NameUnknown, match=r"did you mean score\.old_scores"):
        pipeline.explain_wiring("score.old_score")
    with pytest.raises(NameUnknown, match="the steps are 'extract'"):
        pipeline.explain_wiring("q")


def test_what_is_by_hand_says_so(folder):
    """Wired, left unbound, or given later."""
    told = _told(wired(folder, old_scores=None, flights=OFFERED["train"][1]).explain_wiring("score"))
    assert told["score.old_scores"] == ("hand", None, "left unbound by hand")
    assert told["score.flights"] == ("hand", "train.report", "wired by hand to train.report")
    given = wired(folder).with_inputs({"score.flights": "data.csv"}).explain_wiring("score.flights")
    assert _told(given)["score.flights"] == ("given", str(folder / "data.csv"), "given as a path")
    assert given.inputs[0].score is None


def test_a_pipeline_without_a_rule_says_where_it_is_written(load_text, folder):
    """The file, or the dict."""
    text = "source_dir: scripts\nsteps:\n  extract: {script: extract.py, outputs: [a]}\n  train: {script: train.py, inputs: {x: extract.a}}\n"
    told = _told(load_text(text).explain_wiring())
    assert told == {"train.x": ("written", "extract.a", "written in p.yaml")}
    told = _told(load_pipeline(small(inputs={"x": "extract.flights"})).explain_wiring("train"))
    assert told["train.x"] == ("written", "extract.flights", "written in the dict")


def test_as_a_table(folder):
    """A row for each output that was weighed; the parts add up to the score."""
    table = wired(folder).explain_wiring().to_dataframe()
    row = table[(table.port == "flights") & (table.candidate == "clean.cleaned")].iloc[0]
    assert (row.outcome, row.matched, row.required) == ("chosen", "flights", True)
    parts = row[["type", "data_type", "name", "exact", "sources", "keywords"]]
    assert min(parts.sum(), 1) == pytest.approx(row.score)
    lost = table[(table.port == "spare_rows") & (table.candidate == "extract.flights")].iloc[0]
    assert lost.outcome == "taken by flights"
    alone = table[table.port == "raw"]
    assert len(alone) == 1
    assert alone.candidate.isna().all()
    none = load_pipeline({"source_dir": "scripts", "steps": {"extract": {"script": "extract.py"}}})
    assert none.explain_wiring().to_dataframe().empty
