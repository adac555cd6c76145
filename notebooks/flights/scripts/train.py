"""Fit gradient-boosted trees of several sizes and keep the one that ranks the validation flights best."""

import argparse
import json
import logging
import shutil
from pathlib import Path

import joblib
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger(__name__)

FEATURES = [
    *("month", "weekday", "minute_of_day", "distance", "hour_departures"),
    *("temp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"),
    *("plane_known", "age", "seats", "engines"),
    *("carrier_rate", "origin_rate", "dest_rate"),
]


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, str],
    job_args: argparse.Namespace,
) -> dict[str, float]:
    """Write `model/`: the model, its features in order, and what a new flight must pass through before it."""
    label = environ_vars["LABEL"]
    train = pd.read_parquet(Path(input_paths["encoded"]) / "train" / "train.parquet")
    val = pd.read_parquet(Path(input_paths["encoded"]) / "val" / "val.parquet")
    models = {leaves: fit(train, label, leaves, job_args) for leaves in job_args.max_leaf_nodes}
    trials = [{"max_leaf_nodes": leaves, "val_auc": auc(model, val, label)} for leaves, model in models.items()]
    for trial in trials:
        logger.info("%(max_leaf_nodes)s leaves: validation AUC %(val_auc).4f", trial)
    best = max(trials, key=lambda trial: trial["val_auc"])

    folder = Path(output_paths["model"])
    shutil.copytree(input_paths["learned"], folder, dirs_exist_ok=True)
    joblib.dump(models[best["max_leaf_nodes"]], folder / "model.joblib")
    (folder / "feature_columns.txt").write_text("\n".join(FEATURES) + "\n", encoding="utf-8")
    write_trials(trials, Path(output_paths["trials"]))
    return best


def fit(train: pd.DataFrame, label: str, leaves: int, job_args: argparse.Namespace) -> HistGradientBoostingClassifier:
    """Fit one model; a fixed number of rounds and a fixed seed give the same one every time."""
    model = HistGradientBoostingClassifier(
        learning_rate=job_args.learning_rate,
        max_iter=job_args.max_iter,
        max_leaf_nodes=leaves,
        min_samples_leaf=200,
        early_stopping=False,
        random_state=job_args.seed,
    )
    return model.fit(train[FEATURES], train[label])


def auc(model: HistGradientBoostingClassifier, table: pd.DataFrame, label: str) -> float:
    """Return the chance that the model ranks a late flight above a punctual one."""
    return float(roc_auc_score(table[label], model.predict_proba(table[FEATURES])[:, 1]))


def write_trials(trials: list[dict[str, float]], folder: Path) -> None:
    """Keep every size that was tried, one JSON line each."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(trial) + "\n" for trial in trials)
    (folder / "trials.jsonl").write_text("".join(lines), encoding="utf-8")
