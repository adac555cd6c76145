"""Killed kernels and shared workspaces, many times: CURSUS_RT_ROUNDS rounds (20 unless it says otherwise)."""

from __future__ import annotations

import faulthandler
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

import cursus_rt_notebook as crt
from cursus_rt_notebook.workspace.manifest import load_manifest
from tests.conftest import alive, wait_until
from tests.stress.kernel import NEEDS, write_project

ROUNDS = int(os.environ.get("CURSUS_RT_ROUNDS", "20"))
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _many_rounds_are_no_hang():
    """Many rounds take long: no stacks of threads are printed meanwhile; each wait has a limit of its own."""
    faulthandler.cancel_dump_traceback_later()


def start(project: Path, workspace: Path) -> subprocess.Popen[str]:
    argv = [sys.executable, "-m", "tests.stress.kernel", str(project), str(workspace)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(argv, cwd=ROOT, start_new_session=True, **pipes)


def finish(project: Path, workspace: Path) -> dict[str, str]:
    process = start(project, workspace)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    return json.loads(out)


def kill(kernel: subprocess.Popen[str]) -> None:
    """Kill a kernel's process group; fail if anything of its family runs 2 s later."""
    family = [kernel.pid, *(process.pid for process in psutil.Process(kernel.pid).children(recursive=True))]
    os.killpg(kernel.pid, signal.SIGKILL)
    kernel.wait()
    wait_until(lambda: not alive(family), 2, lambda: alive(family))
    for pipe in (kernel.stdout, kernel.stderr):
        pipe.close()


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
    write_project(folder / "p")
    finish(folder / "p", folder / "w")
    return outputs(folder / "w")


@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_R1_a_killed_kernel_loses_nothing_that_was_finished(tmp_path, undisturbed):
    """Everything of its is gone within 2 s; the next run reuses each finished step and ends with the same outputs."""
    chance = random.Random(20_131)
    for number in range(ROUNDS):
        project, workspace = tmp_path / f"p{number}", tmp_path / f"w{number}"
        write_project(project)
        kernel = start(project, workspace)
        time.sleep(chance.uniform(0.2, 2.2))
        kill(kernel)
        finished = set(kept(workspace))
        ended = finish(project, workspace)
        assert {ended[name] for name in finished} <= {"cached"}, f"round {number}: {ended}, finished {finished}"
        assert outputs(workspace) == undisturbed, f"round {number}"


@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_S14_two_processes_share_a_workspace(tmp_path, undisturbed):
    """No key runs twice at a time; the second takes the first's result; nothing is corrupted."""
    for number in range(ROUNDS):
        project, workspace = tmp_path / f"p{number}", tmp_path / f"w{number}"
        write_project(project)
        pair = [start(project, workspace) for _ in range(2)]
        told = [process.communicate(timeout=60) for process in pair]
        assert [process.returncode for process in pair] == [0, 0], f"round {number}: {told}"
        ended = [json.loads(out) for out, _ in told]
        for name in NEEDS:
            assert sorted(each[name] for each in ended) == ["cached", "done"], f"round {number}: {ended}"
        assert outputs(workspace) == undisturbed, f"round {number}"
        log = (project / "runs.txt").read_text().split("\n")
        assert all(log.count(f"{name} ends") == 1 for name in NEEDS), f"round {number}: {log}"


def test_R1_a_kernel_killed_while_a_step_runs_takes_it_along(tmp_path):
    """P8 too: the step is killed in its sleep and interrupted in the journal; the next run runs it again."""
    project, workspace = tmp_path / "p", tmp_path / "w"
    write_project(project)
    (project / "hold").touch()
    kernel = start(project, workspace)
    wait_until((project / "runs.txt").exists)
    kill(kernel)
    assert kept(workspace) == {}
    assert crt.runs(workspace)["status"].tolist() == ["interrupted"]
    (project / "hold").unlink()
    assert set(finish(project, workspace).values()) == {"done"}
    assert crt.runs(workspace)["status"].tolist() == ["finished", "interrupted"]
    assert (project / "runs.txt").read_text().split("\n")[:3] == ["a begins", "a begins", "a ends"]
