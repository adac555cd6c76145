import os


def main(input_paths, output_paths, environ_vars, job_args):
    print("about to die", flush=True)
    os.kill(os.getpid(), job_args.signal)
