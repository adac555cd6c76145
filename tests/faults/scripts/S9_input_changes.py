"""See the user's own input file change while it runs."""

from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    Path(environ_vars["SOURCE"]).write_text("a,b\n5,6\n")
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
