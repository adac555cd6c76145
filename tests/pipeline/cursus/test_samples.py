"""Real files of Cursus projects: every interface is read, every graph is built and wired, and written as YAML."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from cursus_rt_notebook.pipeline.cursus.asked import Asked
from cursus_rt_notebook.pipeline.cursus.configuration import NodeConfig, read_configuration
from cursus_rt_notebook.pipeline.cursus.interface import Interface
from cursus_rt_notebook.pipeline.cursus.interfaces import read_interfaces
from cursus_rt_notebook.pipeline.cursus.load import load_cursus
from cursus_rt_notebook.pipeline.cursus.variables import environment
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import FromStep, Open
from tests.samples import DAGS, INTERFACES, SAMPLES, needs_samples

pytestmark = needs_samples

CONFIG = SAMPLES / "configs" / "atoz_xgboost.config.json"
GOLDEN = json.loads(Path(__file__).with_name("complete_e2e.golden.json").read_text())
ENV_FIELDS = json.loads((SAMPLES / "env_fields.json").read_text()) if SAMPLES.is_dir() else {}


def test_there_are_as_many_as_there_should_be():
    """So that no test below passes for want of anything to test."""
    assert (len(INTERFACES), len(DAGS)) == (61, 17)


def test_every_interface_is_read():
    """With all its variants, and nothing in them is lost."""
    known = read_interfaces(SAMPLES / "interfaces")
    assert len(known.known) == 61
    variants = 0
    for step_type in known.known:
        base = known.get(step_type, None)
        assert base.step_type == step_type
        assert set(base.inputs) == set(base.written["spec"]["dependencies"] or {})
        assert set(base.outputs) == set(base.written["spec"]["outputs"] or {})
        for job_type in base.variants:
            varied = known.get(step_type, job_type)
            assert varied.has_variant
            assert varied.optional_env == base.optional_env
            variants += 1
    assert not known.faults
    assert variants == 29


def test_a_variant_is_laid_over_the_base():
    """The imputation of training makes its artifacts, that of calibration needs them."""
    known = read_interfaces(SAMPLES / "interfaces")
    needs = {job: known.get("MissingValueImputation", job).inputs for job in ("training", "calibration", None)}
    assert [needs[job]["model_artifacts_input"].required for job in needs] == [False, True, False]
    assert {tuple(ports) for ports in needs.values()} == {tuple(needs[None])}


@pytest.mark.parametrize("dag", DAGS, ids=lambda path: path.name)
def test_every_graph_is_built(dag, tmp_path):
    """Each required port is fed by a step before it, or is open; and the YAML that is written of it is the same."""
    pipeline = load_cursus(dag, interfaces=SAMPLES / "interfaces")
    written = json.loads(dag.read_text())
    assert list(pipeline.steps) == written["dag"]["nodes"]
    assert pipeline.name == written["metadata"]["name"]
    edges = {tuple(edge) for edge in written["dag"]["edges"]}
    assert {(need, name) for name, step in pipeline.steps.items() for need in step.needs} == edges
    bound = {(b.step, b.port): b.chosen for b in pipeline.bindings}
    for name, step in pipeline.steps.items():
        for port, source in step.inputs.items():
            if isinstance(source, FromStep):
                assert (source.step, name) in edges
                assert bound[name, port].name == f"{source.step}.{source.port}"
            else:
                assert isinstance(source, Open)
                assert bound[name, port] is None
    found = {f"{f.step}.{f.port}" for f in pipeline.preflight() if f.severity == "error"}
    still = {f"{n}.{p}" for n, s in pipeline.steps.items() for p, i in s.inputs.items() if isinstance(i, Open)}
    assert still <= found
    pipeline.to_yaml(tmp_path / "p.yaml")
    assert load_pipeline(tmp_path / "p.yaml") == pipeline


OPEN = {
    "DummyDataLoading_training.INPUT_DATA",
    "DummyDataLoading_calibration.INPUT_DATA",
    "DummyDataLoading_evaluation.INPUT_DATA",
    # One graph has two nodes for it, and edges to the other only.
    "XGBoostModelInference_calibration.model_input",
    "XGBoostModelInference_calibration.processed_data",
}


def test_what_is_open_in_the_samples():
    """The data of those who load none themselves, and of a node that no edge leads to."""
    still: dict[str, set[str]] = {}
    for dag in DAGS:
        pipeline = load_cursus(dag, interfaces=SAMPLES / "interfaces")
        for name, step in pipeline.steps.items():
            for port, source in step.inputs.items():
                if isinstance(source, Open):
                    still.setdefault(f"{name}.{port}", set()).add(dag.name)
    assert set(still) == OPEN


def test_the_sample_configuration_gives_what_was_derived_by_hand():
    """Every variable and argument of every node of the graph it belongs to."""
    pipeline = load_cursus(SAMPLES / "dags" / "complete_e2e.dag.json", CONFIG, SAMPLES / "interfaces")
    found = {name: {"env": dict(step.env), "args": dict(step.args)} for name, step in pipeline.steps.items()}
    assert found == GOLDEN


def test_scripts_that_are_not_there_are_said_node_by_node():
    """Each with all places that were looked at; the graph is there all the same, and preflight says each once."""
    pipeline = load_cursus(SAMPLES / "dags" / "complete_e2e.dag.json", CONFIG, SAMPLES / "interfaces", ["/nowhere"])
    missing = [f for f in pipeline.preflight() if "is not found: looked for" in f.message]
    run_here = [name for name, step in pipeline.steps.items() if step.stub is None]
    assert sorted(f.step for f in missing) == sorted(run_here)
    assert all("/nowhere" in f.message and f.severity == "error" for f in missing)
    assert not [f for f in pipeline.preflight() if "no longer" in f.message]


@pytest.mark.parametrize(
    ("name", "variable"), [(name, variable) for name, said in ENV_FIELDS.items() for variable in said]
)
def test_every_class_has_its_fields_and_forms(name, variable):
    """A variable is read from the field that the class reads, and written as it writes it."""
    said = ENV_FIELDS[name][variable]
    interfaces = _interfaces()
    default = interfaces[name].optional_env.get(variable)
    declared = Interface(
        name, optional_env={} if default is None else {variable: default}, required_env=() if default else (variable,)
    )
    for value, text in _values(said["form"]):
        env, _ = environment(declared, NodeConfig("n", {said["field"]: value}), Asked(), reads_pypi=False)
        assert env[variable] == text
    for value, text in _values(said["form"]):
        hyper = {"hyperparameters": {said["field"]: value}}
        env, _ = environment(declared, NodeConfig("n", hyper), Asked(), reads_pypi=False)
        assert env[variable] == text


def _values(form):
    if form == "text":
        return [("x", "x"), (True, "true"), (0.5, "0.5"), (3, "3")]
    if form == "join":
        return [(["x", "y"], "x,y"), (["x"], "x")]
    return [(["x", "y"], '["x", "y"]'), ({"x": [1, None]}, '{"x": [1, null]}')]


@cache
def _interfaces():
    known = read_interfaces(SAMPLES / "interfaces")
    found = {}
    for step_type in known.known:
        interface = known.get(step_type, None)
        found[interface.config_class or f"{step_type}Config"] = interface
    return found


def test_the_configuration_is_unwrapped():
    """What was written with its type is the value again; nothing else is lost."""
    configuration = read_configuration(CONFIG)
    loading = configuration.of("CradleDataLoading_training")
    assert isinstance(loading.find("data_sources_spec")["data_sources"], list)
    assert loading.class_name == "CradleDataLoadingConfig"
    assert configuration.of("XGBoostTraining").find("region") == "NA"
    assert not configuration.document.faults
