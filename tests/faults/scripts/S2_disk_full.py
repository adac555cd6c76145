"""Write more than the file system takes."""

import resource
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n" + "1,2\n" * 1_000)
