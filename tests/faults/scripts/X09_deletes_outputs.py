"""Delete its own output folder."""

import shutil


def main(input_paths, output_paths, environ_vars, job_args):
    shutil.rmtree(output_paths["out"])
