"""Leave a link in the outputs."""

from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    (Path(output_paths["out"]) / "t.csv").symlink_to("/etc/passwd")
