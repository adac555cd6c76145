"""Checks as the document has them, and what holds of an output in the end."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.checks import with_checks
from cursus_rt_notebook.pipeline.contract import ScriptContract
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import Checks
from tests.pipeline.conftest import small

TEXT = """\
source_dir: scripts
checks: {rows: 0.2, missing: 0.1, on_failure: warn}
steps:
  extract:
    script: extract.py
    inputs: {raw: {path: data.csv, schema: raw.yaml}}
    outputs:
      flights:
        schema: flights.yaml
        checks:
          missing: {dep_delay: 0.05}
          range: {dep_delay: [-60, 1500], day: ["2013-01-01", null]}
          unique: [[year, month, flight], tail]
          rows: 0.5
          key: [carrier, flight]
          on_failure: pause
      other: {}
  train:
    script: train.py
    inputs: {flights: {step: extract, port: flights, schema: flights.yaml}}
    outputs: {model: {checks: {range: 0.1, unique: 0, key: id}}}
"""


@pytest.fixture
def pipeline(load_text, folder):
    """The pipeline of the text."""
    for name in ("raw.yaml", "flights.yaml"):
        (folder / name).write_text("columns: {}")
    return load_text(TEXT)


def test_an_output_s_checks_lie_over_the_pipeline_s(pipeline):
    """A number is a threshold against the baseline, a mapping or list speaks of columns."""
    assert pipeline.checks_of("extract", "flights") == Checks(
        missing={"dep_delay": 0.05},
        ranges={"dep_delay": (-60, 1500), "day": ("2013-01-01", None)},
        unique=(("year", "month", "flight"), ("tail",)),
        key=("carrier", "flight"),
        rows_drift=0.5,
        missing_drift=0.1,
        on_failure="pause",
    )
    assert pipeline.checks_of("extract", "other") == Checks(rows_drift=0.2, missing_drift=0.1, on_failure="warn")
    assert pipeline.checks_of("train", "model") == Checks(
        key=("id",), rows_drift=0.2, missing_drift=0.1, range_drift=0.1, unique_drift=0.0, on_failure="warn"
    )


def test_a_schema_stands_with_an_input_too(pipeline, folder):
    """It is part of the contract."""
    contract = ScriptContract.of_step(pipeline.steps["extract"])
    assert contract.inputs["raw"].schema_file == folder / "raw.yaml"
    assert contract.outputs["flights"].schema_file == folder / "flights.yaml"
    assert pipeline.steps["train"].inputs["flights"].schema_file == folder / "flights.yaml"


def test_checks_of_the_call_lie_over_the_document_s(folder):
    """They are in the document's words, and so are their faults."""
    pipeline = load_pipeline({**small(), "checks": {"rows": 0.2, "range": 1.5}})
    given = with_checks(pipeline, {"rows": 0.1, "on_failure": "pause"})
    assert given.checks == Checks(rows_drift=0.1, range_drift=1.5, on_failure="pause")
    assert given.order == pipeline.order
    with pytest.raises(PipelineError, match=r"checks\.row: 'row' is not a key of the format\n +write rows"):
        with_checks(pipeline, {"row": 0.1})


def test_nothing_written_is_nothing_checked(folder):
    """Checks have no defaults of their own."""
    pipeline = load_pipeline(small())
    checks = pipeline.checks_of("extract", "flights")
    assert (checks, checks.drifts, checks.pauses, checks.of_columns) == (Checks(), False, False, False)
