"""Log errors and end well."""

import logging
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    logging.basicConfig(level=logging.INFO, format="%(asctime)s - %(levelname)s - %(message)s")
    logging.error("method chi2 failed: no features")
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
