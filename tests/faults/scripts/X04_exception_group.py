"""Raise several at once."""

def main(input_paths, output_paths, environ_vars, job_args):
    raise ExceptionGroup("several", [ValueError("one"), KeyError("two")])
