"""Helpers run to their end: what they write, how they end, and that an interrupt ends them."""

from __future__ import annotations

import os
import sys
import time

import psutil
import pytest

from cursus_rt_notebook.worker import process
from tests.conftest import alive, wait_until

# Starts a child of its own, says who both are, and waits.
_FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(60)
"""


def run(code: str, timeout: float = 30.0, **options) -> process.Finished:
    return process.run_helper([sys.executable, "-c", code], env=os.environ, timeout=timeout, **options)


def test_what_it_writes_is_kept_and_told_line_by_line():
    """Both streams together; a line that a carriage return overwrites is told, too."""
    lines: list[str] = []
    done = run("import sys; print('one'); sys.stdout.flush(); sys.stderr.write('half\\rtwo\\n')", on_line=lines.append)
    assert done == process.Finished(0, "one\nhalf\rtwo\n")
    assert done.well
    assert lines == ["one", "half", "two"]


def test_its_exit_status_is_told():
    """Whatever it is."""
    done = run("raise SystemExit(3)")
    assert (done.status, done.well) == (3, False)


def test_of_much_output_the_end_is_kept(monkeypatch):
    """The beginning goes."""
    monkeypatch.setattr(process.settings, "HELPER_OUTPUT", 1_000)
    done = run("print('x' * 100_000); print('end')")
    assert len(done.output) == 1_000
    assert done.output.endswith("x\nend\n")


def test_a_program_that_is_not_there():
    """Is as in a shell: status 127, with the reason."""
    done = process.run_helper(["/nowhere/at/all"], env={}, timeout=5)
    assert done.status == 127
    assert "No such file" in done.output


def test_its_time_is_limited():
    """It is ended with all that it started."""
    pids: list[str] = []
    began = time.monotonic()
    done = run(_FAMILY, timeout=2.0, on_line=lambda line: pids.extend(line.split()))
    assert done.timed_out
    assert not done.well
    assert time.monotonic() - began < 30
    assert len(pids) == 2
    wait_until(lambda: not alive(map(int, pids)))


def test_an_interrupt_ends_it():
    """And all that it started; nothing is left."""
    pids: list[int] = []

    def interrupt(line: str) -> None:
        pids.extend(map(int, line.split()))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(_FAMILY, on_line=interrupt)
    wait_until(lambda: not alive(pids))
    assert len(pids) == 2


def test_one_that_leaves_a_child_behind_has_ended():
    """The child holds the pipe open; nobody waits for that."""
    code = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid)"
    began = time.monotonic()
    done = run(code)
    assert done.well
    assert time.monotonic() - began < 30
    psutil.Process(int(done.output)).kill()
