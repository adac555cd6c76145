"""Join each flight to the weather at its airport as it was known before departure.

A flight is scored when its scheduled hour begins, so the newest whole observation is that of the hour before:
`WEATHER_LAG_HOURS` is 1. With 0 the model would look out of the window up to an hour into the future.
"""

import argparse
import logging
from pathlib import Path

import pandas as pd

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger(__name__)

MEASURES = ["temp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"]


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, str],
    job_args: argparse.Namespace,
) -> dict[str, int]:
    """Write `joined/flights_weather.parquet`: every flight once, with the weather where there is any."""
    flights = pd.read_csv(Path(input_paths["flights"]) / "flights.csv")
    weather = pd.read_csv(input_paths["weather"])
    joined = join_weather(flights, weather, lag_hours=int(environ_vars.get("WEATHER_LAG_HOURS", "1")))
    logger.info("joined %s flights, %.2f %% without weather", f"{len(joined):,}", 100 * joined["temp"].isna().mean())

    folder = Path(output_paths["joined"])
    folder.mkdir(parents=True, exist_ok=True)
    joined.to_parquet(folder / "flights_weather.parquet", index=False)
    return {"rows": len(joined)}


def join_weather(flights: pd.DataFrame, weather: pd.DataFrame, lag_hours: int) -> pd.DataFrame:
    """Give each flight the observation made `lag_hours` before its scheduled hour, and lose no flight."""
    # The hour that the end of summer time repeats is there twice.
    observed = weather.drop_duplicates(["origin", "time_hour"])[["origin", "time_hour", *MEASURES]].copy()
    observed["time_hour"] = pd.to_datetime(observed["time_hour"], utc=True) + pd.Timedelta(hours=lag_hours)
    scheduled = flights.assign(time_hour=pd.to_datetime(flights["time_hour"], utc=True))
    return scheduled.merge(observed, on=["origin", "time_hour"], how="left", validate="many_to_one")
