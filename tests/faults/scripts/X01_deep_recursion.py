"""Never come back from recursion."""

def main(input_paths, output_paths, environ_vars, job_args):
    return main(input_paths, output_paths, environ_vars, job_args)
