"""Tests of scripts and pipelines in which stubs stand in for steps."""

from __future__ import annotations

import pandas as pd
import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.errors import ScriptNotFound
from tests.engine.test_stubs import FLIGHTS, READS


@pytest.fixture
def stubbed(project):
    """A load that cannot run here, a step that reads it, and one that the cloud alone can run."""
    (project.path / "late.py").write_text(READS)
    project.script("report", 'write("out", "t.csv", read("late", "late.csv"))')
    steps = {
        "load": {"script": None, "outputs": ["DATA"], "stub": "open"},
        "late": {"inputs": {"raw": "load.DATA"}, "outputs": ["late"]},
        "report": {"inputs": {"late": "late.late"}, "outputs": ["out"]},
        "register": {"script": None, "inputs": {"model": "report.out"}, "outputs": [], "stub": "skip"},
    }
    return crt.load_pipeline(project.pipeline(steps))


def test_end_to_end_on_made_up_data(project, stubbed):
    """What nobody has given is made up, and what a stub leaves out is no failure."""
    executor = crt.PipelineScriptExecutor(project.workspace, stubbed)
    result = executor.test_pipeline_e2e(stubbed, "synthetic")
    assert {each.step_name: each.status for each in result.executions} == {
        "load": "done",
        "late": "done",
        "report": "done",
        "register": "skipped",
    }
    assert result.success
    assert result.executions[0].script_path == ""


def test_end_to_end_on_what_is_given(project, stubbed):
    """The stub's own data is real data; an open one is a failure that says what to give."""
    executor = crt.PipelineScriptExecutor(project.workspace, stubbed)
    given = stubbed.with_stubs({"load": FLIGHTS})
    result = executor.test_pipeline_e2e(given, "real")
    assert result.success
    assert next(each for each in result.executions if each.step_name == "late").tables[0].rows == 2
    failed = executor.test_pipeline_e2e(stubbed, "real")
    assert not failed.success
    assert "nothing stands in" in next(each for each in failed.executions if each.step_name == "load").error.message


def test_a_script_below_a_stub_by_itself(project, stubbed):
    """On data made up as its text tells, or as the stub gave it."""
    executor = crt.PipelineScriptExecutor(project.workspace, stubbed)
    assert executor.test_script_isolation("late").success
    assert executor.test_script_isolation("report").success
    given = crt.PipelineScriptExecutor(project.workspace, stubbed.with_stubs({"load": FLIGHTS}))
    given.test_pipeline_e2e(given.pipeline, "real")
    result = given.test_script_isolation("late", "real")
    assert result.execution.tables[0].rows == 2


def test_a_step_that_a_stub_stands_in_for_by_itself(project, stubbed):
    """Its script is what is tested; without one there is nothing to test."""
    executor = crt.PipelineScriptExecutor(project.workspace, stubbed.with_stubs({"late": "synthetic"}))
    result = executor.test_script_isolation("late", {"raw": pd.DataFrame({"dep_delay": [1], "city": ["EWR"]})})
    assert result.success
    assert result.execution.tables[0].rows == 1
    with pytest.raises(ScriptNotFound, match="load has no script"):
        executor.test_script_isolation("load")


def test_an_edge_below_a_stub(project, stubbed):
    """What stands in is compared with what its reader reads."""
    executor = crt.PipelineScriptExecutor(project.workspace, stubbed.with_stubs({"load": FLIGHTS[["city"]]}))
    result = executor.test_step_transition("load", "late")
    assert not result.success
    assert "there is no column 'dep_delay'" in result.headline
