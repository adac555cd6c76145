"""Count the flights of each carrier."""

import faulthandler
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    flights = (Path(input_paths["flights"]) / "flights.csv").read_text()
    faulthandler._sigsegv()
    (Path(output_paths["counts"]) / "counts.csv").write_text(f"flights\n{flights.count(chr(10)) - 1}\n")
