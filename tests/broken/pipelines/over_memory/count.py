"""Count the flights of each carrier."""

import time
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    flights = (Path(input_paths["flights"]) / "flights.csv").read_text()
    print("joining", flush=True)
    held = []
    while True:
        held.append(bytearray(b"x" * (8 << 20)))
        time.sleep(0.01)
    (Path(output_paths["counts"]) / "counts.csv").write_text(f"flights\n{flights.count(chr(10)) - 1}\n")
