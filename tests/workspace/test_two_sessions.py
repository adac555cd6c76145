"""Two processes on one workspace: a key is run by one at a time, the other takes the result."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cursus_rt_notebook.workspace.keys import step_key
from cursus_rt_notebook.workspace.store import Workspace
from tests.workspace.conftest import commit

ROUNDS = int(os.environ.get("CURSUS_RT_ROUNDS", "20"))
ROOT = Path(__file__).parents[2]
SESSION = """
import os, sys
from pathlib import Path
from cursus_rt_notebook.workspace.keys import step_key
from cursus_rt_notebook.workspace.store import Workspace

ws = Workspace.open(sys.argv[1])
ran = Path(sys.argv[1]).parent / "ran"
for n in range(int(sys.argv[2])):
    key = step_key({"round": {"n": str(n)}})
    with ws.lock_key(key, step="train", run_id=f"run-{os.getpid()}", on_wait=lambda _: None, cancelled=lambda: False):
        found = ws.lookup(key, ws.digest_opened)
        if found is None:
            alone = os.open(ran / f"{n}-now", os.O_CREAT | os.O_EXCL)
            staging = ws.stage("train", f"run-{os.getpid()}", 1)
            for name in "abc":
                (staging.outputs("out") / name).write_text(f"{n} by {os.getpid()}")
            found = ws.commit(staging, base_key=key, step="train", run_id=f"run-{os.getpid()}", attempt=1,
                              ports={"out": staging.out / "out"}, ingredients={}, opened={}, facts={})
            with open(ran / f"{n}-times", "a") as file:
                file.write("x")
            os.unlink(ran / f"{n}-now")
    texts = {(ws.artifact_dir(found, "out") / name).read_text() for name in "abc"}
    assert len(texts) == 1 and texts.pop().startswith(f"{n} by "), texts
assert ws.take_notices() == []
ws.close()
"""


def test_S14_two_sessions_one_workspace(tmp_path: Path) -> None:
    """Each key runs exactly once, in one of the two; both read the same whole result; nothing remains."""
    (tmp_path / "ran").mkdir()
    command = [sys.executable, "-c", SESSION, str(tmp_path / "ws"), str(ROUNDS)]
    sessions = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [session.communicate(timeout=100)[1] for session in sessions]
    assert [session.returncode for session in sessions] == [0, 0], errors
    assert {path.read_text() for path in (tmp_path / "ran").iterdir()} == {"x"}
    assert len(list((tmp_path / "ran").iterdir())) == ROUNDS
    workspace = Workspace.open(tmp_path / "ws")
    assert all(workspace.lookup(step_key({"round": {"n": str(n)}}), lambda _: None) for n in range(ROUNDS))
    assert len(list((tmp_path / "ws" / "artifacts").glob("*/*"))) == ROUNDS
    assert list((tmp_path / "ws" / "staging").iterdir()) == []
    workspace.close()


def test_S14_many_sessions_open_a_new_workspace_at_once(tmp_path: Path) -> None:
    """Whoever comes first makes folder, marker and journal; all others join."""
    code = "import sys; from cursus_rt_notebook.workspace.store import Workspace; sys.stdin.read(1);"
    code += "ws = Workspace.open(sys.argv[1]); ws.journal.start_run(sys.argv[2], 'p'); assert not ws.take_notices()"
    for number in range(max(ROUNDS // 10, 1)):
        command = [sys.executable, "-c", code, str(tmp_path / f"ws-{number}")]
        sessions = [
            subprocess.Popen([*command, f"run-{n}"], cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for n in range(6)
        ]
        for session in sessions:
            assert session.stdin
            session.stdin.write("x")
            session.stdin.flush()
        errors = [session.communicate(timeout=60)[1] for session in sessions]
        assert errors == [""] * 6
        workspace = Workspace.open(tmp_path / f"ws-{number}")
        assert len(workspace.journal.runs()) == 6
        workspace.close()


def test_S14_two_commits_of_one_key_without_a_lock(workspace: Workspace) -> None:
    """Even unlocked, of two that commit the same at once one wins and the other gets the winner's."""
    stagings = [workspace.stage("train", f"run-{n}", 1) for n in range(2)]
    manifests = []
    for staging in stagings:
        (staging.outputs("out") / "a").write_text("same")
    for number, staging in enumerate(stagings):
        manifests.append(commit(workspace, staging, run_id=f"run-{number}"))
    assert manifests[0] == manifests[1]
    assert manifests[1].run_id == "run-0"
