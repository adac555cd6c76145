"""The executor on the example: every script by itself, every edge, and the whole, on made-up data and on the real one."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.pipeline.model import FromStep

FLIGHTS = Path(__file__).parents[2] / "notebooks" / "flights" / "flights.pipeline.yaml"
PIPELINE = crt.load_pipeline(FLIGHTS)
EDGES = sorted(
    {(s.step, step.name) for step in PIPELINE.steps.values() for s in step.inputs.values() if isinstance(s, FromStep)}
)
TWO_GB = 2_000_000_000
COPIED = {"model", "learned", "metrics", "calibrator"}  # what was learned from tables is no table to be made up
pytestmark = pytest.mark.timeout(300)  # the real run is part of the first test that wants it


@pytest.fixture(scope="module")
def executor(tmp_path_factory):
    """An executor in a workspace of its own."""
    return crt.PipelineScriptExecutor(str(tmp_path_factory.mktemp("flights") / "workspace"), FLIGHTS)


@pytest.fixture(scope="module")
def real(executor):
    """The whole pipeline on all 336,776 flights, once."""
    return executor.test_pipeline_e2e(FLIGHTS, "real")


def test_the_pipeline_runs_on_synthetic_data(executor):
    """Before anything real has run: every step succeeds, and every edge fits."""
    result = executor.test_pipeline_e2e(FLIGHTS)
    assert result.success, result
    assert len(result.executions) == len(PIPELINE.steps)
    assert {(t.upstream_step, t.downstream_step) for t in result.transitions} == set(EDGES)
    assert max(each.peak_memory for each in result.executions) < TWO_GB
    (metrics,) = Path(result.executions[-1].inputs["metrics"].path).glob("metrics.json")
    assert 0.3 < json.loads(metrics.read_text())["auc"] < 0.7  # values without connection are no better than chance


def test_the_pipeline_runs_on_real_data(real):
    """The data of every edge fits what its reader expects, and the lineage leads from the report to the raw files."""
    assert real.success, real
    assert {(t.upstream_step, t.downstream_step) for t in real.transitions} == set(EDGES)
    assert {"extract", "join_weather", "preprocess", "train"} <= set(real.lineage.upstream("report"))
    assert any(name.endswith("flights.csv.zip") for name in real.lineage.upstream("report"))


@pytest.mark.parametrize("script", [step.script.name for step in PIPELINE.steps.values()])
def test_each_script_runs_by_itself_on_synthetic_data(executor, real, script):
    """On data like the real one, within the seed's 2 GB; the time it took is printed."""
    result = executor.test_script_isolation(script)
    assert result.success, result
    assert result.data_source == "synthetic"
    assert {port for port, origin in result.inputs_from.items() if origin == "copied"} == set(
        result.inputs_from
    ) & COPIED
    assert result.execution.peak_memory < TWO_GB
    print(f"{script}: {result.execution.seconds:.2f} s, {result.execution.peak_memory / 1e6:.0f} MB")


@pytest.mark.parametrize(("upstream", "downstream"), EDGES)
def test_each_edge_fits(executor, real, upstream, downstream):
    """What one step wrote is what the next one reads; nothing is run twice for it."""
    result = executor.test_step_transition(upstream, downstream)
    assert result.success, result
    assert result.ports


def test_no_row_of_the_real_run_is_made_up_again(executor, real):
    """Of the tables that the model is trained on; their types are the same."""
    made = executor.test_script_isolation("train").execution.inputs["encoded"].path
    old = next(each for each in real.executions if each.step_name == "train").inputs["encoded"].path
    for channel in ("train", "val"):
        new, before = (pd.read_parquet(Path(root) / channel) for root in (made, old))
        assert new.dtypes.equals(before.dtypes)
        assert new.merge(before).empty


def test_made_up_tables_join(executor, real):
    """Weather an hour before, and the aircraft: most flights have one."""
    outputs = executor.test_script_isolation("join_weather").execution.outputs
    assert crt.Artifact(outputs["joined"].path).df["temp"].notna().mean() > 0.5
    outputs = executor.test_script_isolation("join_planes").execution.outputs
    assert crt.Artifact(outputs["planes"].path).df["plane_known"].mean() > 0.9


@pytest.mark.parametrize("scenario", ["unicode", "duplicate_keys"])
def test_a_script_can_be_tried_on_odd_data(executor, real, scenario):
    """Texts that few expect and ids that are there twice: filling gaps with medians minds neither."""
    assert executor.test_script_isolation("impute", scenario=scenario).success
