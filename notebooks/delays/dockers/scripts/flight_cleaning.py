"""Clean flights, make the label, and split them: one script for training and for calibration."""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger(__name__)

FEATURES = ["month", "day", "hour", "carrier", "origin", "dest", "distance"]


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, str],
    job_args: argparse.Namespace,
    log: Callable[[str], None] = print,
) -> dict[str, tuple[int, int]]:
    """Write the channels train and val, or calibration alone, as the job type says."""
    flights = pd.concat(pd.read_csv(path) for path in sorted(Path(input_paths["DATA"]).glob("*.csv")))
    flights = flights[flights["arr_delay"].notna()]
    if "hour" not in flights:
        flights = flights.assign(hour=pd.to_datetime(flights["time_hour"]).dt.hour)
    late = flights["arr_delay"] > float(environ_vars["LATE_MINUTES"])
    table = flights[["flight_id", *FEATURES]].assign(**{environ_vars["LABEL_FIELD"]: late.astype(int)})
    log(f"{job_args.job_type}: {len(table):,} flights, {late.mean():.1%} of them late")
    parts = split(table, environ_vars) if job_args.job_type == "training" else {job_args.job_type: table}
    for name, part in parts.items():
        folder = Path(output_paths["processed_data"]) / name
        folder.mkdir(parents=True, exist_ok=True)
        part.to_csv(folder / f"{name}_processed_data.csv", index=False)
    return {name: part.shape for name, part in parts.items()}


def split(table: pd.DataFrame, environ_vars: dict[str, str]) -> dict[str, pd.DataFrame]:
    """Split at random, always in the same way."""
    train, val = train_test_split(table, train_size=float(environ_vars["TRAIN_RATIO"]), random_state=42)
    return {"train": train, "val": val}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--job_type", required=True, choices=["training", "calibration"])
    args = parser.parse_args()
    try:
        shapes = main(
            input_paths={"DATA": "/opt/ml/processing/input/data", "SIGNATURE": "/opt/ml/processing/input/signature"},
            output_paths={"processed_data": "/opt/ml/processing/output"},
            environ_vars={
                "LABEL_FIELD": os.environ["LABEL_FIELD"],
                "LATE_MINUTES": os.environ.get("LATE_MINUTES", "15"),
                "TRAIN_RATIO": os.environ.get("TRAIN_RATIO", "0.7"),
            },
            job_args=args,
            log=logger.info,
        )
        logger.info("done: %s", shapes)
    except Exception:
        logger.exception("cleaning failed")
        sys.exit(1)
