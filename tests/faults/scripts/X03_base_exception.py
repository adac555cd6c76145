"""Raise what `except Exception` does not catch."""

class Panic(BaseException):  # noqa: N818
    """What a library written in Rust raises."""


def main(input_paths, output_paths, environ_vars, job_args):
    raise Panic("thread panicked")
