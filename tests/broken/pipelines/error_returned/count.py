"""Count the flights of each carrier."""

from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    flights = (Path(input_paths["flights"]) / "flights.csv").read_text()
    if "DL" not in flights:
        return {"status": "error", "reason": "there is no flight of DL"}
    (Path(output_paths["counts"]) / "counts.csv").write_text(f"flights\n{flights.count(chr(10)) - 1}\n")
