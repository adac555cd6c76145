"""Raise what can be neither shown nor pickled."""

class Nasty(Exception):  # noqa: N818
    def __str__(self):
        raise RuntimeError("no text for you")

    __repr__ = __str__

    def __reduce__(self):
        raise RuntimeError("no pickle for you")


def main(input_paths, output_paths, environ_vars, job_args):
    raise Nasty
