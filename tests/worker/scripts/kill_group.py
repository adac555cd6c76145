import os


def main(input_paths, output_paths, environ_vars, job_args):
    os.killpg(0, 9)
