import sys


def main(input_paths, output_paths, environ_vars, job_args):
    if job_args.kind == "lines":
        block = "".join(f"line {i} of a flood of lines\n" for i in range(1000))
        for _ in range(1000):
            sys.stdout.write(block)
    else:
        for _ in range(200):
            sys.stdout.write("x" * (1 << 20))
    print("\nthe end")
