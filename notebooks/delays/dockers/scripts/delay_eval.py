"""Score flights with the trained model, and say how well it ranks them."""

import argparse
import json
import logging
import os
import tarfile
from pathlib import Path

import joblib
import pandas as pd
from sklearn.metrics import roc_auc_score

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger(__name__)

CONTAINER_PATHS = {
    "MODEL_DIR": "/opt/ml/processing/input/model",
    "EVAL_DATA_DIR": "/opt/ml/processing/input/eval_data",
    "OUTPUT_EVAL_DIR": "/opt/ml/processing/output/eval",
    "OUTPUT_METRICS_DIR": "/opt/ml/processing/output/metrics",
}


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, str],
    job_args: argparse.Namespace,
) -> None:
    """Write `predictions.csv` and `metrics.json`."""
    model_dir = Path(input_paths["model_input"])
    with tarfile.open(model_dir / "model.tar.gz") as archive:
        archive.extractall(model_dir, filter="data")
    model = joblib.load(model_dir / "model.joblib")
    columns = (model_dir / "feature_columns.txt").read_text(encoding="utf-8").split()
    flights = pd.concat(pd.read_csv(path) for path in Path(input_paths["processed_data"]).rglob("*.csv"))
    identifier, label = environ_vars["ID_FIELD"], environ_vars["LABEL_FIELD"]
    predictions = flights[[identifier, label]].assign(probability=model.predict_proba(flights[columns])[:, 1].round(6))
    metrics = {
        "flights": len(flights),
        "auc": round(float(roc_auc_score(flights[label], predictions["probability"])), 4),
    }
    logger.info("%s flights, AUC %.4f", f"{metrics['flights']:,}", metrics["auc"])
    predictions.to_csv(Path(output_paths["eval_output"], "predictions.csv"), index=False)
    Path(output_paths["metrics_output"], "metrics.json").write_text(json.dumps(metrics, indent=2), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--job_type", required=True)
    args = parser.parse_args()
    outputs = {
        "eval_output": CONTAINER_PATHS["OUTPUT_EVAL_DIR"],
        "metrics_output": CONTAINER_PATHS["OUTPUT_METRICS_DIR"],
    }
    main(
        {"model_input": CONTAINER_PATHS["MODEL_DIR"], "processed_data": CONTAINER_PATHS["EVAL_DATA_DIR"]},
        outputs,
        {name: os.environ[name] for name in ("ID_FIELD", "LABEL_FIELD")},
        args,
    )
    Path(outputs["metrics_output"], "_SUCCESS").touch()
