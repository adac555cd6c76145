"""Install a package when imported."""

import subprocess
import sys
from pathlib import Path

subprocess.check_call([sys.executable, "-m", "pip", "install", "--upgrade", "a-package-that-nobody-has==9"])


def main(input_paths, output_paths, environ_vars, job_args):
    (Path(output_paths["out"]) / "t.csv").write_text("a,b\n1,2\n")
