"""Take away its own standard output."""

import sys
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    sys.stdout = sys.stderr = None
    print("lost")
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
