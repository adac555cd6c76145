"""Make its output folder unreadable."""

import os
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
    os.chmod(output_paths["out"], 0)
