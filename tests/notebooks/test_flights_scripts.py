"""The example's scripts, on tables small enough to check by eye."""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

FLIGHTS = Path(__file__).parents[2] / "notebooks" / "flights"
SCRIPTS = FLIGHTS / "scripts"
STEPS = [
    *("extract", "join_weather", "join_planes", "preprocess", "impute"),
    *("encode", "train", "evaluate", "calibrate", "report"),
]
CHANNELS = ("train", "val", "test")
LABEL = {"LABEL": "late"}

Load = Callable[[str], ModuleType]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Import a script as its step would; afterwards neither it nor its logging remains."""
    monkeypatch.syspath_prepend(SCRIPTS)
    before, handlers, level = set(sys.modules), logging.root.handlers[:], logging.root.level
    yield importlib.import_module
    logging.root.handlers[:], logging.root.level = handlers, level
    for name in {path.stem for path in SCRIPTS.glob("*.py")} - before:
        sys.modules.pop(name, None)


def imports_of(script: Path) -> set[str]:
    """The modules that a script imports."""
    tree = ast.parse(script.read_text(encoding="utf-8"))
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return names | {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}


def observations(*rows: tuple[str, float]) -> pd.DataFrame:
    """Weather at JFK: hour and temperature, the rest alike."""
    measures = ["humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"]
    table = pd.DataFrame(rows, columns=["time_hour", "temp"]).assign(origin="JFK")
    return table.assign(**dict.fromkeys(measures, 1.0))


def made_flights(count: int, seed: int = 0) -> pd.DataFrame:
    """Flights as preprocess leaves them: late more often when it rains, and with carrier B."""
    random = np.random.default_rng(seed)
    carrier = random.choice(["A", "B"], count)
    precip = random.random(count)
    table = pd.DataFrame({"flight_id": range(count), "carrier": carrier, "origin": "JFK", "dest": "BOS", "hour": 8})
    for column in ("month", "weekday", "minute_of_day", "distance", "hour_departures", "plane_known"):
        table[column] = random.integers(1, 9, count)
    for column in ("temp", "humid", "wind_dir", "wind_speed", "pressure", "visib", "age", "seats", "engines"):
        table[column] = random.random(count)
    table["precip"] = precip
    table["late"] = (random.random(count) < 0.1 + 0.6 * precip + 0.2 * (carrier == "B")).astype(int)
    return table


def write_channels(folder: Path, suffix: str, **tables: pd.DataFrame) -> Path:
    """Write one table per channel, as a step's port holds them."""
    for channel, table in tables.items():
        (folder / channel).mkdir(parents=True)
        path = folder / channel / f"{channel}{suffix}"
        table.to_csv(path, index=False) if suffix == ".csv" else table.to_parquet(path, index=False)
    return folder


def outputs(folder: Path, *ports: str) -> dict[str, str]:
    """The paths of ports under a step's folder."""
    return {port: str(folder / port) for port in ports}


@pytest.fixture
def trained(load: Load, tmp_path: Path) -> Path:
    """The outputs of impute, encode and train over made flights, a folder per step."""
    tables = {channel: made_flights(600, seed) for seed, channel in enumerate(CHANNELS)}
    tables["train"].loc[:50, "age"] = np.nan
    processed = write_channels(tmp_path / "processed", ".csv", **tables)
    no_args = argparse.Namespace()
    load("impute").main(
        {"processed_data": str(processed)}, outputs(tmp_path / "impute", "imputed", "learned"), LABEL, no_args
    )
    load("encode").main(
        outputs(tmp_path / "impute", "imputed", "learned"),
        outputs(tmp_path / "encode", "encoded", "learned"),
        LABEL,
        no_args,
    )
    load("train").main(
        outputs(tmp_path / "encode", "encoded", "learned"),
        outputs(tmp_path / "train", "model", "trials"),
        LABEL,
        argparse.Namespace(learning_rate=0.2, max_iter=5, max_leaf_nodes=[3, 4], seed=1),
    )
    return tmp_path


def test_extract_counts_what_the_timetable_plans_for_the_same_airport_and_hour(load: Load) -> None:
    """A flight's hour is as busy as its airport's timetable says, itself included; ids count from 1."""
    flights = load("extract").number_flights(
        pd.DataFrame({"origin": ["JFK", "JFK", "LGA"], "time_hour": ["05", "05", "05"]})
    )
    assert list(flights["flight_id"]) == [1, 2, 3]
    assert list(load("extract").count_departures(flights)) == [2, 2, 1]


def test_weather_is_that_of_the_hour_before_and_every_flight_stays(load: Load) -> None:
    """A flight sees the newest whole observation before its scheduled hour, never that hour's own, or a gap."""
    weather = observations(("2013-01-01T09:00:00Z", 9), ("2013-01-01T10:00:00Z", 10), ("2013-01-01T10:00:00Z", 99))
    hours = ["2013-01-01T11:00:00Z", "2013-01-01T10:00:00Z", "2013-01-01T23:00:00Z", "2013-01-01T11:00:00Z"]
    flights = pd.DataFrame({"flight_id": [1, 2, 3, 4], "origin": "JFK", "time_hour": hours})
    joined = load("join_weather").join_weather(flights, weather, lag_hours=1)
    assert list(joined["flight_id"]) == [1, 2, 3, 4]
    assert joined["temp"].fillna(-1).tolist() == [10, 9, -1, 10]


def test_planes_keep_every_flight_and_say_which_aircraft_is_unknown(load: Load) -> None:
    """A flight without a known tail number stays, with gaps; no aircraft is younger than new."""
    flights = pd.DataFrame({"flight_id": [1, 2, 3], "year": 2013, "tailnum": ["N1", None, "N2"]})
    planes = pd.DataFrame({"tailnum": ["N1", "N2"], "year": [2000, 2014], "seats": [100, 50], "engines": [2, 2]})
    joined = load("join_planes").join_planes(flights, planes)
    assert list(joined["flight_id"]) == [1, 2, 3]
    assert list(joined["plane_known"]) == [1, 0, 1]
    assert joined["age"].fillna(-1).tolist() == [13, -1, 0]


def test_a_day_belongs_to_one_part_and_the_seed_decides_which(load: Load) -> None:
    """Flights of one day are never in two parts; the shares hold; the same seed gives the same parts."""
    day = pd.Series(pd.date_range("2013-01-01", periods=100).repeat(3))
    shares = {"train": 0.6, "val": 0.1, "calibration": 0.1}
    part = load("preprocess").assign_days(day, shares, rest="test", seed=1)
    assert part.groupby(day).nunique().eq(1).all()
    assert part.value_counts().to_dict() == {"train": 180, "test": 60, "val": 30, "calibration": 30}
    assert part.equals(load("preprocess").assign_days(day, shares, rest="test", seed=1))
    assert not part.equals(load("preprocess").assign_days(day, shares, rest="test", seed=2))


def test_flights_without_an_arrival_are_set_aside_with_a_reason(load: Load) -> None:
    """Arrived and cancelled are all flights, each once; one that left and has no arrival was diverted."""
    flights = pd.DataFrame({"dep_time": [500, None, 510], "arr_delay": [3.0, None, None]})
    arrived, cancelled = load("preprocess").set_aside_cancelled(flights)
    assert list(arrived.index) == [0]
    assert cancelled["reason"].to_dict() == {1: "never left", 2: "diverted or not recorded"}


def test_nothing_known_after_departure_reaches_the_features(load: Load) -> None:
    """No column measured after the scheduled hour is left in the table, and the model reads none, nor the label."""
    preprocess = load("preprocess")
    day_and_hour = {"year": 2013, "month": 1, "day": 5, "hour": 6, "minute": 30}
    row = {**dict.fromkeys([*preprocess.KNOWN_TOO_LATE, *preprocess.NOT_USED], 1), **day_and_hour, "arr_delay": 15.5}
    flights = pd.DataFrame([row, {**row, "arr_delay": 15}])
    table = preprocess.make_features(flights, pd.to_datetime(flights[["year", "month", "day"]]), "late", 15)
    assert not set(preprocess.KNOWN_TOO_LATE) & {*table.columns, *load("train").FEATURES}
    assert "late" not in load("train").FEATURES
    assert list(table["late"]) == [1, 0]
    assert list(table["minute_of_day"]) == [390, 390]
    assert list(table["weekday"]) == [5, 5]


def test_a_compressed_table_holds_no_time_of_day(load: Load, tmp_path: Path) -> None:
    """Equal tables are equal files: gzip's own field for the time is empty."""
    load("preprocess").write_csv(pd.DataFrame({"a": [1]}), tmp_path / "deep" / "a.csv.gz")
    assert (tmp_path / "deep" / "a.csv.gz").read_bytes()[4:8] == bytes(4)


def test_medians_come_from_the_training_flights_alone(load: Load, tmp_path: Path) -> None:
    """A gap in any channel is filled with the median of train; ids and labels are never filled."""
    train = pd.DataFrame({"flight_id": [1, 2, 3], "temp": [10.0, None, 30.0], "late": [0, 1, 0]})
    other = pd.DataFrame({"flight_id": [4, 5], "temp": [900.0, None], "late": [1, 1]})
    source = write_channels(tmp_path / "in", ".csv", train=train, val=other, test=other)
    ports = outputs(tmp_path / "out", "imputed", "learned")
    load("impute").main({"processed_data": str(source)}, ports, LABEL, argparse.Namespace())
    filled = {c: pd.read_parquet(Path(ports["imputed"]) / c / f"{c}.parquet")["temp"].tolist() for c in CHANNELS}
    assert filled == {"train": [10, 20, 30], "val": [900, 20], "test": [900, 20]}
    assert json.loads((Path(ports["learned"]) / "medians.json").read_text()) == {"temp": 20}


def test_a_rate_is_pulled_to_the_overall_rate_where_flights_are_few(load: Load) -> None:
    """A kind with as many flights as SMOOTHING counts half; one with none would be the overall rate."""
    rates = load("rates")
    table = pd.DataFrame({"carrier": ["A"] * rates.SMOOTHING + ["B"] * (3 * rates.SMOOTHING), "late": 0})
    table.loc[table["carrier"] == "A", "late"] = 1
    learned = rates.smoothed_rates(table, ["carrier"], "late")
    assert learned["A"] == pytest.approx((1 + 0.25) / 2)
    assert learned["B"] == pytest.approx(0.25 / 4)


def test_the_log_names_kinds_of_one_and_of_several_columns(load: Load) -> None:
    """The highest rates come first, as a reader would write them."""
    rates = pd.Series({("UA", 17): 0.25, ("AA", 5): 0.5})
    assert load("rates").highest(rates) == "AA 5 0.500, UA 17 0.250"
    assert load("rates").highest(pd.Series({"UA": 0.25})) == "UA 0.250"


def test_encoding_learns_on_train_and_gives_strangers_the_overall_rate(load: Load) -> None:
    """Rates depend on the training flights alone; a carrier that they lack gets the share of all."""
    train = made_flights(400)
    learned = load("encode").learn_rates(train, "late")
    stranger = made_flights(3).assign(carrier=["A", "B", "ZZ"])
    encoded = load("preparation").encode(stranger, **learned)
    assert encoded["carrier_rate"].tolist() == [*learned["rates"]["carrier"].values(), train["late"].mean()]
    assert learned["rates"]["carrier"]["B"] > learned["rates"]["carrier"]["A"]


def test_the_baseline_knows_carrier_and_hour_of_the_training_flights_only(load: Load) -> None:
    """Each test flight gets its pair's rate in the order of the test table; an unseen pair the overall rate."""
    train = pd.DataFrame({"carrier": ["A"] * 100 + ["B"] * 100, "hour": 8, "late": [1] * 100 + [0] * 100})
    test = pd.DataFrame({"carrier": ["B", "C", "A"], "hour": [8, 8, 8]}, index=[7, 3, 5])
    assert load("evaluate").baseline(train, test, "late").to_dict() == {7: 0.25, 3: 0.5, 5: 0.75}


def test_training_keeps_the_better_trial_and_packs_what_a_new_flight_needs(load: Load, trained: Path) -> None:
    """The model's folder holds medians, rates, features and model; every trial is kept."""
    model = trained / "train" / "model"
    trials = [json.loads(line) for line in (trained / "train" / "trials" / "trials.jsonl").read_text().splitlines()]
    assert [trial["max_leaf_nodes"] for trial in trials] == [3, 4]
    assert {p.name for p in model.iterdir()} == {"feature_columns.txt", "medians.json", "model.joblib", "rates.json"}
    val = pd.read_parquet(trained / "encode" / "encoded" / "val" / "val.parquet")
    scores = load("evaluate").score(val, model)
    assert roc_auc_score(val["late"], scores) == pytest.approx(max(trial["val_auc"] for trial in trials))


def test_training_twice_gives_the_same_bytes(load: Load, trained: Path) -> None:
    """Seeds are fixed and nothing holds the time: the second model equals the first, byte for byte."""
    again = outputs(trained / "again", "model", "trials")
    args = argparse.Namespace(learning_rate=0.2, max_iter=5, max_leaf_nodes=[3, 4], seed=1)
    load("train").main(outputs(trained / "encode", "encoded", "learned"), again, LABEL, args)
    first = (trained / "train" / "model" / "model.joblib").read_bytes()
    assert (Path(again["model"]) / "model.joblib").read_bytes() == first


def test_a_raw_flight_scores_as_one_that_went_through_the_steps(load: Load, trained: Path) -> None:
    """What calibrate does to raw flights is what impute and encode did to the channels."""
    raw = pd.read_csv(trained / "processed" / "train" / "train.csv")
    encoded = pd.read_parquet(trained / "encode" / "encoded" / "train" / "train.parquet")
    model = trained / "train" / "model"
    assert raw["age"].isna().any()
    pd.testing.assert_series_equal(
        load("calibrate").score_raw(raw, model), load("evaluate").score(encoded, model), rtol=1e-9
    )


def test_both_aucs_are_reported_and_the_model_that_sees_the_rain_wins(load: Load, trained: Path) -> None:
    """metrics.json holds the model's AUC and the baseline's, measured on the same flights."""
    inputs = {"encoded": str(trained / "encode" / "encoded"), "model": str(trained / "train" / "model")}
    ports = outputs(trained / "evaluate", "metrics", "predictions")
    returned = load("evaluate").main(inputs, ports, LABEL, argparse.Namespace())
    metrics = json.loads((Path(ports["metrics"]) / "metrics.json").read_text())
    assert metrics == returned
    assert metrics["flights"] == 600
    assert metrics["auc"] > metrics["baseline_auc"] + 0.05


def test_the_calibrated_share_never_falls_as_the_score_rises(load: Load) -> None:
    """The calibrator's corners rise in score and never fall in share."""
    scores, late = pd.Series([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), pd.Series([0, 1, 0, 0, 1, 1])
    corners = load("calibrate").fit_isotonic(scores, late)
    assert corners["score"] == sorted(set(corners["score"]))
    assert corners["late_share"] == sorted(corners["late_share"])
    assert corners["late_share"][-1] == 1


def test_the_report_counts_by_destination_and_names_the_unknown_airport(load: Load) -> None:
    """Busiest first; a destination that airports.csv lacks stays, and says so."""
    predictions = pd.DataFrame(
        {"dest": ["SJU", "BOS", "BOS"], "late": [1, 0, 1], "probability": [0.5, 0.2, 0.4], "calibrated": 0.5}
    )
    airports = pd.DataFrame({"faa": ["BOS"], "name": ["Logan"]})
    table = load("report").by_destination(predictions, airports, "late")
    assert table["airport"].tolist() == ["Logan", "not in airports.csv"]
    assert table[["flights", "late", "expected"]].to_numpy().tolist() == [[2, 0.5, 0.3], [1, 1, 0.5]]


def test_the_page_shows_both_aucs_and_what_calibration_did(load: Load) -> None:
    """The report says what the model and the baseline reached, and whether calibration helped."""
    metrics = {"flights": 1000, "late_share": 0.25, "auc": 0.75, "baseline_auc": 0.625}
    by_dest = pd.DataFrame({"dest": ["BOS"], "airport": ["Logan"], "flights": [9], "late": [0.2], "expected": [0.3]})
    page = load("report").page(metrics, {"probability": 0.15, "calibrated": 0.16}, by_dest)
    for text in (
        "1,000 test flights",
        "| model | 0.7500 |",
        "alone | 0.6250 |",
        "no better",
        "| Logan (BOS) | 9 | 20.0%",
    ):
        assert text in page


@pytest.mark.parametrize("step", STEPS)
def test_every_script_has_the_contract_and_reads_only_declared_ports(step: str) -> None:
    """`main` takes the contract's four parameters; each port it names is one that the pipeline gives it."""
    from ruamel.yaml import YAML

    described = YAML(typ="safe").load(FLIGHTS / "flights.pipeline.yaml")["steps"][step]
    tree = ast.parse((SCRIPTS / described["script"]).read_text(encoding="utf-8"))
    main = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "main")
    assert [arg.arg for arg in main.args.args] == ["input_paths", "output_paths", "environ_vars", "job_args"]
    assert subscripts(tree, "input_paths") == set(described["inputs"])
    assert subscripts(tree, "output_paths") <= set(described["outputs"])


def subscripts(tree: ast.AST, name: str) -> set[str]:
    """The constant keys that `name[...]` is read with."""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name))
    return {node.slice.value for node in found if node.value.id == name and isinstance(node.slice, ast.Constant)}


def test_exactly_two_steps_import_the_rates() -> None:
    """A constant changed in rates.py is the business of encode and evaluate, and of nobody else."""
    assert [step for step in STEPS if "rates" in imports_of(SCRIPTS / f"{step}.py")] == ["encode", "evaluate"]
    assert "rates" not in imports_of(SCRIPTS / "preparation.py")


def test_the_pipeline_has_ten_steps_and_two_branches_that_meet() -> None:
    """The document loads as it is written, with the shape that the README shows."""
    from cursus_rt_notebook.pipeline.load import load_pipeline

    pipeline = load_pipeline(FLIGHTS / "flights.pipeline.yaml")
    assert list(pipeline.order) == STEPS
    assert pipeline.steps["preprocess"].needs == ("join_weather", "join_planes")
    assert pipeline.consumers["extract"] == ("join_weather", "join_planes")
    assert pipeline.consumers["train"] == ("evaluate", "calibrate")
