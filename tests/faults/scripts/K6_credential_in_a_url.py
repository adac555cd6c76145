"""Fail as an install from a private index does: the whole command, with its token, in the log and in the error."""

import subprocess
import sys


def main(input_paths, output_paths, environ_vars, job_args):
    url = "https://aws:" + "-".join(["s3cr3t", "canary", "value"]) + "@example.com/simple"
    print("looking in", url)
    subprocess.run([sys.executable, "-c", "raise SystemExit(3)", "--index-url", url], check=True)
