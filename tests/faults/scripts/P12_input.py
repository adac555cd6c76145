"""Ask a question."""

def main(input_paths, output_paths, environ_vars, job_args):
    answer = input("continue? ")
    print(answer)
