"""Killed kernels and shared workspaces, many times: CURSUS_RT_ROUNDS rounds (20 unless it says otherwise)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from cursus_rt_notebook.workspace.manifest import load_manifest
from tests.conftest import wait_until
from tests.stress.kernel import NEEDS

ROUNDS = int(os.environ.get("CURSUS_RT_ROUNDS", "20"))
ROOT = Path(__file__).parents[2]


def start(project: Path, workspace: Path) -> subprocess.Popen[str]:
    argv = [sys.executable, "-m", "tests.stress.kernel", str(project), str(workspace)]
    return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)


def finish(project: Path, workspace: Path) -> dict[str, str]:
    process = start(project, workspace)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return json.loads(out)


def outputs(workspace: Path) -> dict[str, str]:
    """What each step wrote, by step."""
    return {step: (folder / "out" / "t.csv").read_text() for step, folder in kept(workspace).items()}


def kept(workspace: Path) -> dict[str, Path]:
    """The folder of each step's finished artifact."""
    manifests = workspace.glob("artifacts/*/*/manifest.json")
    return {load_manifest(path.read_bytes()).step: path.parent for path in manifests}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("undisturbed")
    finish(folder / "p", folder / "w")
    return outputs(folder / "w")


@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_R1_a_killed_kernel_loses_nothing_that_was_finished(tmp_path, undisturbed):
    """Everything of its is gone within 2 s; the next run reuses each finished step and ends with the same outputs."""
    chance = random.Random(20_131)
    for number in range(ROUNDS):
        project, workspace = tmp_path / f"p{number}", tmp_path / f"w{number}"
        kernel = start(project, workspace)
        time.sleep(chance.uniform(0.2, 2.2))
        family = [psutil.Process(kernel.pid), *psutil.Process(kernel.pid).children(recursive=True)]
        os.killpg(kernel.pid, signal.SIGKILL)
        kernel.wait()
        kernel.stdout.close()
        _, alive = psutil.wait_procs(family, timeout=2)
        assert not alive, f"round {number}: {alive}"
        finished = set(kept(workspace))
        ended = finish(project, workspace)
        assert {ended[name] for name in finished} <= {"cached"}, f"round {number}: {ended}, finished {finished}"
        assert outputs(workspace) == undisturbed, f"round {number}"


@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_S14_two_processes_share_a_workspace(tmp_path, undisturbed):
    """No key runs twice at a time; the second takes the first's result; nothing is corrupted."""
    for number in range(ROUNDS):
        project, workspace = tmp_path / f"p{number}", tmp_path / f"w{number}"
        pair = [start(project, workspace) for _ in range(2)]
        ended = [json.loads(process.communicate(timeout=60)[0]) for process in pair]
        assert [process.returncode for process in pair] == [0, 0]
        for name in NEEDS:
            assert sorted(each[name] for each in ended) == ["cached", "done"], f"round {number}: {ended}"
        assert outputs(workspace) == undisturbed, f"round {number}"
        log = (project / "runs.txt").read_text().split("\n")
        assert all(log.count(f"{name} ends") == 1 for name in NEEDS), f"round {number}: {log}"


def test_R1_a_kernel_killed_while_a_step_runs_takes_it_along(tmp_path):
    """P8 too: the step is killed in its sleep, and is interrupted in the journal, not finished."""
    project, workspace = tmp_path / "p", tmp_path / "w"
    kernel = start(project, workspace)
    wait_until((project / "runs.txt").exists)
    family = psutil.Process(kernel.pid).children(recursive=True)
    os.killpg(kernel.pid, signal.SIGKILL)
    kernel.wait()
    kernel.stdout.close()
    assert not psutil.wait_procs(family, timeout=2)[1]
    assert finish(project, workspace)["a"] in {"done", "cached"}
