def main(input_paths, output_paths, environ_vars, job_args):
    return len(b"x" * job_args.bytes)
