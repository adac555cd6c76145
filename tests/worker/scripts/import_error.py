import a_module_that_nobody_has


def main(input_paths, output_paths, environ_vars, job_args):
    pass
