"""Crash in native code."""

import faulthandler


def main(input_paths, output_paths, environ_vars, job_args):
    print("about to crash", flush=True)
    faulthandler._sigsegv()
