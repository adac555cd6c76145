class Hostile(Exception):
    def __init__(self):
        self.lock = open("/dev/null")

    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__

    def __reduce__(self):
        raise TypeError("cannot be pickled")


class Liar:
    @property
    def __class__(self):
        raise RuntimeError("no class")

    def __repr__(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                if hasattr(self, "enough"):
                    raise
                self.enough = True


def main(input_paths, output_paths, environ_vars, job_args):
    liar = Liar()
    huge = "y" * 10_000_000
    many = {i: [i] * 1000 for i in range(10_000)}
    raise Hostile
