"""One step on two sources of data, side by side."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook import errors

SCRIPT = """
from pathlib import Path
import pandas as pd


def main(input_paths, output_paths, environ_vars, job_args):
    flights = pd.read_csv(Path(input_paths["raw"]))
    flights = flights[flights["carrier"].notna()]
    out = Path(output_paths["clean"])
    for name, part in {"train": flights.iloc[:-2], "test": flights.iloc[-2:]}.items():
        (out / name).mkdir()
        part.to_csv(out / name / "part.csv", index=False)
    (Path(output_paths["notes"]) / "notes.txt").write_text("no table")
"""
RAW = pd.DataFrame({"carrier": ["UA", "AA"] * 10, "delay": [3.5, None, 40.0, -2.0] * 5, "distance": range(100, 120)})


@pytest.fixture
def pipeline(project):
    """One step with two outputs, one of them in two channels."""
    (project.path / "clean.py").write_text(SCRIPT)
    RAW.to_csv(project.path / "raw.csv", index=False)
    raw = {"path": str(project.path / "raw.csv")}
    outputs = {"clean": {"channels": ["train", "test"]}, "notes": {}}
    return project.pipeline({"clean": {"inputs": {"raw": raw}, "outputs": outputs}})


@pytest.fixture
def compare(project, pipeline):
    """Compare two sources for the step."""

    def compare(*sources, **options):
        return crt.compare_data("clean", *sources, pipeline=pipeline, workspace_dir=project.workspace, **options)

    return compare


def row(comparison, of, measure) -> pd.Series:
    """One row of the table."""
    table = comparison.to_dataframe()
    found = table[(table["of"] == of) & (table["measure"] == measure)]
    assert len(found) == 1, table
    return found.iloc[0]


def test_made_up_data_beside_the_real(compare):
    """What it took, the rows, types, missing cells and ranges of each output, table by table."""
    result = compare("synthetic", "real", rows=50)
    assert isinstance(result, crt.DataComparison)
    assert result.ok, result
    assert result.sources == ("synthetic", "real")
    assert {table.name: table.rows for table in result.tables} == {"clean/train": (48, 18), "clean/test": (2, 2)}
    assert result.left_out == {"notes": "notes holds no table"}
    assert row(result, "clean", "status")["real"] == "done"
    assert row(result, "clean", "seconds")["synthetic"] > 0
    assert row(result, "clean/train", "rows")[["synthetic", "real"]].tolist() == [48, 18]
    assert row(result, "clean/train.carrier", "type")[["synthetic", "real", "note"]].tolist() == ["text", "text", ""]
    assert row(result, "clean/train.distance", "range")["real"] == "100 to 117"
    assert row(result, "clean/train.delay", "missing")["real"] == round(5 / 18, 4)
    assert "same columns" in result.headline
    assert "clean/train" in repr(result)
    assert "clean/train" in result._repr_html_()
    assert json.loads(result.model_dump_json())["first"]["success"]


def test_what_differs_comes_first_and_is_named(compare):
    """Another type, a column of one only, other cells missing, ranges apart."""
    other = RAW.assign(carrier=range(20), distance=RAW["distance"] + 1_000, delay=1.0, tail="N1")
    result = compare("real", {"raw": other})
    assert not result.ok
    notes = {(each["of"], each["measure"]): each["note"] for each in result.rows() if each["note"]}
    assert notes["clean/train.carrier", "type"] == "differs"
    assert notes["clean/train.tail", "type"] == "differs"
    assert notes["clean/train", "columns"] == "differs"
    assert notes["clean/train.delay", "missing"] == "far apart"
    assert notes["clean/train.distance", "range"] == "apart"
    assert "clean/train.carrier" in result.recommendations[-1]
    columns = [each for each in result.rows() if "." in each["of"]]
    assert [bool(each["note"]) for each in columns] == sorted((bool(each["note"]) for each in columns), reverse=True)


def test_a_failure_on_one_of_them_is_told(compare):
    """With its error and what to do; of the other, what it wrote."""
    result = compare({"raw": RAW}, {"raw": RAW.drop(columns="carrier")})
    assert not result.ok
    assert result.sources == ("given", "given")
    assert row(result, "clean", "status")[["given", "given (2)", "note"]].tolist() == ["done", "failed", "differs"]
    assert "No column 'carrier'" in result.headline
    assert any("carrier" in each for each in result.recommendations)
    assert {table.name: table.rows for table in result.tables} == {"clean/train": (18, None), "clean/test": (2, None)}


def test_a_step_that_nobody_knows(compare, project):
    """The error lists what there is."""
    with pytest.raises(errors.NameUnknown):
        crt.compare_data("claen", workspace_dir=project.workspace)


def test_pytest_leaves_it_alone():
    """It is named like a test."""
    assert crt.DataComparison.__test__ is False
