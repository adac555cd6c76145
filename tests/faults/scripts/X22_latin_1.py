"""Be written in latin-1: é."""


def main(input_paths, output_paths, environ_vars, job_args):
    return None
