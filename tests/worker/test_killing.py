"""Ending steps: limits, kills, and what happens when one of the processes above is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.worker import launch
from cursus_rt_notebook.worker.launch import Outcome, StepProcess
from tests.conftest import wait_until
from tests.worker.conftest import Steps, gone, wait_for_text


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "KILL_GRACE", 0.5)


def follow(process: StepProcess) -> tuple[threading.Thread, list[Outcome]]:
    """Wait for a step in a thread."""
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(process.wait(None)))
    thread.start()
    return thread, outcomes


def pids_of(steps: Steps) -> list[int]:
    return [int(pid) for pid in wait_for_text(steps.folder / "out/pids").split()]


def test_P5_a_step_that_hangs_is_ended_at_its_time_limit(steps: Steps):
    """TERM, and it is gone; the limit and the time are told."""
    outcome = steps.run("hang.py", timeout=0.4)
    assert outcome.ended == "timed_out"
    assert 0.4 <= outcome.seconds < 1.5
    assert outcome.error is not None
    assert "0.4 s" in outcome.error["message"]


def test_P6_a_step_that_ignores_term_is_killed_after_the_grace(steps: Steps):
    """KILL follows TERM when the grace is over."""
    outcome = steps.run("ignore_term.py", timeout=0.4)
    assert (outcome.ended, outcome.signal) == ("timed_out", signal.SIGKILL)
    assert 0.9 <= outcome.seconds < 1.9


def test_P7_no_descendant_survives_a_stop(steps: Steps):
    """A child, one in another session, and one that forked twice: none is alive when wait returns."""
    process = steps.start("grandchildren.py")
    thread, outcomes = follow(process)
    pids = pids_of(steps)
    process.kill()
    thread.join(10)
    assert outcomes[0].ended == "killed"
    assert [pid for pid in pids if not gone(pid)] == []


def test_P7_what_a_step_leaves_behind_is_ended_and_counted(steps: Steps):
    """A step that succeeds leaves no process either, and a warning says how many there were."""
    outcome = steps.run("grandchildren.py", job_args={"wait": False})
    assert outcome.ended == "succeeded"
    assert outcome.warnings == ("3 processes left behind, now ended",)
    assert [pid for pid in pids_of(steps) if not gone(pid)] == []


def test_a_step_may_be_killed_from_any_thread_and_before_it_started(steps: Steps):
    """Kill returns at once; a step that was killed before its start never runs."""
    process = steps.start("hang.py")
    before = time.monotonic()
    process.kill()
    assert time.monotonic() - before < 0.1
    assert process.wait(None).ended == "killed"


def test_a_child_can_report_while_it_is_told_to_end(steps: Steps):
    """A script that handles TERM is still a killed one."""
    steps.write("scripts/polite.py", "")
    outcome = steps.run_text(
        "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\ntime.sleep(60)",
        timeout=0.3,
    )
    assert outcome.ended == "timed_out"


def test_L4_a_step_that_kills_its_process_group_kills_only_itself(steps: Steps):
    """killpg(0) reaches neither the guardian nor the kernel."""
    outcome = steps.run("kill_group.py")
    assert (outcome.ended, outcome.signal) == ("crashed", signal.SIGKILL)


def test_L4_a_step_cannot_see_the_kernel_as_its_parent(steps: Steps):
    """The process above a step is its guardian; killing that ends the step, not the kernel."""
    outcome = steps.run_text("import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(60)")
    assert outcome.ended == "crashed"
    assert outcome.seconds < 2
    assert steps.run_text("return 1").ended == "succeeded"


def test_a_killed_guardian_leaves_no_orphans(steps: Steps):
    """The child dies with it, and the zygote ends what is left below."""
    process = steps.start("grandchildren.py")
    thread, _ = follow(process)
    pids = pids_of(steps)
    os.kill(psutil.Process(pids[3]).ppid(), signal.SIGKILL)
    thread.join(10)
    wait_until(lambda: all(gone(pid) for pid in pids), 3)


def test_a_stopped_guardian_does_not_hold_up_a_kill(steps: Steps, monkeypatch: pytest.MonkeyPatch):
    """When the guardian does not answer, the tree is ended from the kernel."""
    monkeypatch.setattr("cursus_rt_notebook.worker.step._GUARDIAN_GRACE", 0.3)
    process = steps.start("grandchildren.py")
    thread, outcomes = follow(process)
    pids = pids_of(steps)
    os.kill(psutil.Process(pids[3]).ppid(), signal.SIGSTOP)
    process.kill()
    thread.join(10)
    assert outcomes[0].ended == "killed"
    wait_until(lambda: all(gone(pid) for pid in pids), 5)


def test_a_killed_zygote_leaves_no_orphans_and_the_next_step_runs(steps: Steps):
    """SIGKILL to the zygote ends its steps too; another zygote takes its place."""
    process = steps.start("grandchildren.py")
    thread, outcomes = follow(process)
    pids = pids_of(steps)
    guardian = psutil.Process(psutil.Process(pids[3]).ppid())
    os.kill(guardian.ppid(), signal.SIGKILL)
    thread.join(10)
    assert outcomes[0].ended == "crashed"
    wait_until(lambda: all(gone(pid) for pid in [*pids, guardian.pid]), 3)
    assert steps.run_text("return 1").ended == "succeeded"


_KERNEL = """
import sys
from pathlib import Path
from cursus_rt_notebook.worker import launch
from cursus_rt_notebook.redact import Redactor
folder, script = map(Path, sys.argv[1:])
order = launch.Order(step="s", script=str(script), source_dir=str(script.parent), cwd=str(folder),
                     output_paths={"out": str(folder)})
launch.start_step(order, python=None, modules=(), log_path=folder / "log", redactor=Redactor(),
                  timeout=None, memory=None).wait(None)
"""


@pytest.mark.parametrize("copy", [False, True], ids=["alone", "with a forked copy that holds its sockets"])
def test_P8_a_killed_kernel_takes_everything_along(tmp_path: Path, *, copy: bool):
    """Two seconds after SIGKILL of the kernel no zygote, guardian, step or grandchild is alive."""
    script = Path(__file__).parent / "scripts/grandchildren.py"
    fork = "import os, time\nif os.fork() == 0: time.sleep(20); os._exit(0)\n" if copy else ""
    code = _KERNEL.replace("launch.start_step(", "process = launch.start_step(").replace(".wait(None)", "")
    code += f"process._begin(wait=True)\n{fork}process.wait(None)\n"
    kernel = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(script)])
    pids = [int(pid) for pid in wait_for_text(tmp_path / "pids").split()]
    ours = psutil.Process(kernel.pid).children(recursive=True)
    sleeper = [p for p in ours if copy and p.ppid() == kernel.pid and "boot.py" not in " ".join(p.cmdline())]
    kernel.kill()
    kernel.wait()
    watched = [p.pid for p in ours if p not in sleeper]
    wait_until(lambda: all(gone(pid) for pid in [*pids, *watched]), 2)
    for process in sleeper:
        process.kill()


def test_P8_a_kernel_killed_while_its_zygote_loads_leaves_nothing(tmp_path: Path):
    """An import that takes long does not keep the zygote alive."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    site = next((tmp_path / "venv/lib").glob("python3*/site-packages"))
    (site / "slow.py").write_text(f"import time\nopen({str(tmp_path / 'begun')!r}, 'w').write('x')\ntime.sleep(60)\n")
    code = "import sys, time\nfrom cursus_rt_notebook.worker import launch\nlaunch.warm(sys.argv[1], ('slow',), {})\ntime.sleep(60)"
    kernel = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "venv/bin/python")])
    wait_for_text(tmp_path / "begun")
    ours = psutil.Process(kernel.pid).children(recursive=True)
    assert ours
    kernel.kill()
    kernel.wait()
    wait_until(lambda: all(gone(p.pid) for p in ours), 2)


def test_shutdown_ends_running_steps_and_leaves_nothing(steps: Steps):
    """After it no process of ours is there, and a later step starts anew."""
    process = steps.start("grandchildren.py")
    thread, outcomes = follow(process)
    pids = pids_of(steps)
    launch.shutdown()
    assert [p for p in psutil.Process().children(recursive=True) if not gone(p.pid)] == []
    thread.join(5)
    assert outcomes[0].ended == "killed"
    assert all(gone(pid) for pid in pids)
    assert steps.run_text("return 1").ended == "succeeded"


def test_nothing_leaks_in_the_kernel(steps: Steps):
    """Steps leave no descriptor, thread or child behind."""
    steps.run_text("return 1")
    threads = threading.active_count()
    fds = len(list(Path("/proc/self/fd").iterdir()))
    children = len(psutil.Process().children())
    for _ in range(200):
        assert steps.run(steps.folder / "scripts/script.py").ended == "succeeded"
    assert threading.active_count() == threads
    assert len(list(Path("/proc/self/fd").iterdir())) == fds
    assert len(psutil.Process().children()) == children


def test_an_idle_zygote_ends(steps: Steps, monkeypatch: pytest.MonkeyPatch):
    """A zygote that nobody used for the idle time ends; the next step finds another."""
    launch.shutdown()
    monkeypatch.setattr(settings, "IDLE_TIMEOUT", 0.2)
    assert steps.run_text("return 1").ended == "succeeded"
    zygotes = psutil.Process().children()
    wait_until(lambda: all(gone(z.pid) for z in zygotes), 5)
    assert steps.run_text("return 1").ended == "succeeded"
    launch.shutdown()


def test_a_callback_that_raises_ends_the_step(steps: Steps):
    """An interrupt that reaches wait takes the step along."""

    def interrupt(_progress: object) -> None:
        raise KeyboardInterrupt

    process = steps.start("hang.py")
    with pytest.raises(KeyboardInterrupt):
        process.wait(interrupt)
    assert process.pid is not None
    wait_until(lambda: gone(process.pid or 0), 3)
