"""The executor on the example: every script by itself, every edge, and the whole, on made-up data and on the real one."""

from __future__ import annotations

from pathlib import Path

import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.pipeline.model import FromStep

FLIGHTS = Path(__file__).parents[2] / "notebooks" / "flights" / "flights.pipeline.yaml"
PIPELINE = crt.load_pipeline(FLIGHTS)
EDGES = sorted(
    {(s.step, step.name) for step in PIPELINE.steps.values() for s in step.inputs.values() if isinstance(s, FromStep)}
)
TWO_GB = 2_000_000_000


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
    assert result.execution.peak_memory < TWO_GB
    print(f"{script}: {result.execution.seconds:.2f} s, {result.execution.peak_memory / 1e6:.0f} MB")


@pytest.mark.parametrize(("upstream", "downstream"), EDGES)
def test_each_edge_fits(executor, real, upstream, downstream):
    """What one step wrote is what the next one reads; nothing is run twice for it."""
    result = executor.test_step_transition(upstream, downstream)
    assert result.success, result
    assert result.ports
