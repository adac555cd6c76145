"""Be ended by its own alarm clock."""

import signal
import time


def main(input_paths, output_paths, environ_vars, job_args):
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    time.sleep(60)
