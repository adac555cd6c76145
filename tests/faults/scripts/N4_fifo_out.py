"""Leave a pipe in the outputs."""

import os
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    os.mkfifo(Path(output_paths["out"]) / "pipe")
