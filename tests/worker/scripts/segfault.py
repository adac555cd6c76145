import faulthandler


def main(input_paths, output_paths, environ_vars, job_args):
    print("before the fault", flush=True)
    faulthandler._sigsegv()
