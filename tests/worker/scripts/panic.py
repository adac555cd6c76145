class PanicException(BaseException):
    pass


def main(input_paths, output_paths, environ_vars, job_args):
    raise PanicException("called `Option::unwrap()` on a `None` value")
