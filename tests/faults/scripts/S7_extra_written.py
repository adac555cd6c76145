"""Write more than was declared."""

from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
    (Path(output_paths["out"]).parent / "stray.txt").write_text("x")
