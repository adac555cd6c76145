"""Stop in a debugger that has no terminal."""

from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    breakpoint()
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
