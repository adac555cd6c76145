"""Learn how often flights with a given score are late in truth, on days that no other step has seen.

These flights come raw, as new ones would, and pass through what the model's folder brings along: medians, rates, model.
"""

import argparse
import json
import logging
from pathlib import Path

import joblib
import pandas as pd
from preparation import encode, impute
from sklearn.isotonic import IsotonicRegression

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger(__name__)


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, str],
    job_args: argparse.Namespace,
) -> dict[str, int]:
    """Write `calibrator/calibrator.json`: scores and the late share that belongs to each, to interpolate between."""
    flights = pd.read_csv(Path(input_paths["calibration"]) / "calibration.csv.gz")
    late = flights[environ_vars["LABEL"]]
    scores = score_raw(flights, Path(input_paths["model"]))
    calibrator = fit_isotonic(scores, late)
    logger.info(
        "%s flights: mean score %.4f, late in truth %.4f; %s points kept",
        *(f"{len(flights):,}", scores.mean(), late.mean(), len(calibrator["score"])),
    )

    folder = Path(output_paths["calibrator"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "calibrator.json").write_text(json.dumps(calibrator, indent=2), encoding="utf-8")
    return {"rows": len(flights), "points": len(calibrator["score"])}


def score_raw(flights: pd.DataFrame, model_dir: Path) -> pd.Series:
    """Score flights as preprocess left them: impute, encode, predict."""
    medians = json.loads((model_dir / "medians.json").read_text(encoding="utf-8"))
    learned = json.loads((model_dir / "rates.json").read_text(encoding="utf-8"))
    features = (model_dir / "feature_columns.txt").read_text(encoding="utf-8").split()
    prepared = encode(impute(flights, medians), **learned)
    model = joblib.load(model_dir / "model.joblib")
    return pd.Series(model.predict_proba(prepared[features])[:, 1], index=flights.index)


def fit_isotonic(scores: pd.Series, late: pd.Series) -> dict[str, list[float]]:
    """Fit the best curve that never falls, and return its corners."""
    curve = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, late)
    return {"score": curve.X_thresholds_.round(6).tolist(), "late_share": curve.y_thresholds_.round(6).tolist()}
