"""Remove the folder it was started in."""

import os
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    here = Path.cwd()
    os.chdir("/")
    here.rmdir() if not any(here.iterdir()) else None
    raise ValueError("after the folder is gone")
