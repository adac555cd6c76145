"""Append to an input in place."""

import os
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    for path in Path(input_paths["data"]).rglob("*.csv"):
        os.chmod(path, 0o644)
        with path.open("a") as file:
            file.write("9,9\n")
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
