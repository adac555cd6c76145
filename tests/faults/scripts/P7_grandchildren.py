"""Leave processes behind: one plain, one in a session of its own, one that forked twice."""

import os
import subprocess
import sys
import time
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    near = subprocess.Popen(sleeper)
    far = subprocess.Popen(sleeper, start_new_session=True)
    pids = Path(environ_vars["PIDS"])
    fork_twice(pids)
    with pids.open("a") as file:
        file.write(f"{near.pid} {far.pid} ")
    (Path(output_paths["out"]) / "t.csv").write_text("a\n1\n")
    if environ_vars["HANG"] == "yes":
        time.sleep(600)


def fork_twice(pids):
    if os.fork():
        os.wait()
        return
    os.setsid()
    pid = os.fork()
    if pid == 0:
        time.sleep(600)
    pids.write_text(f"{pid} ")
    os._exit(0)
