"""Locks: one holder a key, across threads and processes; a dead holder holds nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from cursus_rt_notebook.errors import StepInterrupted, WorkspaceError
from cursus_rt_notebook.workspace import lock
from cursus_rt_notebook.workspace.lock import Holder
from cursus_rt_notebook.workspace.processes import ProcessIdentity
from cursus_rt_notebook.workspace.store import Workspace
from tests.conftest import wait_until

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from cursus_rt_notebook.workspace.store import Workspace
ws = Workspace.open(sys.argv[1])
with ws.lock_key("k1", step="train", run_id="run-other", on_wait=print, cancelled=lambda: False):
    print("held", flush=True)
    sys.stdin.read()
"""


def never() -> bool:
    """Nobody cancels."""
    return False


def hold(workspace: Workspace, key: str = "k1", **given: Any) -> AbstractContextManager[None]:
    """The lock of a key, waited for as long as it takes."""
    settings: dict[str, Any] = {"step": "train", "run_id": "run-1", "on_wait": lambda _: None, "cancelled": never}
    return workspace.lock_key(key, **(settings | given))


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start another process that holds the lock of k1 until its input ends."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path / "ws")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_S14_a_waiter_is_told_for_whom(workspace: Workspace, other: Callable[[], subprocess.Popen[str]]) -> None:
    """Who waits hears once which run and process holds the lock, and gets it when that ends."""
    process = other()
    told: list[Holder] = []
    got = threading.Event()

    def wait() -> None:
        with hold(workspace, on_wait=told.append):
            got.set()

    thread = threading.Thread(target=wait)
    thread.start()
    wait_until(lambda: told)
    assert not got.is_set()
    process.communicate("")
    assert got.wait(5)
    thread.join()
    (holder,) = told
    assert (holder.run_id, holder.step) == ("run-other", "train")
    assert holder.process
    assert holder.process.pid == process.pid
    assert str(process.pid) in str(holder)


def test_S15_a_killed_holders_lock_is_free_at_once(
    workspace: Workspace, other: Callable[[], subprocess.Popen[str]]
) -> None:
    """SIGKILL of the holder frees the lock within a slice of waiting."""
    process = other()
    process.send_signal(signal.SIGKILL)
    process.wait()
    start = time.monotonic()
    with hold(workspace):
        assert time.monotonic() - start < 1


def test_S15_a_lock_of_another_machine_is_refused_with_its_owner(workspace: Workspace) -> None:
    """Whether a process of another machine lives cannot be known: its lock is not taken over, and the way out is told."""
    path = workspace.path / "locks" / "k1"
    process = ProcessIdentity("other-host", "other-boot", 4711, "1").facts()
    left = json.dumps({"process": process, "run_id": "run-9", "step": "train", "since": 1.0})
    path.write_text(left)
    with pytest.raises(WorkspaceError, match=r"train is locked by run run-9 \(process 4711 on other-host\)") as caught:
        hold(workspace).__enter__()
    assert str(path) in caught.value.fix
    assert path.read_text() == left
    path.unlink()
    with hold(workspace):
        pass


@pytest.mark.parametrize("text", ["", "{", "[]", '{"process": 1}', "\x00" * 50])
def test_S15_a_torn_lock_file_is_taken_over(workspace: Workspace, text: str) -> None:
    """A holder that died while it wrote its name holds nothing."""
    (workspace.path / "locks" / "k1").write_text(text)
    with hold(workspace):
        pass


def test_a_link_in_the_place_of_a_lock_is_not_followed(workspace: Workspace, tmp_path: Path) -> None:
    """A planted link cannot make us empty another file."""
    (tmp_path / "precious").write_text("x")
    (workspace.path / "locks" / "k1").symlink_to(tmp_path / "precious")
    with pytest.raises(WorkspaceError):
        hold(workspace).__enter__()
    assert (tmp_path / "precious").read_text() == "x"


def test_two_threads_exclude_each_other(workspace: Workspace) -> None:
    """Two sessions in one kernel are as separate as two processes; other keys do not wait."""
    inside, most = [0], [0]

    def work() -> None:
        for _ in range(20):
            with hold(workspace):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                os.sched_yield()
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    with hold(workspace, "k2"):
        for thread in threads:
            thread.join()
    assert most == [1]


def test_waiting_can_be_cancelled(workspace: Workspace, other: Callable[[], subprocess.Popen[str]]) -> None:
    """A stop while waiting for a lock ends the waiting, and says for whom it was."""
    other()
    told: list[Holder] = []
    with pytest.raises(StepInterrupted, match="run-other"):
        hold(workspace, on_wait=told.append, cancelled=lambda: bool(told)).__enter__()


def test_a_lock_is_free_after_an_error(workspace: Workspace) -> None:
    """What goes wrong while it is held does not keep it."""
    with pytest.raises(KeyError), hold(workspace):
        raise KeyError
    with hold(workspace):
        pass
    assert (workspace.path / "locks" / "k1").read_bytes() == b""


def test_unused_lock_files_are_pruned_and_held_ones_stay(workspace: Workspace) -> None:
    """The folder does not grow without bound, and a lock that is held stays the one lock of its key."""
    folder = workspace.path / "locks"
    for number in range(5):
        with hold(workspace, f"old{number}"):
            pass
    with hold(workspace):
        lock.prune(folder, 10)
        assert len(list(folder.iterdir())) == 6
        lock.prune(folder, 3)
        assert [path.name for path in folder.iterdir()] == ["k1"]
        with pytest.raises(StepInterrupted):
            hold(workspace, cancelled=lambda: True).__enter__()


def test_a_pruned_file_is_not_locked_by_who_opened_it_before(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened, then deleted by a pruner, then locked: that lock is nobody's, the file at the path is taken instead."""
    folder = workspace.path / "locks"
    real, pruned = lock.lock_now, []

    def prune_first(fd: int) -> bool:
        if not pruned:
            pruned.append((folder / "k1").unlink())
        return real(fd)

    monkeypatch.setattr(lock, "lock_now", prune_first)
    with hold(workspace):
        assert (folder / "k1").read_bytes() != b""
        with pytest.raises(StepInterrupted):
            hold(workspace, cancelled=lambda: True).__enter__()


def test_a_process_is_known_by_its_start_not_only_by_its_number() -> None:
    """A process id that was given to another process since is not taken for the same."""
    mine = ProcessIdentity.mine()
    assert mine.is_alive
    assert mine.is_here
    parent = ProcessIdentity(mine.host, mine.boot, os.getppid(), mine.start + "0")
    assert not parent.is_alive
    assert not ProcessIdentity(mine.host, "earlier boot", os.getppid(), "1").is_alive
    assert ProcessIdentity("elsewhere", "elsewhere", 1, "1").is_alive
    assert ProcessIdentity.from_facts(mine.facts()) == mine
