"""Count the flights of each carrier."""

from pathlib import Path

import pandas as pd


def main(input_paths, output_paths, environ_vars, job_args):
    flights = pd.read_csv(Path(input_paths["flights"]) / "flights.csv")
    folder = Path(output_paths["counts"])
    folder.mkdir(parents=True, exist_ok=True)
    flights.groupby("carrier").size().to_csv(folder / "counts.csv")
