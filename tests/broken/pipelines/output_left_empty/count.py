"""Count the flights of each carrier, where there are enough of them."""

from pathlib import Path

import pandas as pd


def main(input_paths, output_paths, environ_vars, job_args):
    flights = pd.read_csv(Path(input_paths["flights"]) / "flights.csv")
    folder = Path(output_paths["counts"])
    if len(flights) > 1_000:
        flights.groupby("carrier").size().to_csv(folder / "counts.csv")
