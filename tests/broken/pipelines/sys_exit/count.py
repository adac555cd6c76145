"""Count the flights of each carrier."""

import sys
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    flights = (Path(input_paths["flights"]) / "flights.csv").read_text()
    print("there are no carriers", flush=True)
    sys.exit(1)
    (Path(output_paths["counts"]) / "counts.csv").write_text(f"flights\n{flights.count(chr(10)) - 1}\n")
