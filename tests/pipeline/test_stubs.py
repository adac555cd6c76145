"""What stands in for a step, as a document says it and as a caller gives it."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from cursus_rt_notebook.engine.record import document
from cursus_rt_notebook.errors import InputMissing, NameUnknown, PipelineError
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, FromAddress, FromPath, Given, Pipeline, Stub
from tests.pipeline.conftest import faults_of, small


def _stub(stub, outputs=("model", "metrics")):
    return load_pipeline(small(outputs=list(outputs), stub=stub)).steps["train"].stub


def _pipeline(**keys):
    return load_pipeline(small(script=None, outputs=["model", "metrics"], stub="open", **keys))


def test_one_place_for_all_outputs(folder):
    """Each lies below it under its name; one that does not is empty."""
    (folder / "given" / "model").mkdir(parents=True)
    assert _stub("given/").outputs == {
        "model": Given(place=folder / "given" / "model", optional=True),
        "metrics": Given(place=folder / "given" / "metrics", optional=True),
    }
    assert _stub("s3://bucket/run/").outputs["metrics"] == Given(place="s3://bucket/run/metrics", optional=True)


def test_an_output_in_long_form(folder):
    """A sample of what is at an address, an archive to be unpacked."""
    written = {"model": {"path": "s3://b/model.tar.gz", "unpack": True}, "metrics": {"path": "s3://b/m", "sample": 10}}
    assert _stub(written).outputs == {
        "model": Given(place="s3://b/model.tar.gz", unpack=True),
        "metrics": Given(place="s3://b/m", sample=10),
    }


@pytest.mark.parametrize(
    ("stub", "place", "message"),
    [
        ("later", "stub", "is 'later', not a stub"),
        ("nowhere/", "stub", "there is no folder"),
        ("scripts/", "stub", "holds none of the outputs 'model', 'metrics'"),
        ("s3://key:hunter2@bucket/x", "stub", "'s3://***@bucket/x' holds credentials"),
        ("gs://bucket/x", "stub", "'gs://bucket/x' is not on this machine"),
        ({"modle": "data.csv"}, "stub.modle", "there is no output 'modle'"),
        ({"model": 3}, "stub.model", "is a number, not a path"),
        ({"model": {"path": "data.csv", "sample": 3}}, "stub.model.sample", "is for data at an s3:// address"),
        ({"model": {"path": "s3://b/x", "sample": 0}}, "stub.model.sample", ""),
        ({"model": {"path": "s3://b/x", "sample": "3"}}, "stub.model.sample", "is text, not a number"),
        ({"model": {"sample": 3}}, "stub.model", "says of no path what it is"),
        ({"model": "s3://"}, "stub.model", "names no bucket"),
    ],
)
def test_what_is_no_stub(folder, stub, place, message):
    """Each is a fault at its place."""
    faults = faults_of(small(outputs=["model", "metrics"], stub=stub))
    (fault,) = (fault for fault in faults if fault.place == f"steps.train.{place}")
    assert message in fault.message
    assert "hunter2" not in str(faults)


def test_an_input_at_an_address(folder):
    """In short and in long form; nobody is asked for it, which preflight says."""
    inputs = {"a": "s3://b/x.csv", "b": {"path": "s3://b/t", "sample": 5, "optional": True}}
    pipeline = load_pipeline(small(inputs=inputs))
    assert pipeline.steps["train"].inputs["a"] == FromAddress(address="s3://b/x.csv")
    said = [finding.message for finding in pipeline.preflight() if finding.port == "a"]
    assert "input 'a' will be fetched from s3://b/x.csv" in said
    assert pipeline.steps["train"].inputs["b"] == FromAddress(address="s3://b/t", sample=5, optional=True)
    (fault,) = faults_of(small(inputs={"a": {"path": "data.csv", "sample": 5}}))
    assert fault.place == "steps.train.inputs.a.sample"


def test_inputs_are_given_by_the_caller(folder):
    """At paths and addresses; what the pipeline said of the input holds."""
    pipeline = load_pipeline(small(inputs={"a": {"path": "data.csv", "copy": True}}))
    given = pipeline.with_inputs({"train.a": {"path": "s3://b/x", "sample": 9}}).steps["train"].inputs["a"]
    assert given == FromAddress(address="s3://b/x", sample=9, copy_files=True)
    assert pipeline.with_inputs({"train.a": "data.csv"}) == pipeline
    with pytest.raises(PipelineError, match=r"\*\*\*@b/x' holds credentials"):
        pipeline.with_inputs({"train.a": "s3://me:hunter2@b/x"})
    for odd in (5, pd.DataFrame({"a": [1]}), {"sample": 9}):
        with pytest.raises(PipelineError, match=f"input 'a' of train: a {type(odd).__name__} is no path"):
            pipeline.with_inputs({"train.a": odd})


@pytest.mark.parametrize("sample", [0, "10_000", True])
def test_a_sample_is_a_number_of_rows(folder, sample):
    """Wherever a caller gives it."""
    pipeline = load_pipeline(small(inputs={"a": "data.csv"}, outputs=["model"]))
    place = {"path": "s3://b/x", "sample": sample}
    with pytest.raises(PipelineError, match="is no number of rows"):
        pipeline.with_inputs({"train.a": place})
    with pytest.raises(PipelineError, match="is no number of rows"):
        pipeline.with_stubs({"train": {"model": place}})


def test_stand_ins_are_given_by_the_caller(folder):
    """Words, one place, data by output, and None for the step's own script."""
    pipeline = _pipeline()
    assert pipeline.with_stubs({"train": "synthetic"}).steps["train"].stub == Stub(kind="synthetic")
    frame = pd.DataFrame({"a": [1]})
    stub = pipeline.with_stubs({"train": {"model": "data.csv", "metrics/val": frame}}).steps["train"].stub
    assert stub is not None
    assert stub.outputs["model"] == folder / "data.csv"
    frame.loc[0, "a"] = 2
    assert stub.outputs["metrics/val"]["a"].tolist() == [1]
    assert pipeline.with_stubs({"train": "s3://b/x"}).steps["train"].stub.words == "2 given outputs"
    assert load_pipeline(small(stub="skip")).with_stubs({"train": None}).steps["train"].stub is None


def test_data_itself_for_the_one_output(folder):
    """A DataFrame, a function or a file stands for the only output that there is."""
    pipeline = load_pipeline(small(script=None, outputs=["model"], stub="open"))
    frame = pd.DataFrame({"a": [1]})
    for given in (frame, lambda: frame, "data.csv"):
        assert list(pipeline.with_stubs({"train": given}).steps["train"].stub.outputs) == ["model"]


@pytest.mark.parametrize(
    ("stubs", "error", "words"),
    [
        ({"trian": "skip"}, NameUnknown, "did you mean train?"),
        ({"train": {"modle": "data.csv"}}, NameUnknown, "did you mean model?"),
        ({"train": {"model": "gone.csv"}}, InputMissing, "there is nothing at"),
        ({"train": "gone/"}, InputMissing, "there is nothing at"),
        ({"train": "scripts"}, InputMissing, "holds none of the outputs of train"),
        ({"train": 3}, PipelineError, "int says not what stands in for train"),
        ({"train": {"model": 3}}, PipelineError, "a int is no data"),
        ({"train": {"model": "https://b/x"}}, PipelineError, "is not on this machine"),
        ({"train": None}, PipelineError, "train has no script that could run"),
    ],
)
def test_stand_ins_that_mean_nothing(folder, stubs, error, words):
    """Each says what to write instead."""
    with pytest.raises(error) as raised:
        _pipeline().with_stubs(stubs)
    assert words in str(raised.value)
    assert raised.value.fix


def test_a_table_for_a_port_with_channels_names_one(folder):
    """Else nobody knows which it is."""
    outputs = {"data": {"channels": ["train", "val"]}}
    pipeline = load_pipeline(small(script=None, outputs=outputs, stub="open"))
    with pytest.raises(PipelineError, match="has channels") as raised:
        pipeline.with_stubs({"train": {"data": pd.DataFrame({"a": [1]})}})
    assert '"data/train": ...' in raised.value.fix
    with pytest.raises(NameUnknown, match="no channel 'test'"):
        pipeline.with_stubs({"train": {"data/test": pd.DataFrame({"a": [1]})}})


def test_a_journal_keeps_what_it_can(folder):
    """Paths, addresses and words come back equal; a table or function is to be given anew."""
    pipeline = _pipeline().with_stubs({"train": {"model": {"path": "s3://b/m", "sample": 3}, "metrics": "data.csv"}})
    kept = Pipeline.model_validate(json.loads(json.dumps(document(pipeline))))
    assert kept.steps["train"].stub.outputs == {
        "model": Given(place="s3://b/m", sample=3),
        "metrics": str(folder / "data.csv"),
    }
    by_hand = _pipeline().with_stubs({"train": {"model": pd.DataFrame({"a": [1]}), "metrics": lambda: None}})
    kept = Pipeline.model_validate(json.loads(json.dumps(document(by_hand))))
    assert kept.steps["train"].stub.outputs == {"model": None, "metrics": None}


def test_equal_stubs_run_alike(folder):
    """Tables by what is in them."""
    frames = [pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 3]})]
    one, same, other = (_pipeline().with_stubs({"train": {"model": frame}}) for frame in frames)
    assert one == same
    assert one != other
    assert one != _pipeline()


def test_preflight_says_what_is_missing_and_nothing_of_scripts(folder):
    """Of a stub's script it says nothing; that data will be fetched it says without asking."""
    (folder / "scripts" / "train.py").write_text("syntax error(")
    found = load_pipeline(small(outputs=["model"], stub="synthetic")).preflight()
    assert not [f for f in found if f.step == "train"]
    (opened,) = _pipeline().preflight()
    assert opened.severity == "error"
    assert opened.message == "train cannot run here, and nothing stands in for it"
    assert 'pipeline.with_stubs({"train": {"model": PATH}})' in opened.fix
    (fetched,) = _pipeline().with_stubs({"train": {"model": "s3://b/x"}}).preflight()
    assert (fetched.severity, fetched.message) == ("info", "output 'model' will be fetched from s3://b/x")
    gone = _pipeline().with_stubs({"train": {"model": "data.csv"}})
    (folder / "data.csv").unlink()
    assert "there is nothing at" in next(f for f in gone.preflight() if f.step == "train").message


def test_preflight_names_the_package_that_addresses_need(folder, monkeypatch):
    """Before the run, not in it."""
    monkeypatch.setattr("cursus_rt_notebook.pipeline.preflight.elsewhere.find_spec", lambda _: None)
    found = _pipeline().with_stubs({"train": {"model": "s3://b/x"}}).preflight()
    assert any(f.severity == "error" and "cursus_rt_notebook[s3]" in f.fix for f in found)


def test_no_script_is_no_script(folder):
    """A step of which only the outputs are known."""
    assert _pipeline().steps["train"].script == NO_SCRIPT
    assert isinstance(_pipeline().steps["extract"].inputs["raw"], FromPath)
