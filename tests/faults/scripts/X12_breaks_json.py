"""Break the modules that the report is made with."""

import json
import os
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    json.dumps = json.loads = None
    os.write = None
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
