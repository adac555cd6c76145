"""What a document says of a step that was written for a container: its paths, versions, source folder, stub."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.errors import InputMissing, NameUnknown
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, Container, FromPath, Open, Stub
from tests.pipeline.conftest import faults_of, small


def _train(**keys):
    return load_pipeline(small(**keys)).steps["train"]


def test_container_paths(folder):
    """Paths in the container are kept as they are written, by port, and must be absolute."""
    written = {"inputs": {"x": "/opt/ml/processing/input"}, "outputs": {"model": "/opt/ml/model"}}
    assert _train(container=written).container == Container(**written)
    (fault,) = faults_of(small(container={"inputs": {"x": "input/data"}}))
    assert fault.place == "steps.train.container.inputs.x"
    assert fault.message == "'input/data' is no absolute path"


def test_requirements_are_versions_as_pip_writes_them(folder):
    """What is no version is a fault at its name."""
    assert _train(requirements={"pandas": ">=1.2.0,<2.0.0"}).requirements == {"pandas": ">=1.2.0,<2.0.0"}
    (fault,) = faults_of(small(requirements={"pandas": "the newest"}))
    assert (fault.place, fault.message) == ("steps.train.requirements.pandas", "'the newest' are no versions")


def test_a_step_has_its_own_source_dir(folder):
    """A script is looked for there; a folder that is not there is a fault."""
    (folder / "other").mkdir()
    (folder / "other" / "train.py").write_text("")
    step = _train(source_dir="other")
    assert step.source_dir == folder / "other"
    assert step.script == folder / "other" / "train.py"
    (fault,) = faults_of(small(source_dir="nowhere"))
    assert fault.place == "steps.train.source_dir"


def test_stubs(folder):
    """A stub needs no script; it is a word, or a path or address for each output."""
    (folder / "model.bin").write_text("")
    assert _train(stub="skip", script=None).script == NO_SCRIPT
    given = _train(outputs=["model", "other"], stub={"model": "model.bin", "other": "s3://bucket/prefix"}).stub
    assert given == Stub(kind="given", outputs={"model": folder / "model.bin", "other": "s3://bucket/prefix"})
    (fault,) = faults_of(small(stub="later"))
    assert fault.message == "is 'later', not a stub"
    (fault,) = faults_of(small(outputs=["model"], stub={"model": "nothing.bin"}))
    assert fault.place == "steps.train.stub.model"


def test_an_open_input_is_found_before_the_run_and_can_be_given(folder):
    """Nothing feeds it: preflight says so, and `with_inputs` gives it."""
    pipeline = load_pipeline(small(inputs={"x": {"open": True}}))
    assert pipeline.steps["train"].inputs["x"] == Open()
    (finding,) = (f for f in pipeline.preflight() if f.port == "x" and f.severity == "error")
    assert finding.message == "input 'x' is open: nothing feeds it"
    (folder / "given.csv").write_text("a\n1\n")
    given = pipeline.with_inputs({"train.x": "given.csv"})
    assert given.steps["train"].inputs["x"] == FromPath(path=folder / "given.csv")
    with pytest.raises(NameUnknown, match=r"no input 'train\.y'"):
        pipeline.with_inputs({"train.y": "given.csv"})
    with pytest.raises(InputMissing, match="nothing at"):
        pipeline.with_inputs({"train.x": "gone.csv"})
    (fault,) = faults_of(small(inputs={"x": {"open": True, "path": "given.csv"}}))
    assert fault.fix == "write {open: true}"


def test_an_output_may_be_handed_on_packed(folder):
    """The name of the archive says how."""
    assert _train(outputs={"model": {"packed": "model.tar.gz"}}).outputs["model"].packed == "model.tar.gz"
    (fault,) = faults_of(small(outputs={"model": {"packed": "model.rar"}}))
    assert fault.place == "steps.train.outputs.model.packed"


def test_pipelines_are_equal_if_they_run_alike(folder):
    """Wherever they were read; a note of the source makes no difference, another step does."""
    one, other = load_pipeline(small()), load_pipeline(small())
    assert one == other.altered(origin="elsewhere")
    assert hash(one) == hash(other)
    assert one != load_pipeline(small(timeout=3))
