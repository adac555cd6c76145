"""What a step may start, and how long it may take to end."""

from __future__ import annotations

import importlib.util
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cursus_rt_notebook import settings
from tests.worker.conftest import Steps


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_P10_a_pool_works_in_a_step(steps: Steps, method: str):
    """With every way of starting, functions of the script included, and nothing is left behind."""
    outcome = steps.run("pool.py", job_args={"method": method})
    assert outcome.ended == "succeeded", outcome.error
    assert steps.out("sum") == "285"
    assert outcome.warnings == ()


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_P10_a_pool_works_in_a_script_that_runs_as_main(steps: Steps, method: str):
    """Spawned workers find the script's functions in its file, and do not run its main block."""
    path = steps.write(
        "scripts/whole.py",
        "import multiprocessing, sys\n"
        "def square(x):\n    return x * x\n"
        "if __name__ == '__main__':\n"
        f"    with multiprocessing.get_context('{method}').Pool(2) as pool:\n"
        "        print('sum', sum(pool.map(square, range(10))))\n",
    )
    outcome = steps.run(path, entry="script")
    assert outcome.ended == "succeeded", outcome.error
    assert steps.log == "sum 285"


def test_P10_joblib_workers_work_and_end(steps: Steps):
    """Joblib starts its workers, and is told to end them."""
    if importlib.util.find_spec("joblib") is None:
        pytest.skip("no joblib here")
    steps.modules = ("joblib",)
    steps.write("scripts/work.py", "def square(x):\n    return x * x\n")
    outcome = steps.run_text(
        "from joblib import Parallel, delayed\nfrom work import square\n"
        "return sum(Parallel(n_jobs=2)(delayed(square)(i) for i in range(10)))"
    )
    assert (outcome.ended, outcome.result) == ("succeeded", "285"), outcome.error
    assert outcome.warnings == ()


def test_P10_a_process_pool_executor_works_in_a_step(steps: Steps):
    """The standard library's executor, too."""
    steps.write("scripts/work.py", "def square(x):\n    return x * x\n")
    outcome = steps.run_text(
        "from concurrent.futures import ProcessPoolExecutor\nfrom work import square\n"
        "with ProcessPoolExecutor(2) as pool:\n    return sum(pool.map(square, range(10)))"
    )
    assert (outcome.ended, outcome.result) == ("succeeded", "285"), outcome.error


def test_P14_a_thread_that_outlives_main_gets_a_grace(steps: Steps, monkeypatch: pytest.MonkeyPatch):
    """The result counts, the process is ended after the grace, and a warning names the thread."""
    monkeypatch.setattr(settings, "EXIT_GRACE", 0.3)
    outcome = steps.run("lingering_thread.py")
    assert (outcome.ended, outcome.result) == ("succeeded", "'done'")
    assert len(outcome.warnings) == 1
    assert "straggler" in outcome.warnings[0]
    assert outcome.seconds < 3


def test_each_order_is_carried_out_once(steps: Steps):
    """From several threads at once, however quickly the steps end."""
    script = steps.write(
        "scripts/once.py",
        "import os\ndef main(input_paths, output_paths, environ_vars, job_args):\n"
        "    os.write(os.open(job_args.path, os.O_APPEND | os.O_CREAT | os.O_WRONLY), b'x')\n",
    )
    paths = [steps.folder / f"out/{i}" for i in range(200)]
    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(lambda path: steps.run(script, job_args={"path": str(path)}).ended, paths))
    assert ended == ["succeeded"] * len(paths)
    assert [path.read_text() for path in paths] == ["x"] * len(paths)


def test_a_thread_that_ends_in_time_is_waited_for(steps: Steps):
    """What it does after main has returned is part of the step."""
    outcome = steps.run_text(
        "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.3), print('late'))).start()"
    )
    assert (outcome.ended, outcome.warnings) == ("succeeded", ())
    assert steps.log == "late"


def test_exit_handlers_of_the_script_run(steps: Steps):
    """atexit, weakref.finalize and temporary folders, in a forked process as in a new one."""
    outcome = steps.run_text(
        "import atexit, tempfile, weakref, pathlib\n"
        "atexit.register(print, 'handler')\n"
        "global kept\n"
        "class Thing: pass\n"
        "kept = Thing(), tempfile.TemporaryDirectory()\n"
        "weakref.finalize(kept[0], print, 'finalizer')\n"
        "pathlib.Path(output_paths['out'], 'name').write_text(kept[1].name)"
    )
    assert outcome.ended == "succeeded"
    assert set(steps.log.split("\n")) >= {"handler", "finalizer"}
    assert not Path(steps.out("name")).exists()


def test_a_file_left_open_is_written_out(steps: Steps):
    """An unflushed file in a module's globals gets its content when the process ends, as in production."""
    outcome = steps.run_text(
        "global file\nimport pathlib\n"
        "file = open(pathlib.Path(output_paths['out'], 'left'), 'w')\nfile.write('content')"
    )
    assert outcome.ended == "succeeded"
    assert steps.out("left") == "content"


def test_what_code_in_c_prints_is_in_the_log(steps: Steps):
    """The C library's own buffers are flushed at the end."""
    outcome = steps.run_text("import ctypes\nctypes.CDLL(None).printf(b'from C\\n')")
    assert outcome.ended == "succeeded"
    assert "from C" in steps.log
