"""Take logging apart."""

import logging
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    logging.basicConfig(level=logging.CRITICAL, force=True)
    logging.disable(logging.CRITICAL)
    logging.getLogger("notebook").handlers.clear()
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
