"""Be killed from outside."""

import os
import signal


def main(input_paths, output_paths, environ_vars, job_args):
    os.kill(os.getpid(), signal.SIGKILL)
