"""Return an error instead of raising it."""

def main(input_paths, output_paths, environ_vars, job_args):
    return {"status": "error", "reason": "no method selected a feature"}
