import os


def main(input_paths, output_paths, environ_vars, job_args):
    print("leaving")
    os._exit(job_args.status)
