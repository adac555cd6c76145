"""Be refused memory."""

def main(input_paths, output_paths, environ_vars, job_args):
    raise MemoryError("cannot allocate 72 TiB")
