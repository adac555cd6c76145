"""Look up each flight's aircraft by its tail number: age, seats, engines."""

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
    """Write `planes/planes.parquet`: every flight's id with what is known of its aircraft."""
    flights = pd.read_csv(Path(input_paths["flights"]) / "flights.csv", usecols=["flight_id", "year", "tailnum"])
    joined = join_planes(flights, pd.read_csv(input_paths["planes"]))
    logger.info("aircraft known for %.1f %% of %s flights", 100 * joined["plane_known"].mean(), f"{len(joined):,}")

    folder = Path(output_paths["planes"])
    folder.mkdir(parents=True, exist_ok=True)
    joined.to_parquet(folder / "planes.parquet", index=False)
    return {"rows": len(joined)}


def join_planes(flights: pd.DataFrame, planes: pd.DataFrame) -> pd.DataFrame:
    """Return one row per flight: `flight_id`, `plane_known`, `age`, `seats`, `engines`."""
    built = planes[["tailnum", "year", "seats", "engines"]].rename(columns={"year": "built"})
    joined = flights.merge(built, on="tailnum", how="left", validate="many_to_one")
    joined["plane_known"] = joined["seats"].notna().astype(int)
    joined["age"] = (joined["year"] - joined["built"]).clip(lower=0)
    return joined[["flight_id", "plane_known", "age", "seats", "engines"]]
