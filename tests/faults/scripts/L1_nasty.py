"""Change everything that can leak."""

import builtins
import logging
import os
import random
import signal
import sys
import warnings
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    os.environ["LEAK"] = "1"
    os.chdir("/")
    os.umask(0)
    sys.path.insert(0, "/leak")
    sys.argv[:] = ["leak"]
    logging.basicConfig(level=1, force=True)
    logging.disable(logging.CRITICAL)
    random.seed(0)
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(5_000)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    builtins.leak = True
    sys.modules["json"] = None
    seen = "LEAK" in environ_vars or hasattr(logging, "leak")
    logging.leak = True
    (Path(output_paths["out"]) / "t.csv").write_text(f"seen\n{seen}\n")
