"""Learn how often flights of each score were late, so that a score can be read as a probability."""

import argparse
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger(__name__)


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, Any],
    job_args: argparse.Namespace,
) -> dict[str, float]:
    """Write `calibrator.joblib`, and how far score and share were apart before."""
    scores = pd.read_csv(Path(input_paths["evaluation_data"], "predictions.csv"))
    field, label = environ_vars["SCORE_FIELDS"][0], environ_vars["LABEL_FIELD"]
    calibrator = IsotonicRegression(out_of_bounds="clip").fit(scores[field], scores[label])
    share, mean = calibration_curve(scores[label], scores[field], n_bins=10, strategy="quantile")
    error = round(float(abs(share - mean).mean()), 4)
    joblib.dump(calibrator, Path(output_paths["calibration_output"], "calibrator.joblib"))
    report = {"flights": len(scores), "mean_error_before": error}
    Path(output_paths["metrics_output"], "calibration.json").write_text(json.dumps(report, indent=2), encoding="utf-8")
    if error > environ_vars["ERROR_THRESHOLD"]:
        logger.warning("scores were %.1f points off before calibration", 100 * error)
    return report


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--job_type", required=True)
    try:
        main(
            {"evaluation_data": "/opt/ml/processing/input/eval_data"},
            {
                "calibration_output": "/opt/ml/processing/output/calibration",
                "metrics_output": "/opt/ml/processing/output/metrics",
            },
            {
                "LABEL_FIELD": os.environ["LABEL_FIELD"],
                "SCORE_FIELDS": os.environ.get("SCORE_FIELDS", "probability").split(","),
                "ERROR_THRESHOLD": float(os.environ.get("ERROR_THRESHOLD", "0.05")),
            },
            parser.parse_args(),
        )
    except FileNotFoundError:
        logger.exception("nothing to calibrate")
        sys.exit(2)
