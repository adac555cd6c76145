"""Kill its whole process group."""

import os
import signal


def main(input_paths, output_paths, environ_vars, job_args):
    os.killpg(0, signal.SIGKILL)
