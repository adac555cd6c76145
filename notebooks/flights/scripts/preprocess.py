"""Make the label, set aside what has none, drop what nobody knows before departure, and split by whole days.

The question is asked when a flight's scheduled hour begins. Whatever is measured later would give the answer away:
departure and arrival times, both delays, the time in the air. They are dropped here, so no later step can use them.

Flights of one day share its storms and its queues. Were they split one by one, the test flights' own day would be in
the training data; so each day goes to one part as a whole.
"""

import argparse
import logging
from pathlib import Path

import numpy as np
import pandas as pd

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger(__name__)

KNOWN_TOO_LATE = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"]
NOT_USED = ["year", "flight", "tailnum", "minute", "time_hour", "sched_dep_time", "sched_arr_time"]


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, str],
    job_args: argparse.Namespace,
) -> dict[str, int]:
    """Write the channels train, val and test, the calibration part, and the flights that never arrived."""
    joined = pd.read_parquet(Path(input_paths["joined"]) / "flights_weather.parquet")
    planes = pd.read_parquet(Path(input_paths["planes"]) / "planes.parquet")
    flights = joined.merge(planes, on="flight_id", how="left", validate="one_to_one")

    arrived, cancelled = set_aside_cancelled(flights)
    write_csv(cancelled, Path(output_paths["rejects"]) / "cancelled" / "cancelled.csv.gz")

    shares = {"train": job_args.train_share, "val": job_args.val_share, "calibration": job_args.calibration_share}
    day = pd.to_datetime(arrived[["year", "month", "day"]])
    part = assign_days(day, shares, rest="test", seed=job_args.seed)
    table = make_features(arrived, day, environ_vars["LABEL"], late_minutes=float(environ_vars["LATE_MINUTES"]))
    for channel in ("train", "val", "test"):
        write_csv(table[part == channel], Path(output_paths["processed_data"]) / channel / f"{channel}.csv")
    write_csv(table[part == "calibration"], Path(output_paths["calibration"]) / "calibration.csv.gz")
    return {name: int(count) for name, count in part.value_counts().items()}


def set_aside_cancelled(flights: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Separate the flights that arrived from those that have no arrival delay, and say why they have none."""
    missing = flights["arr_delay"].isna()
    cancelled = flights[missing].copy()
    cancelled["reason"] = np.where(cancelled["dep_time"].isna(), "never left", "diverted or not recorded")
    for reason, count in cancelled["reason"].value_counts().items():
        logger.warning("%s flights %s: set aside as cancelled", f"{count:,}", reason)
    return flights[~missing], cancelled


def assign_days(day: pd.Series, shares: dict[str, float], rest: str, seed: int) -> pd.Series:
    """Give each flight its day's part: `shares` of the days in a shuffled order, and the `rest` what remains."""
    days = np.random.default_rng(seed).permutation(np.sort(day.unique()))
    ends = np.round(np.cumsum(list(shares.values())) * len(days)).astype(int)
    names = np.array([*shares, rest])
    part_of_day = pd.Series(names[np.searchsorted(ends, np.arange(len(days)), side="right")], index=days)
    return day.map(part_of_day)


def make_features(flights: pd.DataFrame, day: pd.Series, label: str, late_minutes: float) -> pd.DataFrame:
    """Return only what is known when the scheduled hour begins, and the label last: 1 for a late arrival."""
    return flights.drop(columns=[*KNOWN_TOO_LATE, *NOT_USED]).assign(
        weekday=day.dt.day_of_week,
        minute_of_day=60 * flights["hour"] + flights["minute"],
        **{label: (flights["arr_delay"] > late_minutes).astype(int)},
    )


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a CSV; a compressed one without the time of day, so that equal tables are equal files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    compression = {"method": "gzip", "compresslevel": 1, "mtime": 0} if path.suffix == ".gz" else None
    table.to_csv(path, index=False, compression=compression)
    logger.info("%s: %s rows, %s columns", path.name, f"{len(table):,}", table.shape[1])
