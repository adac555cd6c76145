"""Be a coroutine that nobody awaits."""


async def main(input_paths, output_paths, environ_vars, job_args):
    return None
