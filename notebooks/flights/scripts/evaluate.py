"""Score the test flights, and a baseline that knows only the carrier and the hour, both learned on the training flights."""

import argparse
import json
import logging
from pathlib import Path

import joblib
import pandas as pd
from rates import highest, smoothed_rates
from sklearn.metrics import roc_auc_score

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger(__name__)

BASELINE = ["carrier", "hour"]


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, str],
    job_args: argparse.Namespace,
) -> dict[str, float]:
    """Write `metrics/metrics.json` and `predictions/predictions.csv`."""
    label = environ_vars["LABEL"]
    encoded = Path(input_paths["encoded"])
    train = pd.read_parquet(encoded / "train" / "train.parquet", columns=[*BASELINE, label])
    test = pd.read_parquet(encoded / "test" / "test.parquet")

    predictions = test[["flight_id", "carrier", "origin", "dest", "hour", label]].copy()
    predictions["baseline"] = baseline(train, test, label)
    predictions["probability"] = score(test, Path(input_paths["model"]))
    metrics = measure(predictions, label)
    logger.info("test AUC %(auc).4f, carrier-and-hour baseline %(baseline_auc).4f", metrics)
    if metrics["auc"] <= metrics["baseline_auc"]:
        logger.warning("the model is no better than knowing the carrier and the hour")

    write(metrics, predictions.round(6), output_paths)
    return metrics


def baseline(train: pd.DataFrame, test: pd.DataFrame, label: str) -> pd.Series:
    """Give each test flight the share of late training flights of its carrier and hour."""
    rates = smoothed_rates(train, BASELINE, label)
    logger.info("latest by carrier and hour: %s", highest(rates))
    found = test[BASELINE].merge(rates.rename("rate").reset_index(), on=BASELINE, how="left")["rate"]
    return found.fillna(train[label].mean()).set_axis(test.index)


def score(table: pd.DataFrame, model_dir: Path) -> pd.Series:
    """Return the model's probability of a late arrival for each flight."""
    features = (model_dir / "feature_columns.txt").read_text(encoding="utf-8").split()
    model = joblib.load(model_dir / "model.joblib")
    return pd.Series(model.predict_proba(table[features])[:, 1], index=table.index)


def measure(predictions: pd.DataFrame, label: str) -> dict[str, float]:
    """Compare model and baseline on the same flights."""
    late = predictions[label]
    return {
        "flights": len(predictions),
        "late_share": round(float(late.mean()), 6),
        "auc": round(float(roc_auc_score(late, predictions["probability"])), 6),
        "baseline_auc": round(float(roc_auc_score(late, predictions["baseline"])), 6),
    }


def write(metrics: dict[str, float], predictions: pd.DataFrame, output_paths: dict[str, str]) -> None:
    """Write both outputs."""
    for port in ("metrics", "predictions"):
        Path(output_paths[port]).mkdir(parents=True, exist_ok=True)
    text = json.dumps(metrics, indent=2)
    (Path(output_paths["metrics"]) / "metrics.json").write_text(text, encoding="utf-8")
    predictions.to_csv(Path(output_paths["predictions"]) / "predictions.csv", index=False)
