"""Fail in a thread, not in main."""

import threading
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    threading.Thread(target=lambda: 1 / 0).start()
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
