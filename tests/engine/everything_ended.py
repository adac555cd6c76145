"""A process of its own for `test_shutdown`: count what is there, run into all kinds of ends, shut down, count again."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import psutil

import cursus_rt_notebook as crt
from tests.conftest import HEAD, wait_until

BODIES = {
    "good": "write('out', 't.csv', 'n\\n1\\n')",
    "bad": "raise ValueError('no')",
    "slow": "import time; Path(os.environ['STARTED']).write_text('x'); time.sleep(600)",
}


def main(folder: Path) -> None:
    """Print, as JSON, what was there before and after; `kept` is a pause that is still held."""
    run(folder / "warm", "good")  # libraries open files and start threads of their own when they are first used
    crt.shutdown()
    before = count(folder)
    kept = run(folder / "kept", "good", breakpoints="good").pause
    assert kept["out"].shape == (1, 1)
    assert run(folder / "failed", "bad").status == "paused"
    interrupted(folder / "interrupted")
    during = count(folder)
    crt.shutdown()
    gc.collect()
    print(json.dumps({"before": before, "during": during, "after": count(folder), "kept": kept.step}))


def run(folder: Path, name: str, breakpoints: Any = ()) -> Any:
    """A session on one step, as it stands after one `resume`."""
    folder.mkdir()
    (folder / f"{name}.py").write_text(f"{HEAD}    {BODIES[name]}\n")
    step = {"script": f"{name}.py", "outputs": ["out"], "env": {"STARTED": str(folder / "started")}}
    pipeline = {"name": name, "source_dir": str(folder), "steps": {name: step}}
    session = crt.execute_pipeline_with_breakpoints(pipeline, breakpoints, folder / "workspace")
    SESSIONS.append(session)
    session.resume()
    return session


SESSIONS: list[Any] = []


def interrupted(folder: Path) -> None:
    def interrupt() -> None:
        wait_until((folder / "started").exists)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        run(folder, "slow")
    except KeyboardInterrupt:
        thread.join()
        assert SESSIONS[-1].pause.when == "interrupted"
        return
    raise AssertionError("it was not interrupted")


def count(folder: Path) -> dict[str, list[str]]:
    """Processes, threads, descriptors, temporary files and leftover staging folders."""
    me = psutil.Process()
    links = sorted(Path("/proc/self/fd").iterdir())
    return {
        "processes": sorted(" ".join(child.cmdline()) for child in me.children(recursive=True)),
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "native threads": [str(me.num_threads())],
        "descriptors": sorted(str(link.readlink()) for link in links if link.is_symlink()),
        "temporary": sorted(path.name for path in Path(tempfile.gettempdir()).iterdir()),
        "staging": sorted(str(path) for path in folder.glob("**/workspace/staging/*")),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
