"""Write bytes to the standard descriptors that are no text."""

import os
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    os.write(1, b'\xff{"ended": "succeeded"}\n')
    os.write(2, b"\x00\xfe\n")
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
