"""Use pools, forked and spawned."""

import multiprocessing
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    with multiprocessing.Pool(2) as pool:
        total = sum(pool.map(abs, [-1, -2, -3]))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        total += sum(pool.map(abs, [-4]))
    (Path(output_paths["out"]) / "t.csv").write_text(f"total\n{total}\n")
