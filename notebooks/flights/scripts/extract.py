"""Read the flights of 2013 and give each one an id; count how busy its hour is by the timetable."""

import argparse
import logging
from pathlib import Path

import pandas as pd

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger(__name__)


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, str],
    job_args: argparse.Namespace,
) -> dict[str, int]:
    """Write `flights/flights.csv`, one row per scheduled departure."""
    flights = number_flights(pd.read_csv(input_paths["raw"], compression="zip"))
    flights["hour_departures"] = count_departures(flights)
    logger.info("read %s flights of %s carriers", f"{len(flights):,}", flights["carrier"].nunique())

    folder = Path(output_paths["flights"])
    folder.mkdir(parents=True, exist_ok=True)
    flights.to_csv(folder / "flights.csv", index=False)
    return {"rows": len(flights)}


def number_flights(flights: pd.DataFrame) -> pd.DataFrame:
    """Put a `flight_id` first, counting from 1 in the order of the file, by which later steps join."""
    flights = flights.copy()
    flights.insert(0, "flight_id", range(1, len(flights) + 1))
    return flights


def count_departures(flights: pd.DataFrame) -> pd.Series:
    """Count the departures planned at each flight's airport within its hour, flown or not."""
    return flights.groupby(["origin", "time_hour"])["flight_id"].transform("size")
