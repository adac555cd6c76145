"""Read a file that has another name."""

from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    return Path(input_paths["data"], "flihgts.csv").read_text()
