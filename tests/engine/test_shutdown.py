"""After `shutdown` the kernel is as if nothing had run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    """What a process holds before, during and after runs with a failure, an interrupt and a kept pause."""
    folder = tmp_path_factory.mktemp("counted")
    temporary = folder / "tmp"
    temporary.mkdir()
    command = [sys.executable, "-m", "tests.engine.everything_ended", str(folder)]
    root = Path(__file__).parents[2]
    environ = {**os.environ, "TMPDIR": str(temporary)}
    done = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("what", ["processes", "threads", "native threads", "descriptors", "temporary", "staging"])
def test_nothing_remains_after_shutdown(counted: dict[str, dict[str, list[str]]], what: str):
    """Counted before the runs and after: the same."""
    assert counted["after"][what] == counted["before"][what]


def test_something_was_there_to_end(counted: dict[str, dict[str, list[str]]]):
    """While sessions were open there were processes; the pause that was kept is still there."""
    assert counted["during"]["processes"]
    assert counted["kept"] == "good"
