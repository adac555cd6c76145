"""Fail in a handler at exit."""

import atexit
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    atexit.register(lambda: 1 / 0)
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
