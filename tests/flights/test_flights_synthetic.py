"""The example on made-up data: every script alone, on inputs like those of a real run, and the pipeline from its sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.data.synthetic.make import alone, make_inputs, make_sources, on_sources
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import FromStep, Pipeline

FLIGHTS = Path(__file__).parents[2] / "notebooks" / "flights" / "flights.pipeline.yaml"
pytestmark = pytest.mark.timeout(300)  # the real run is part of the first test
SECONDS, MEMORY = 30, 2 << 30
STEPS = tuple(load_pipeline(FLIGHTS).steps)


@dataclass(frozen=True)
class Real:
    """The pipeline, and what a real run of it wrote, by step and port."""

    pipeline: Pipeline
    outputs: dict[tuple[str, str], Path]
    folder: Path

    def samples(self, name: str) -> dict[str, Path]:
        """For each input that a step feeds, what it wrote."""
        fed = self.pipeline.steps[name].inputs.items()
        return {port: self.outputs[source.step, source.port] for port, source in fed if isinstance(source, FromStep)}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """One run on all flights of 2013."""
    folder = tmp_path_factory.mktemp("flights")
    pipeline = load_pipeline(FLIGHTS)
    session = crt.execute_pipeline_with_breakpoints(pipeline, (), folder / "workspace")
    assert session.resume() is None, session.pause
    outputs = {(name, port): one.path for name in STEPS for port, one in session[name].outputs.items()}
    session.close()
    yield Real(pipeline, outputs, folder)
    crt.shutdown()


def run_alone(real: Real, name: str, made: dict[str, Path]) -> Any:
    """A session on one step with these inputs, run to its end."""
    session = crt.execute_pipeline_with_breakpoints(alone(real.pipeline, name, made), (), real.folder / "alone")
    pause = session.resume()
    assert pause is None, f"{pause}\n{pause.error}"
    return session


@pytest.mark.parametrize("name", STEPS)
def test_every_script_runs_alone(name: str, real: Real, tmp_path: Path):
    """On inputs like those it had: within half a minute and two gigabytes; models and what they learned are copied."""
    made = make_inputs(name, real.pipeline, tmp_path, samples=real.samples(name))
    copied = {port for port, source in made.sources.items() if source == "copied"}
    assert copied == set(made) & {"model", "learned", "metrics", "calibrator"}
    session = run_alone(real, name, made)
    state = session.state.steps[name]
    print(f"{name}: {state.seconds:.1f} s, {(state.memory or 0) >> 20} MB")
    assert state.seconds < SECONDS
    assert (state.memory or 0) < MEMORY
    session.close()


def test_no_row_of_the_real_run_is_among_the_inputs(real: Real, tmp_path: Path):
    """Of the tables that the model is trained on."""
    made = make_inputs("train", real.pipeline, tmp_path, samples=real.samples("train"))
    for channel in ("train", "val"):
        new, old = (pd.read_parquet(root / channel) for root in (made["encoded"], real.samples("train")["encoded"]))
        assert new.dtypes.equals(old.dtypes)
        assert new.merge(old).empty


def test_joins_find_what_they_look_for(real: Real, tmp_path: Path):
    """Weather an hour before, and the aircraft: most flights have one."""
    made = make_inputs("join_weather", real.pipeline, tmp_path / "weather", samples=real.samples("join_weather"))
    joined = run_alone(real, "join_weather", made)["join_weather"]["joined"].df
    assert joined["temp"].notna().mean() > 0.5
    made = make_inputs("join_planes", real.pipeline, tmp_path / "planes", samples=real.samples("join_planes"))
    planes = run_alone(real, "join_planes", made)["join_planes"]["planes"].df
    assert planes["plane_known"].mean() > 0.9


@pytest.mark.parametrize("rows", [1_000, 20_000])
def test_the_pipeline_runs_from_made_up_sources(rows: int, real: Real, tmp_path: Path):
    """End to end; a model of values without connection is no better than chance."""
    made = make_sources(real.pipeline, tmp_path / "sources", rows=rows, seed=4)
    assert set(made.sources.values()) == {"sample"}
    session = crt.execute_pipeline_with_breakpoints(on_sources(real.pipeline, made), (), tmp_path / "workspace")
    pause = session.resume()
    assert pause is None, f"{pause}\n{pause.error}"
    assert session.status == "finished"
    metrics = json.loads((session["evaluate"]["metrics"].path / "metrics.json").read_text())
    assert 0.3 < metrics["auc"] < 0.7
    assert 0.1 < metrics["late_share"] < 0.4
    session.close()


@pytest.mark.parametrize("scenario", ["unicode", "duplicate_keys"])
def test_a_script_can_be_tried_on_odd_data(scenario: str, real: Real, tmp_path: Path):
    """Texts that few expect and ids that are there twice: filling gaps with medians minds neither."""
    made = make_inputs("impute", real.pipeline, tmp_path, samples=real.samples("impute"), scenario=scenario)
    run_alone(real, "impute", made).close()
