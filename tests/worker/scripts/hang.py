import threading


def main(input_paths, output_paths, environ_vars, job_args):
    print("waiting for ever")
    threading.Event().wait()
