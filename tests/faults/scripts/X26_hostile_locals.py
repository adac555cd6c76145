"""Hold locals that cannot be looked at."""

class Nasty:
    def __repr__(self):
        raise SystemExit(0)

    def __getattr__(self, name):
        raise KeyboardInterrupt


def main(input_paths, output_paths, environ_vars, job_args):
    nasty = Nasty()
    huge = "x" * 50_000_000
    raise ValueError("look at my locals")
