"""Wait for ever."""

import threading


def main(input_paths, output_paths, environ_vars, job_args):
    print("waiting for nothing", flush=True)
    threading.Event().wait()
