"""Configurations and contracts of a Cursus project, by the seed's methods, without the cursus package."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.errors import NameUnknown, ScriptNotFound

DELAYS = Path(__file__).parents[3] / "notebooks" / "delays"
PROJECT = {
    "config": DELAYS / "config" / "delays.config.json",
    "interfaces": DELAYS / "interfaces",
    "source_dirs": [DELAYS],
}
DAG = DELAYS / "config" / "delays.dag.json"


def test_a_step_is_configured_as_its_project_says():
    """From the graph's file, given what it is loaded with; or from a pipeline that is loaded already."""
    integration = crt.ConfigurationIntegration(**PROJECT)
    config = integration.resolve_step_config("DelayTraining", DAG)
    assert (config.script, config.source_dir) == (DELAYS / "dockers/delay_training.py", DELAYS / "dockers")
    assert config.env == {"USE_CLASS_WEIGHTS": "false", "USE_SECURE_PYPI": "false"}
    assert integration.extract_script_path(config) == str(DELAYS / "dockers/delay_training.py")
    loaded = crt.load_cursus(DAG, **PROJECT)
    assert crt.ConfigurationIntegration().resolve_step_config("DelayTraining", loaded) == config
    with pytest.raises(NameUnknown, match="DelayTraining"):
        integration.resolve_step_config("DelayTrainin", DAG)


@pytest.mark.parametrize(
    "fields",
    [
        {"script_path": "/home/other/project/dockers/scripts/delay_eval.py"},
        {"processing_entry_point": "delay_eval.py", "processing_source_dir": "dockers/scripts"},
        {"processing_entry_point": "delay_eval.py", "source_dir": "/home/other/dockers/scripts"},
    ],
)
def test_a_script_is_found_from_what_cursus_configures(fields):
    """As an entry of a configuration, or as an object with attributes; elsewhere than it says, below the roots."""
    integration = crt.ConfigurationIntegration(source_dirs=DELAYS)
    expected = str(DELAYS / "dockers/scripts/delay_eval.py")
    assert integration.extract_script_path(fields) == expected
    assert integration.extract_script_path(SimpleNamespace(**fields)) == expected
    with pytest.raises(ScriptNotFound):
        crt.ConfigurationIntegration().extract_script_path(fields)


def test_an_object_whose_properties_fail_is_read_all_the_same(tmp_path):
    """What it cannot tell, it does not."""

    class Config:
        training_entry_point = "train.py"
        source_dir = str(tmp_path)

        @property
        def script_path(self):
            raise RuntimeError("no catalog")

    (tmp_path / "train.py").write_text("")
    assert crt.ConfigurationIntegration().extract_script_path(Config()) == str(tmp_path / "train.py")


@pytest.mark.parametrize("name", ["DelayEval", "DelayEval_calibration", "delay_eval.py", "delay_eval"])
def test_contracts_by_step_type_and_script(name, tmp_path):
    """Of a step type that no pipeline has, too; that of a step is its own."""
    contract = crt.ContractIntegration(workspace_dir=tmp_path, interfaces=DELAYS / "interfaces").get_script_contract(
        name
    )
    assert contract.entry_point == "delay_eval.py"
    assert set(contract.inputs) == {"model_input", "processed_data"}
    assert set(contract.outputs) == {"eval_output", "metrics_output"}


def test_contracts_of_a_graph(tmp_path):
    """By node, and by script where only one node runs it."""
    integration = crt.ContractIntegration(DAG, tmp_path, **PROJECT)
    assert integration.get_script_contract("DelayEval_calibration") == integration.get_script_contract("delay_eval.py")
    with pytest.raises(NameUnknown):
        integration.get_script_contract("nothing.py")


def test_inputs_are_compared_with_contracts_of_any_kind(tmp_path):
    """Ours, and those of the package's old style."""
    integration = crt.ContractIntegration(DAG, tmp_path, **PROJECT)
    ours = integration.get_script_contract("DelayEval_calibration")
    theirs = SimpleNamespace(
        entry_point="delay_eval.py",
        expected_input_paths={"model_input": "/opt/ml/processing/input/model", "processed_data": "/opt/ml/x"},
        expected_output_paths={},
        required_env_vars=[],
        optional_env_vars={},
        framework_requirements={},
    )
    for contract in (ours, theirs):
        lacking = integration.validate_input_requirements(contract, {"model_input": tmp_path, "other": tmp_path})
        assert not lacking.ok
        assert lacking.messages == ("input 'processed_data' has no data", "'other' is no input of delay_eval.py")
        complete = dict.fromkeys(("model_input", "processed_data"), tmp_path)
        assert integration.validate_input_requirements(contract, complete).ok
        at_address = {**complete, "processed_data": "s3://bucket/data"}
        assert integration.validate_input_requirements(contract, at_address).ok


@pytest.mark.parametrize("contract", [5, None, "delay_eval.py", object()])
def test_what_is_no_contract_is_refused(contract, tmp_path):
    """It would have no inputs, and anything would fulfil it."""
    with pytest.raises(crt.errors.PipelineError, match="not a contract"):
        crt.ContractIntegration(DAG, tmp_path, **PROJECT).validate_input_requirements(contract, {})
