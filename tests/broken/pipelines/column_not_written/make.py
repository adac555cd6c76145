"""Write a table of flights."""

from pathlib import Path

import pandas as pd


def main(input_paths, output_paths, environ_vars, job_args):
    table = pd.DataFrame({"carrier": ["UA", "AA"], "dep_delay": [2, 9]})
    folder = Path(output_paths["flights"])
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "flights.csv", index=False)
