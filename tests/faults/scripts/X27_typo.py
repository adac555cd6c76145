"""Misspell a column."""

import pandas as pd


class Delays(pd.DataFrame):
    """A table of delays."""


def main(input_paths, output_paths, environ_vars, job_args):
    delays = Delays({"dep_delay": [1.0], "carrier": ["UA"]})
    return delays["dep_dealy"]
