"""What a project becomes: steps with scripts, inputs, environment and arguments as production would give them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import networkx as nx
import pytest

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.cursus.load import load_cursus
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, Container, FromAddress, FromPath, FromStep, Open, Stub
from tests.pipeline.cursus.conftest import config, interface, notes


def test_a_project_becomes_a_pipeline(cursus):
    """Its name is the file's where the graph gives none; the first input waits for the caller."""
    cursus.text("clean.py")
    cursus.text("fit.py")
    pipeline = cursus.load()
    clean, fit = pipeline.steps.values()
    assert (pipeline.name, pipeline.origin) == ("p", str(cursus.path / "p.dag.json"))
    assert (clean.name, clean.script, clean.source_dir) == ("Clean_training", cursus.path / "clean.py", cursus.path)
    assert clean.inputs == {"DATA": Open()}
    assert clean.args == {"job_type": "training"}
    assert fit.inputs == {"DATA": FromStep(step="Clean_training", port="out")}
    assert fit.args == {}
    assert clean.container == Container(
        inputs={"DATA": "/opt/ml/processing/input/data"}, outputs={"out": "/opt/ml/processing/output"}
    )
    assert clean.requirements == {"pandas": ">=1.3.0"}
    assert notes(pipeline) == []
    assert [binding.name for binding in pipeline.bindings] == ["Clean_training.DATA", "Fit.DATA"]


def test_graphs_of_any_kind_are_the_same(cursus):
    """The file, what is in it, with or without its frame, networkx, and an object with nodes and edges."""

    @dataclass
    class PipelineDAG:
        nodes: list[str] = field(default_factory=lambda: ["Clean_training", "Fit"])
        edges: list[tuple[str, str]] = field(default_factory=lambda: [("Clean_training", "Fit")])

    loaded = cursus.load()
    graph = nx.DiGraph([("Clean_training", "Fit")], name="p")
    frameless = {"nodes": ["Clean_training", "Fit"], "edges": [["Clean_training", "Fit"]], "name": "p"}
    named = cursus.dag | {"metadata": {"name": "p"}}
    for dag in (graph, frameless, named):
        assert load_cursus(dag, interfaces="steps").steps == loaded.steps
        assert load_pipeline(dag, interfaces="steps") == loaded
    assert load_pipeline(PipelineDAG(), interfaces="steps").steps == loaded.steps


def test_the_paths_go_straight_to_load_pipeline(cursus):
    """Which says what to give where they are lacking, and refuses them where they mean nothing."""
    cursus.write()
    assert load_pipeline("p.dag.json", interfaces="steps") == cursus.load()
    with pytest.raises(PipelineError, match=r"give interfaces=FOLDER"):
        load_pipeline("p.dag.json")
    with pytest.raises(PipelineError, match="'interfaces' cannot be given with this pipeline"):
        load_pipeline({"steps": {"a": {"stub": "skip"}}}, interfaces="steps")
    with pytest.raises(PipelineError, match="'config' cannot be given"):
        load_pipeline(cursus.load(), config="config.json")


def test_inputs_and_stubs_are_for_any_pipeline(cursus):
    """Those of the other keywords that are not Cursus's."""
    steps = {"a": {"stub": "open", "outputs": ["x"]}, "b": {"stub": "skip", "inputs": {"y": {"open": True}}}}
    cursus.text("data.csv", "n\n1\n")
    pipeline = load_pipeline({"steps": steps}, inputs={"b.y": "data.csv"}, stubs={"a": "synthetic"})
    assert pipeline.steps["b"].inputs["y"] == FromPath(path=cursus.path / "data.csv")
    assert pipeline.steps["a"].stub == Stub(kind="synthetic")


def test_the_caller_gives_inputs(cursus):
    """A path feeds a port whatever the edges say; the order that they give stays."""
    data = cursus.text("data.csv", "n\n1\n")
    pipeline = cursus.load(inputs={"Clean_training.DATA": "data.csv", "Fit.DATA": "s3://bucket/key"})
    assert pipeline.steps["Clean_training"].inputs["DATA"] == FromPath(path=data)
    assert pipeline.steps["Fit"].inputs["DATA"] == FromAddress(address="s3://bucket/key")
    assert pipeline.steps["Fit"].after == ("Clean_training",)
    assert [(b.chosen, b.explicit) for b in pipeline.bindings] == [(None, True), (None, True)]


def test_the_caller_wires(cursus):
    """Before any rule, also to a step that no edge comes from; or not at all."""
    cursus.dag["dag"]["nodes"].append("Clean_more")
    pipeline = cursus.load(wiring={"Fit.DATA": "Clean_more.out"})
    assert pipeline.steps["Fit"].inputs == {"DATA": FromStep(step="Clean_more", port="out")}
    assert pipeline.steps["Fit"].after == ("Clean_training",)
    assert cursus.load(wiring={"Fit.DATA": None}).steps["Fit"].inputs == {"DATA": Open()}


def test_entries(cursus):
    """For all steps, or by step."""
    assert {s.entry for s in cursus.load(entry="script").steps.values()} == {"script"}
    assert [s.entry for s in cursus.load(entry={"Fit": "script"}).steps.values()] == ["main", "script"]


def test_job_types(cursus):
    """The node's name says it, else the configuration; a variant is laid over the base, or it is said that there is none."""
    said = interface("Clean")
    said["variants"] = {"training": {"spec": {"dependencies": {"DATA": {"required": False}}}}}
    said["contract"]["inputs"]["DATA"]["required"] = False
    cursus.interfaces["clean"] = said
    cursus.dag = {"dag": {"nodes": ["Clean_training", "Clean_other", "Clean"], "edges": []}}
    cursus.config = config(Clean={"job_type": "training"}, Clean_training={"job_type": "testing"}, Clean_other={})
    pipeline = cursus.load()
    needed = {name: step.inputs for name, step in pipeline.steps.items()}
    assert needed == {"Clean_training": {}, "Clean_other": {"DATA": Open()}, "Clean": {}}
    assert "info: Clean has no variant for job type 'other': its base is used" in notes(pipeline, "Clean_other")
    assert notes(pipeline, "Clean_training")[0].startswith("warning: the configuration says job type 'testing'")
    assert pipeline.steps["Clean"].args == {"job_type": "training"}


def test_a_node_with_a_name_of_its_own_has_the_type_of_its_class(cursus):
    """As production finds it; a class that says otherwise than the name is a warning."""
    cursus.dag = {"dag": {"nodes": ["wash", "Fit"], "edges": []}}
    cursus.config = config(wash={"__model_type__": "CleanConfig"}, Fit={"__model_type__": "CleanConfig"})
    pipeline = cursus.load()
    assert pipeline.steps["wash"].script.name == "clean.py"
    assert "warning: the configuration is a CleanConfig, and 'Fit' is a Fit" in notes(pipeline, "Fit")


def test_what_is_not_configured_is_said(cursus):
    """With the entry that was likely meant."""
    cursus.config = config(Clean_trainin={}, Fit={})
    pipeline = cursus.load()
    (finding,) = (n for n in pipeline.notes if "nothing is configured" in n.message)
    assert (finding.step, finding.severity) == ("Clean_training", "warning")
    assert finding.fix.startswith("did you mean 'Clean_trainin'?")


def test_a_training_hands_on_archives(cursus):
    """SageMaker packs what a training job leaves in these two folders; of a processing job it packs nothing."""
    outputs = {
        "m": {"path": "/opt/ml/model"},
        "o": {"path": "/opt/ml/output/data/"},
        "x": {"path": "/opt/ml/checkpoints"},
    }
    for kind, packed in (("Training", ["model.tar.gz", "output.tar.gz", None]), ("Processing", [None] * 3)):
        cursus.interfaces["fit"] = interface("Fit", outputs=outputs)
        cursus.interfaces["fit"]["registry"]["sagemaker_step_type"] = kind
        cursus.interfaces["fit"]["spec"]["outputs"] = {}
        assert [out.packed for out in cursus.load().steps["Fit"].outputs.values()] == packed


def test_channels_of_an_output(cursus):
    """Are subfolders."""
    cursus.interfaces["fit"] = interface("Fit", outputs={"out": {"path": "/opt/ml/x", "channels": ["train", "val"]}})
    assert cursus.load().steps["Fit"].outputs["out"].channels == ("train", "val")


def test_requirements_that_pip_cannot_read(cursus):
    """Are said, and left out."""
    cursus.interfaces["fit"] = interface("Fit", framework_requirements={"pandas": "the newest", "numpy": ">=1"})
    pipeline = cursus.load()
    assert pipeline.steps["Fit"].requirements == {"numpy": ">=1"}
    assert "warning: its interface asks for 'pandas the newest', which pip cannot read" in notes(pipeline, "Fit")


def test_steps_that_cannot_run_here(cursus):
    """Wait for what stands in where others need them, and are left out where nobody does; the caller's stubs win."""
    cursus.interfaces["clean"]["registry"] = {"sagemaker_step_type": "PrivateLoading"}
    cursus.interfaces["fit"]["registry"] = {"sagemaker_step_type": "Processing", "requires": "a_private_sdk"}
    pipeline = cursus.load()
    clean, fit = pipeline.steps.values()
    assert (clean.stub, clean.script) == (Stub(kind="open"), NO_SCRIPT)
    assert (fit.stub, fit.script) == (Stub(kind="skip"), NO_SCRIPT)
    assert notes(pipeline) == [
        "info: cannot run here: it is a PrivateLoading step, which only production can run",
        "info: is left out: it needs a_private_sdk, which is not public",
    ]
    (said,) = (found for found in pipeline.preflight() if found.step == "Clean_training")
    assert said.severity == "error"
    assert said.message == (
        "Clean_training cannot run here, and nothing stands in for it: "
        "it is a PrivateLoading step, which only production can run"
    )
    cursus.text("t.csv", "n\n1\n")
    loaded = cursus.load(stubs={"Clean_training": {"out": "t.csv"}, "Fit": "synthetic"})
    assert [found.severity for found in loaded.preflight() if found.step == "Clean_training"] == ["info"]
    # What to give is no longer said to who gave it.
    assert not [note for note in loaded.preflight() if "stubs" in note.fix]
    given = loaded.steps
    assert given["Clean_training"].stub == Stub(kind="given", outputs={"out": cursus.path / "t.csv"})
    assert given["Fit"].stub == Stub(kind="synthetic")


@pytest.mark.parametrize(
    "said", [{"entry_point": None}, {"runtime_requires": ["private_lib"]}], ids=["no script", "runtime"]
)
def test_contracts_that_cannot_run_here(cursus, said):
    """One without a script, one that needs what is not public."""
    cursus.interfaces["fit"] = interface("Fit", **said)
    assert cursus.load().steps["Fit"].stub == Stub(kind="skip")


def test_a_gpu_is_only_said(cursus):
    """The step runs here all the same."""
    cursus.config = config(Fit={"training_instance_type": "ml.g5.2xlarge"}, Clean_training={})
    pipeline = cursus.load()
    assert pipeline.steps["Fit"].stub is None
    assert "info: production runs it on ml.g5.2xlarge, which has a GPU" in notes(pipeline, "Fit")


def test_what_lies_in_the_source_folder_feeds_its_ports(cursus):
    """A file or folder below /opt/ml/code; of a file that is not there its folder; an edge comes first."""
    ports = {
        "hyper": {"path": "/opt/ml/code/hyperparams/hyperparameters.json", "required": False},
        "extra": {"path": "/opt/ml/code/calibration", "required": False},
        "gone": {"path": "/opt/ml/code/gone", "required": False},
    }
    cursus.interfaces["fit"] = interface("Fit", inputs=ports)
    cursus.interfaces["fit"]["spec"]["dependencies"] = {}
    cursus.text("docker/fit.py")
    cursus.text("docker/calibration/a.json", "{}")
    cursus.text("docker/hyperparams/hyperparameters_NA.json", "{}")
    fed = {p: s.path for p, s in cursus.load(source_dirs="docker").steps["Fit"].inputs.items()}
    assert fed == {"hyper": cursus.path / "docker/hyperparams", "extra": cursus.path / "docker/calibration"}
    file = cursus.text("docker/hyperparams/hyperparameters.json", "{}")
    fit = cursus.load(source_dirs="docker").steps["Fit"]
    assert fit.inputs["hyper"] == FromPath(path=file, optional=True)
    assert set(fit.container.inputs) == {"hyper", "extra", "gone"}
    # The script finds them there by itself: that it does not ask for them is no fault of the interface.
    said = cursus.load(source_dirs="docker").preflight()
    assert not [f for f in said if f.step == "Fit" and f.port in {"hyper", "extra"}]


def test_what_the_configuration_names_feeds_its_ports(cursus):
    """Whatever the edges say; where the script lies tells where its folder is."""
    cursus.interfaces["fit"] = interface("Fit", input_source_overrides={"DATA": "inference_scripts_source"})
    cursus.text("docker/scripts/fit.py")
    own = {"processing_source_dir": "team/docker/scripts", "source_dir": "team/docker"}
    cursus.config = config(Fit=own, Clean_training={})
    fit = cursus.load(source_dirs=["docker"]).steps["Fit"]
    assert fit.script == cursus.path / "docker/scripts/fit.py"
    assert fit.inputs["DATA"].path == cursus.path / "docker"
    assert fit.after == ("Clean_training",)
    pipeline = cursus.load(source_dirs=["nowhere"])
    assert pipeline.steps["Fit"].inputs["DATA"] == Open()
    assert "error: production gives input 'DATA' 'team/docker', which is not found here" in notes(pipeline, "Fit")


def test_data_at_an_address_are_fetched_only_if_the_caller_says_so(cursus):
    """What the configuration names may be large; how to have it is said."""
    cursus.interfaces["clean"] = interface("Clean", input_source_overrides={"DATA": "get_data_source_uri"})
    cursus.config = config(Fit={}, Clean_training={"data_source": "s3://bucket/raw"})
    pipeline = cursus.load()
    assert pipeline.steps["Clean_training"].inputs == {"DATA": Open()}
    (finding,) = (n for n in pipeline.notes if n.port == "DATA")
    assert """{"Clean_training.DATA": 's3://bucket/raw'}""" in finding.fix
    given = cursus.load(inputs={"Clean_training.DATA": "s3://bucket/raw"})
    assert given.steps["Clean_training"].inputs["DATA"] == FromAddress(address="s3://bucket/raw")


def test_what_production_gives_an_input_is_told_once_and_only_until_it_is_given(cursus):
    """That the port is open is said with it; after `with_inputs` there is nothing to say."""
    cursus.text("clean.py")
    cursus.text("fit.py")
    cursus.interfaces["clean"] = interface("Clean", input_source_overrides={"DATA": "get_data_source_uri"})
    cursus.config = config(Fit={}, Clean_training={"data_source": "s3://bucket/raw"})
    pipeline = cursus.load()
    (finding,) = (f for f in pipeline.preflight() if f.severity == "error")
    assert finding.message.startswith("production gives input 'DATA'")
    given = pipeline.with_inputs({"Clean_training.DATA": cursus.path / "config.json"})
    assert not [f for f in given.preflight() if f.severity == "error"]


@pytest.mark.parametrize("stub", [{"out": "config.json"}, "synthetic", "skip"])
def test_what_a_script_would_lack_is_not_told_where_a_stub_stands_in(cursus, stub):
    """Neither an input that production gives nor a variable that it makes up; without the stub both are told again."""
    cursus.text("clean.py")
    cursus.text("fit.py")
    lacks = {"input_source_overrides": {"DATA": "get_data_source_uri"}, "computed_env_paths": {"WHERE_TO": ["a"]}}
    cursus.interfaces["clean"] = interface("Clean", **lacks)
    cursus.config = config(Fit={}, Clean_training={"data_source": "s3://bucket/raw"})
    pipeline = cursus.load(stubs={"Clean_training": stub})
    assert [f for f in pipeline.preflight() if f.step == "Clean_training" and f.severity != "info"] == []
    told = [f.message for f in pipeline.with_stubs({"Clean_training": None}).preflight() if f.step == "Clean_training"]
    assert [m.split(" '")[0] for m in told if m.startswith("production")] == [
        "production makes up the variable WHERE_TO from the S3 folder of the run; here it has no value",
        "production gives input",
    ]


def test_a_source_folder_that_is_not_there_is_said(cursus):
    """By its name, beside the scripts that are not found below it."""
    pipeline = cursus.load(source_dirs=["nowhere"])
    (finding,) = (n for n in pipeline.notes if n.message.startswith("source_dirs names"))
    assert (finding.severity, str(cursus.path / "nowhere") in finding.message) == ("warning", True)
    assert cursus.load(source_dirs=None).notes == cursus.load().notes


def test_a_script_that_is_not_there_is_found_out_before_the_run(cursus):
    """Once, with every place; when it is put there it is no longer said."""
    pipeline = cursus.load(source_dirs=["docker"])
    found = [f for f in pipeline.preflight() if f.step == "Fit" and f.severity == "error"]
    assert [f.message.partition(":")[0] for f in found] == ["its script 'fit.py' is not found"]
    assert str(cursus.path / "docker") in found[0].message
    cursus.text("docker/fit.py")
    assert not [f for f in pipeline.preflight() if f.step == "Fit" and f.severity == "error"]


def test_nothing_of_the_scripts_is_run(cursus):
    """They are looked at as text."""
    cursus.text("clean.py", "import os\nos.environ['RAN'] = '1'\nraise SystemExit(3)\n")
    cursus.text("fit.py", "raise SystemExit(3)\n")
    cursus.load().preflight()
    assert "RAN" not in os.environ
