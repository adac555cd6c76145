"""See another file take the place of the user's own input while it runs."""

from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    new = Path(environ_vars["SOURCE"] + ".new")
    new.write_text("a,b\n5,6\n")
    new.replace(environ_vars["SOURCE"])
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
