import sys


def main(input_paths, output_paths, environ_vars, job_args):
    try:
        {}["dep_dealy"]
    except KeyError:
        sys.exit(3)
