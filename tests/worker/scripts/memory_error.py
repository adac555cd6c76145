def main(input_paths, output_paths, environ_vars, job_args):
    raise MemoryError("no room for 8 GiB")
