"""Close every file descriptor there is."""

import os
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    os.closerange(0, 256)
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
