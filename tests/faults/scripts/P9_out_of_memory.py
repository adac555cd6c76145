"""Take more and more memory."""

import time


def main(input_paths, output_paths, environ_vars, job_args):
    held = []
    while True:
        held.append(bytearray(20_000_000))
        time.sleep(0.01)
