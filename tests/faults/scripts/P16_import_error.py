"""Import what is not installed."""

import a_package_that_nobody_has  # noqa: F401


def main(input_paths, output_paths, environ_vars, job_args):
    pass
