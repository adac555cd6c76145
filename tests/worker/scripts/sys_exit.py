import sys


def main(input_paths, output_paths, environ_vars, job_args):
    sys.exit(job_args.code)
