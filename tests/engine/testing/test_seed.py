"""Every signature of the seed document, called as that writes it, gives what it says: see the table in tests/README.md."""

from __future__ import annotations

import argparse
import dataclasses
import inspect
from pathlib import Path
from typing import Any

import pytest

import cursus_rt_notebook as crt

SIGNATURES = {
    "PipelineScriptExecutor.__init__": ["workspace_dir"],
    "PipelineScriptExecutor.test_script_isolation": ["script_name", "data_source"],
    "PipelineScriptExecutor.test_pipeline_e2e": ["pipeline_dag", "data_source"],
    "PipelineScriptExecutor.test_step_transition": ["upstream_step", "downstream_step"],
    "PipelineScriptExecutor.execute_pipeline_with_breakpoints": ["pipeline_dag", "breakpoints"],
    "ScriptImportManager.__init__": [],
    "ScriptImportManager.import_script_main": ["script_path"],
    "ScriptImportManager.prepare_execution_context": ["step_config", "input_data_paths", "output_base_dir"],
    "ScriptImportManager.execute_script_main": ["main_func", "context"],
    "ScriptImportManager.discover_script_from_config": ["config"],
    "DataFlowManager.__init__": ["workspace_dir"],
    "DataFlowManager.setup_step_inputs": ["step_name", "upstream_outputs", "step_contract"],
    "DataFlowManager.capture_step_outputs": ["step_name", "output_paths"],
    "DataFlowManager.validate_data_compatibility": ["producer_output", "consumer_contract"],
    "DataFlowManager.create_data_lineage": ["execution_history"],
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_each_method_has_the_seeds_parameters(name):
    """By their names and in their order; what we added has defaults."""
    cls, method = name.split(".")
    parameters = list(inspect.signature(getattr(getattr(crt, cls), method)).parameters.values())[1:]
    assert [p.name for p in parameters][: len(SIGNATURES[name])] == SIGNATURES[name]
    assert all(p.default is not p.empty for p in parameters[len(SIGNATURES[name]) :])


def test_defaults_are_the_seeds():
    """The workspace, the data source, and no breakpoints."""
    executor = crt.PipelineScriptExecutor
    assert inspect.signature(executor).parameters["workspace_dir"].default == "./pipeline_testing"
    for method in (executor.test_script_isolation, executor.test_pipeline_e2e):
        assert inspect.signature(method).parameters["data_source"].default == "synthetic"
    assert inspect.signature(executor.execute_pipeline_with_breakpoints).parameters["breakpoints"].default is None


@pytest.fixture
def pipeline_dag(project):
    """Two steps, as a dict."""
    (project.path / "raw.csv").write_text("step,n\na,1\nb,2\n")
    project.script("first", 'write("out", "t.csv", Path(input_paths["raw"]).read_text())')
    project.script("second", 'write("out", "t.csv", read("data"))')
    raw = {"path": str(project.path / "raw.csv")}
    return project.pipeline(
        {
            "first": {"inputs": {"raw": raw}, "outputs": ["out"]},
            "second": {"inputs": {"data": "first.out"}, "outputs": ["out"]},
        }
    )


def test_pipeline_script_executor(project, pipeline_dag):
    """Its attributes and methods, and their results' types."""
    executor = crt.PipelineScriptExecutor(str(project.workspace), pipeline=pipeline_dag)
    assert isinstance(executor.workspace_dir, Path)
    assert isinstance(executor.script_manager, crt.ScriptImportManager)
    assert isinstance(executor.data_manager, crt.DataFlowManager)
    assert executor.execution_history == []
    assert isinstance(executor.test_pipeline_e2e(pipeline_dag, "synthetic"), crt.PipelineTestResult)
    assert isinstance(executor.test_script_isolation("first", "synthetic"), crt.TestResult)
    assert isinstance(executor.test_step_transition("first", "second"), crt.TransitionTestResult)
    session = executor.execute_pipeline_with_breakpoints(pipeline_dag, ["first"])
    assert isinstance(session, crt.InteractiveExecutionResult)
    assert [pause.step for pause in session] == ["first"]
    assert all(isinstance(each, crt.ExecutionResult) for each in executor.execution_history)
    assert len(executor.execution_history) == 6


def test_script_import_manager(project, pipeline_dag):
    """From a configuration to the result of its script."""
    manager = crt.ScriptImportManager()
    config = crt.load_pipeline(pipeline_dag).steps["first"]
    script_path = manager.discover_script_from_config(config)
    main_func = manager.import_script_main(script_path)
    assert callable(main_func)
    context = manager.prepare_execution_context(config, {"raw": project.path / "raw.csv"}, project.path / "outputs")
    assert isinstance(context, crt.ExecutionContext)
    result = manager.execute_script_main(main_func, context)
    assert isinstance(result, crt.ExecutionResult)
    assert result.success
    assert (Path(context.output_paths["out"]) / "t.csv").read_text() == "step,n\na,1\nb,2\n"


def test_execution_context():
    """The seed's fields, and what `to_dict` makes of them."""
    assert dataclasses.is_dataclass(crt.ExecutionContext)
    names = ["input_paths", "output_paths", "environ_vars", "job_args"]
    assert [field.name for field in dataclasses.fields(crt.ExecutionContext)] == names
    context = crt.ExecutionContext({"a": "b"}, {}, {}, argparse.Namespace(c=1))
    assert context.to_dict() == {
        "input_paths": {"a": "b"},
        "output_paths": {},
        "environ_vars": {},
        "job_args": argparse.Namespace(c=1),
    }


def test_data_flow_manager(project, pipeline_dag):
    """From a step's outputs to the next one's inputs, and to the lineage of both."""
    manager = crt.DataFlowManager(str(project.workspace))
    assert isinstance(manager.workspace_dir, Path)
    assert manager.data_lineage == []
    folder = project.path / "out"
    folder.mkdir()
    (folder / "t.csv").write_text("step,n\na,1\n")
    captured: dict[str, Any] = manager.capture_step_outputs("first", {"out": folder})
    assert captured["out"]["tables"][""]["rows"] == 1
    contract = crt.ScriptContract.of_step(crt.load_pipeline(pipeline_dag).steps["second"])
    inputs: dict[str, str] = manager.setup_step_inputs("second", {"first": {"out": folder}}, contract)
    assert inputs == {"data": str(folder)}
    assert isinstance(manager.validate_data_compatibility(folder, contract), crt.ValidationResult)
    executor = crt.PipelineScriptExecutor(str(project.workspace), pipeline_dag)
    executor.test_pipeline_e2e(pipeline_dag, "real")
    lineage = manager.create_data_lineage(executor.execution_history)
    assert isinstance(lineage, crt.DataLineage)
    assert lineage.upstream("second")[0] == "first"


@pytest.mark.parametrize(
    "name",
    ["DataLineage", "ExecutionResult", "PipelineTestResult", "TestResult", "TransitionTestResult", "ValidationResult"],
)
def test_results_are_no_tests_and_serialise(name):
    """Pydantic models that pytest leaves alone."""
    model = getattr(crt, name)
    assert model.__test__ is False
    assert model.model_json_schema()["type"] == "object"
    assert callable(model.to_dataframe)


def test_configuration_integration(project, pipeline_dag):
    """A step's configuration out of a pipeline, and its script."""
    integration = crt.ConfigurationIntegration()
    config = integration.resolve_step_config("first", pipeline_dag)
    assert isinstance(config, crt.ConfigBase)
    assert integration.extract_script_path(config) == str(project.path / "first.py")
    with pytest.raises(crt.CursusError, match="no step 'frist'"):
        integration.resolve_step_config("frist", pipeline_dag)


def test_contract_integration(project, pipeline_dag):
    """A script's contract by name, and whether what is there fulfils it."""
    integration = crt.ContractIntegration(pipeline_dag)
    contract = integration.get_script_contract("second")
    assert isinstance(contract, crt.ScriptContract)
    assert integration.get_script_contract("second.py") == contract
    good = integration.validate_input_requirements(contract, {"data": project.path})
    assert isinstance(good, crt.ValidationResult)
    assert good.ok
    lacking = integration.validate_input_requirements(contract, {"date": project.path})
    assert not lacking.ok
    assert lacking.recommendations[0] == "did you mean date?"
    gone = integration.validate_input_requirements(contract, {"data": project.path / "nowhere"})
    assert "nothing at" in gone.headline
