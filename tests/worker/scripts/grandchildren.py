"""Starts a sleeper, one in another session, and one that forked twice; says their numbers."""

import os
import subprocess
import time
from pathlib import Path


def daemon():
    read, write = os.pipe()
    if os.fork() == 0:
        os.setsid()
        pid = os.fork()
        if pid == 0:
            for fd in range(3, 256):
                try:
                    os.close(fd)
                except OSError:
                    pass
            time.sleep(600)
            os._exit(0)
        os.write(write, str(pid).encode())
        os._exit(0)
    os.wait()
    return int(os.read(read, 32))


def main(input_paths, output_paths, environ_vars, job_args):
    near = subprocess.Popen(["sleep", "600"])
    far = subprocess.Popen(["sleep", "600"], start_new_session=True)
    text = f"{near.pid} {far.pid} {daemon()} {os.getpid()}"
    Path(output_paths["out"], "pids.tmp").write_text(text)
    os.rename(Path(output_paths["out"], "pids.tmp"), Path(output_paths["out"], "pids"))
    if getattr(job_args, "wait", True):
        time.sleep(600)
