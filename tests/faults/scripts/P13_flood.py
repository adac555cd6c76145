"""Print a million lines, and one very long one."""

import sys
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    for number in range(1_000_000):
        print("line", number)
    sys.stdout.write("x" * 20_000_000)
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
