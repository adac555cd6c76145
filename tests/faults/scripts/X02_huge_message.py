"""Raise with five megabytes of text."""

def main(input_paths, output_paths, environ_vars, job_args):
    raise ValueError("x" * 5_000_000)
