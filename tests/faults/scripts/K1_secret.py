"""Tell a secret in every way that can be caught."""

def main(input_paths, output_paths, environ_vars, job_args):
    print("token is", environ_vars["API_TOKEN"])
    print("half", environ_vars["API_TOKEN"][:6], end="", flush=True)
    print(environ_vars["API_TOKEN"][6:])
    print("https://aws:" + environ_vars["API_TOKEN"] + "@example.com/simple")
    raise ValueError("bad " + environ_vars["API_TOKEN"])
