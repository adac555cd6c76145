"""Count the flights of each carrier."""

from pathlib import Path

import os

import pandas as pd

COLUMN = os.environ["A_COLUMN_NOBODY_NAMES"]


def main(input_paths, output_paths, environ_vars, job_args):
    flights = pd.read_csv(Path(input_paths["flights"]) / "flights.csv")
    folder = Path(output_paths["counts"])
    folder.mkdir(parents=True, exist_ok=True)
    flights.groupby(COLUMN).size().to_csv(folder / "counts.csv")
