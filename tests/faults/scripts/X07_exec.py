"""Become another program that ends well."""

import os


def main(input_paths, output_paths, environ_vars, job_args):
    os.execv("/bin/true", ["true"])
