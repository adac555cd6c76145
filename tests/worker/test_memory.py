"""Memory: measured without the zygote's, and limited."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.settings import MIB
from tests.worker.conftest import Steps


@pytest.mark.parametrize("pause", [0.01, 0.0], ids=["slowly", "as fast as it can"])
def test_P9_a_step_over_its_memory_limit_is_ended(steps: Steps, pause: float):
    """Used and limit are told; growing fast overshoots by little."""
    outcome = steps.run("grow.py", memory=200 * MIB, job_args={"pause": pause})
    assert outcome.ended == "out_of_memory"
    assert outcome.error is not None
    assert outcome.error["limit"] == 200 * MIB
    assert 200 * MIB < outcome.error["used"] < 450 * MIB
    assert outcome.peak_memory == outcome.error["used"]


def test_P9_an_allocation_far_over_the_limit_is_refused(steps: Steps):
    """What would take the machine's memory between two readings raises MemoryError in the script, at once."""
    outcome = steps.run("allocate_at_once.py", memory=100 * MIB, job_args={"bytes": 8 * 1024 * MIB})
    assert outcome.ended == "out_of_memory"
    assert outcome.error is not None
    assert outcome.error["frames"][-1]["function"] == "main"
    assert outcome.seconds < 2


def test_P9_a_memory_error_counts_as_out_of_memory_only_under_a_limit(steps: Steps):
    """Without a limit it is an exception like others."""
    assert steps.run("memory_error.py", memory=500 * MIB).ended == "out_of_memory"
    outcome = steps.run("memory_error.py")
    assert outcome.ended == "raised"
    assert outcome.error is not None
    assert outcome.error["type"] == "MemoryError"


def test_P9_the_limit_holds_for_the_whole_tree(steps: Steps):
    """Memory that a grandchild holds counts."""
    outcome = steps.run_text(
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', 'import time; x = b\"x\" * (300 << 20); time.sleep(30)'])",
        memory=200 * MIB,
    )
    assert outcome.ended == "out_of_memory"
    assert outcome.seconds < 10


def test_a_small_step_is_not_charged_for_the_zygote(steps: Steps):
    """A step that allocates nothing holds a few megabytes, whatever the zygote has loaded."""
    steps.modules = ("numpy", "pandas")
    steps.run_text("return 1")
    assert steps.run_text("return 1").peak_memory < 20 * MIB
    assert steps.run_text("import time\ntime.sleep(0.6)").peak_memory < 20 * MIB


def test_a_short_peak_between_two_readings_is_seen(steps: Steps):
    """The system's own high-water mark is reset when the step starts."""
    outcome = steps.run_text(
        "x = bytes(300 << 20)\nfor i in range(0, len(x), 4096): x[i]\ny = b'1' * (300 << 20)\ndel x, y"
    )
    assert 290 * MIB < outcome.peak_memory < 700 * MIB


def test_what_forked_workers_share_is_counted_once(steps: Steps):
    """Four forked workers that only look at 200 MB hold 200 MB together, not 1 GB."""
    outcome = steps.run_text(
        "import multiprocessing, time\n"
        "held = b'x' * (200 << 20)\n"
        "processes = [multiprocessing.get_context('fork').Process(target=time.sleep, args=(1,)) for _ in range(4)]\n"
        "for p in processes: p.start()\n"
        "for p in processes: p.join()\n"
    )
    assert 190 * MIB < outcome.peak_memory < 300 * MIB
