"""The process a script finds itself in is as good as a new interpreter's."""

from __future__ import annotations

import os
import py_compile
import sys
from pathlib import Path

import pytest

from cursus_rt_notebook.worker import launch
from tests.worker.conftest import Steps

MAIN = "def main(input_paths, output_paths, environ_vars, job_args):\n"


def test_exit_handlers_of_the_zygote_do_not_run(steps: Steps):
    """That of polars makes a forked process hang: only the script's, logging's and multiprocessing's are there."""
    launch.shutdown()
    steps.modules = ("polars",)
    outcome = steps.run_text(
        "import atexit, logging, polars\nassert polars.DataFrame({'a': [1]}).select(polars.col('a').sum()).item() == 1\n"
        "return atexit._ncallbacks()"
    )
    assert outcome.ended == "succeeded", outcome.error
    assert int(outcome.result) <= 3
    assert outcome.seconds < 5


def test_two_steps_draw_other_random_numbers(steps: Steps):
    """Both random and numpy are seeded anew in each."""
    steps.modules = ("numpy",)
    draws = [
        steps.run_text("import random, numpy\nreturn f'{random.random()} {numpy.random.rand()}'").result
        for _ in range(3)
    ]
    firsts, seconds = zip(*(draw.strip("'").split() for draw in draws), strict=True)
    assert len(set(firsts)) == len(set(seconds)) == 3


def test_main_is_a_new_module(steps: Steps):
    """Neither the zygote's names nor its file are in `__main__`."""
    outcome = steps.run_text(
        "import __main__\nreturn sorted(set(vars(__main__)) - {'__builtins__', '__doc__'}), getattr(__main__, '__file__', None)"
    )
    assert outcome.result == "(['__loader__', '__name__', '__package__', '__spec__'], None)"


@pytest.mark.parametrize("name", ["process", "logs", "protocol", "child", "failure", "launch", "linux", "boot"])
def test_our_own_modules_hide_none_of_the_users(steps: Steps, name: str):
    """`import process` finds the user's file, and without one nothing."""
    assert steps.run_text(f"import {name}").ended == "raised"
    steps.write(f"scripts/{name}.py", "MINE = True\n")
    assert steps.run_text(f"import {name}\nreturn {name}.MINE").result == "True"


def test_sys_path_is_productions(steps: Steps):
    """The script's folder, the source directory, then the interpreter's own."""
    path = steps.write("project/steps/script.py", "import sys\n" + MAIN + "    print(*sys.path, sep='\\n')\n")
    outcome = steps.run(path, source_dir=str(steps.folder / "project"))
    assert outcome.ended == "succeeded"
    first, second, *rest = steps.log.splitlines()
    assert (first, second) == (str(path.parent), str(steps.folder / "project"))
    assert rest
    assert not [p for p in rest if "cursus_rt_notebook" in p or "inside" in p or not p]


def test_cwd_argv_and_name(steps: Steps):
    """As told in the order; a script that is called by its main is no `__main__`."""
    outcome = steps.run_text(
        "import os, sys\nreturn os.getcwd(), len(sys.argv), os.path.basename(sys.argv[0]), __name__"
    )
    assert outcome.result == f"({str(steps.folder / 'cwd')!r}, 1, 'script.py', 'script')"


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_a_declared_time_zone_counts(steps: Steps, zone: str):
    """TZ is read again after the fork."""
    outcome = steps.run_text("import time\nreturn time.strftime('%z', time.localtime(0))", environ_vars={"TZ": zone})
    assert outcome.result == {"America/New_York": "'-0500'", "Asia/Tokyo": "'+0900'"}[zone]


def test_variables_read_at_import_count(steps: Steps):
    """OMP_NUM_THREADS and the like are in the environment before any library is loaded."""
    steps.modules = ("polars",)
    for threads in ("1", "2"):
        outcome = steps.run_text(
            "import polars\nreturn polars.thread_pool_size()", environ_vars={"POLARS_MAX_THREADS": threads}
        )
        assert outcome.result == threads


def test_a_stale_bytecode_file_does_not_win(steps: Steps):
    """A .pyc with the size and time of the source, but other content, is not believed; nor is one written."""
    helper = steps.write("scripts/helper.py", "VALUE = 1\n")
    py_compile.compile(str(helper), doraise=True)
    stat = helper.stat()
    helper.write_text("VALUE = 2\n")
    os.utime(helper, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert steps.run_text("import helper\nreturn helper.VALUE").result == "2"
    helper.unlink()
    for pyc in (steps.folder / "scripts/__pycache__").iterdir():
        pyc.unlink()
    steps.write("scripts/other.py", "VALUE = 3\n")
    assert steps.run("pool.py", job_args={"method": "spawn"}).ended == "succeeded"
    assert steps.run_text("import other\nreturn other.VALUE").result == "3"
    assert list((steps.folder / "scripts/__pycache__").iterdir()) == []
    assert not (Path(__file__).parent / "scripts/__pycache__").exists()


def test_a_local_file_hides_a_preloaded_module(steps: Steps):
    """The standard library's too, and for the libraries that import it as well, as in production."""
    steps.modules = ("numpy",)
    steps.write("scripts/statistics.py", "mean = 'mine'\n")
    steps.write("scripts/numbers.py", "import sys\nMINE = True\n")
    assert steps.run_text("import statistics\nreturn statistics.mean").result == "'mine'"
    # numpy asks `numbers` for its classes: in production it finds the user's file and fails.
    outcome = steps.run_text("import numpy")
    assert outcome.ended == "raised"
    assert outcome.error is not None
    assert "numbers" in str(outcome.error["traceback"])


def test_what_every_interpreter_has_loaded_cannot_be_hidden(steps: Steps):
    """A user's `os.py` never wins in production, so it does not here."""
    steps.write("scripts/os.py", "raise SystemError\n")
    assert steps.run_text("import os\nreturn os.sep").result == "'/'"


def test_submodules_of_a_hidden_package_are_forgotten(steps: Steps):
    """A local package of a library's name wins, and none of the library's submodules is left over."""
    steps.modules = ("yaml",)
    steps.write("scripts/yaml/__init__.py", "")
    steps.write("scripts/yaml/mine.py", "X = 5\n")
    outcome = steps.run_text("import sys, yaml.mine\nassert 'yaml.loader' not in sys.modules\nreturn yaml.mine.X")
    assert outcome.result == "5", outcome.error


def test_a_package_script_may_import_relatively(steps: Steps):
    """The packages above it have a path; their `__init__` does not run unless something of it is asked for."""
    steps.write("project/__init__.py", "")
    steps.write("project/pkg/__init__.py", "print('half the world')\nCONSTANT = 7\n")
    steps.write("project/pkg/hyper.py", "SIZE = 3\n")
    steps.write("project/pkg/steps/__init__.py", "raise RuntimeError('never run')\n")
    steps.write("project/pkg/steps/near.py", "from ..hyper import SIZE\n")
    path = steps.write(
        "project/pkg/steps/script.py",
        "from ..hyper import SIZE\nfrom .near import SIZE as NEAR\nfrom .. import hyper\n"
        + MAIN
        + "    return SIZE, NEAR, hyper.SIZE\n",
    )
    outcome = steps.run(path, source_dir=str(steps.folder / "project"))
    assert outcome.result == "(3, 3, 3)", outcome.error
    assert steps.log == ""
    path.write_text("from .. import CONSTANT\n" + MAIN + "    return CONSTANT\n")
    outcome = steps.run(path, source_dir=str(steps.folder / "project"))
    assert outcome.result == "7", outcome.error
    assert steps.log == "half the world"


def test_files_opened_beside_the_script_are_told(steps: Steps):
    """Path, size and time of what is read under the source directory; not the sources, nor what lies elsewhere."""
    settings_file = steps.write("scripts/config/settings.json", "{}")
    steps.write("scripts/helper.py", "X = 1\n")
    late = steps.write("scripts/late.py", "X = 2\n")
    outcome = steps.run_text(
        "import helper, importlib, os, pathlib\nimportlib.import_module('la' + 'te')\n"
        "here = pathlib.Path(__file__).parent\n(here / 'config/settings.json').read_text()\n"
        "os.chdir(here)\nopen('config/settings.json').close()\nopen('written', 'w').close()\n"
        "open(os.devnull).close()\n"
        "import subprocess, multiprocessing\n"
    )
    assert outcome.ended == "succeeded"
    stat = settings_file.stat()
    assert outcome.opened == {
        str(settings_file): (stat.st_size, stat.st_mtime_ns),
        str(late): (late.stat().st_size, late.stat().st_mtime_ns),
    }


def test_files_opened_by_a_forked_worker_are_told(steps: Steps):
    """The report pipe takes notes from every process that was forked in the step."""
    data = steps.write("scripts/data.txt", "x")
    outcome = steps.run_text(
        "import multiprocessing\nprocess = multiprocessing.get_context('fork').Process(target=open, "
        f"args=({str(data)!r},))\nprocess.start()\nprocess.join()"
    )
    assert set(outcome.opened) == {str(data)}


@pytest.mark.parametrize(
    ("head", "result"),
    [
        ("def main(input_paths, output_paths, environ_vars, job_args):", "({'i': '/i'}, {'A': 'b'}, 3)"),
        ("def main(job_args, environ_vars, input_paths, output_paths):", "({'i': '/i'}, {'A': 'b'}, 3)"),
        ("def main(*, input_paths, output_paths, environ_vars, job_args):", "({'i': '/i'}, {'A': 'b'}, 3)"),
        ("def main(input_paths, output_paths, environ_vars, job_args, logger=None):", "({'i': '/i'}, {'A': 'b'}, 3)"),
        (
            "def main(input_paths, output_paths, environ_vars, job_args, *, strict=False):",
            "({'i': '/i'}, {'A': 'b'}, 3)",
        ),
        (
            "def main(input_paths, output_paths, environ_vars, job_args, logger):\n    logger('x'); logger.info('y')",
            "({'i': '/i'}, {'A': 'b'}, 3)",
        ),
        (
            "def main(ins, outs, env, args, extra=1):\n    input_paths, environ_vars, job_args = ins, env, args",
            "({'i': '/i'}, {'A': 'b'}, 3)",
        ),
        ("def main(*given):\n    input_paths, _, environ_vars, job_args = given", "({'i': '/i'}, {'A': 'b'}, 3)"),
        (
            "def main(**given):\n    input_paths, environ_vars, job_args = (given[k] for k in ('input_paths', 'environ_vars', 'job_args'))",
            "({'i': '/i'}, {'A': 'b'}, 3)",
        ),
        ("def main(input_paths, job_args):\n    environ_vars = {'A': 'b'}", "({'i': '/i'}, {'A': 'b'}, 3)"),
    ],
)
def test_main_gets_what_its_parameters_ask_for(steps: Steps, head: str, result: str):
    """By keyword where the names are the contract's, else by position; extras with defaults are left alone."""
    path = steps.write("scripts/script.py", f"{head}\n    return input_paths, environ_vars, job_args.batch_size\n")
    outcome = steps.run(path, input_paths={"i": "/i"}, environ_vars={"A": "b"}, job_args={"batch-size": 3})
    assert outcome.result == result, outcome.error


@pytest.mark.parametrize(
    "parameters", ["a", "a, b, c, d, e", "input_paths, output_paths, environ_vars, job_args, model", ""]
)
def test_a_wrong_signature_is_said_to_be_one(steps: Steps, parameters: str):
    """What was expected and what was found."""
    outcome = steps.run(steps.write("scripts/script.py", f"def main({parameters}):\n    pass\n"))
    assert outcome.ended == "not_started"
    assert outcome.error is not None
    assert "expected main(input_paths, output_paths, environ_vars, job_args)" in outcome.error["message"]
    assert f"found main({parameters})" in outcome.error["message"]


def test_a_script_runs_as_main_with_its_command_line(steps: Steps):
    """`entry: script`: its block, its argparse, its exit status."""
    path = steps.write(
        "scripts/script.py",
        "import argparse, os, sys\n"
        "if __name__ == '__main__':\n"
        "    parser = argparse.ArgumentParser()\n"
        "    parser.add_argument('--job_type', choices=['training', 'testing'])\n"
        "    parser.add_argument('--batch-size', type=int)\n"
        "    parser.add_argument('--fast', action='store_true')\n"
        "    parser.add_argument('--names', nargs='*')\n"
        "    print(vars(parser.parse_args()), os.environ['A'])\n"
        "    sys.exit(0)\n",
    )
    arguments = {"job_type": "training", "batch_size": 3, "fast": True, "names": ["x", "y"], "none": None, "no": False}
    outcome = steps.run(path, entry="script", job_args=arguments, environ_vars={"A": "b"})
    assert outcome.ended == "succeeded", outcome.error
    assert steps.log == "{'job_type': 'training', 'batch_size': 3, 'fast': True, 'names': ['x', 'y']} b"
    assert steps.run(path, entry="script", job_args={"job_type": "wrong"}).exit_code == 2


def test_signals_are_as_in_a_new_interpreter(steps: Steps):
    """SIGTERM ends it, SIGINT raises, a closed pipe is an exception; none is blocked."""
    outcome = steps.run_text(
        "import signal as s\n"
        "return [s.getsignal(x) for x in (s.SIGTERM, s.SIGCHLD, s.SIGALRM)] == [s.SIG_DFL] * 3 and "
        "s.getsignal(s.SIGPIPE) == s.SIG_IGN and s.getsignal(s.SIGINT) is s.default_int_handler and not s.pthread_sigmask(0, [])"
    )
    assert outcome.result == "True"


def test_the_system_would_rather_take_the_step_than_the_kernel(steps: Steps):
    """The out-of-memory score is raised."""
    assert steps.run_text("return int(open('/proc/self/oom_score_adj').read())").result == "900"


def test_the_garbage_collector_works(steps: Steps):
    """Frozen is only what came with the fork."""
    outcome = steps.run_text("import gc\nx = []\nx.append(x)\ndel x\nreturn gc.isenabled(), gc.collect() > 0")
    assert outcome.result == "(True, True)"


def test_a_step_reports_the_versions_it_used(steps: Steps):
    """Distributions of what the script imports, and of what it loaded beside that."""
    outcome = steps.run_text("import yaml")
    assert set(outcome.packages) == {"PyYAML"} or set(outcome.packages) == {"pyyaml"}
    assert outcome.python_version == ".".join(map(str, sys.version_info[:3]))


def test_all_is_in_place_where_a_local_file_hides_much(steps: Steps):
    """A user's `random.py`: pip is skipped, threads are waited for, the logger is the script's own all the same."""
    steps.write("scripts/random.py", "MINE = True\n")
    path = steps.write(
        "scripts/script.py",
        "import random, subprocess, sys, threading, time, logging, argparse\n"
        "subprocess.check_call([sys.executable, '-m', 'pip', 'install', 'numpy'])\n"
        "def main(input_paths, output_paths, environ_vars, job_args, logger):\n"
        "    logging.basicConfig()\n    logger.warning('warned')\n"
        "    threading.Thread(target=lambda: (time.sleep(0.3), print('late'))).start()\n"
        "    return random.MINE, isinstance(job_args, argparse.Namespace)\n",
    )
    outcome = steps.run(path)
    assert outcome.result == "(True, True)", outcome.error
    assert outcome.skipped_pip == ("numpy",)
    assert "late" in steps.log
    assert "warned" in steps.log


def test_a_fork_of_the_script_that_ends_does_not_report(steps: Steps):
    """`sys.exit` in a forked copy ends the copy; the step's own result counts."""
    outcome = steps.run_text(
        "import os, sys\n"
        "pid = os.fork()\n"
        "if pid == 0:\n    print('copy')\n    sys.exit(3)\n"
        "return os.WEXITSTATUS(os.waitpid(pid, 0)[1])"
    )
    assert (outcome.ended, outcome.result) == ("succeeded", "3")
    assert steps.log == "copy"


def test_a_package_that_cannot_be_imported_is_one_without_its_init(steps: Steps):
    """Beside a script that imports relatively: its modules are found, it is told, and what only it has is an error."""
    steps.write("project/pkg/processing/__init__.py", "FIRST = 1\nimport torch_that_is_not_there\nTHING = 2\n")
    steps.write("project/pkg/processing/near.py", "from . import other\nVALUE = other.VALUE\n")
    steps.write("project/pkg/processing/other.py", "VALUE = 3\n")
    head = "from ..processing.near import VALUE\nfrom ..processing import other\n"
    path = steps.write("project/pkg/steps/script.py", head + MAIN + "    return VALUE, other.VALUE\n")
    steps.write("project/pkg/__init__.py", "")
    source_dir = str(steps.folder / "project")
    outcome = steps.run(path, source_dir=source_dir)
    assert outcome.result == "(3, 3)", outcome.error
    (warning,) = outcome.warnings
    assert warning.startswith(
        "the __init__ of pkg.processing was left out: ModuleNotFoundError: No module named 'torch"
    )
    path.write_text("from ..processing import THING\n" + MAIN + "    pass\n")
    outcome = steps.run(path, source_dir=source_dir)
    assert outcome.error is not None
    assert (outcome.error["type"], outcome.error["name"]) == ("ModuleNotFoundError", "torch_that_is_not_there")
    steps.write("project/pkg/processing/__init__.py", "1 / 0\n")
    assert steps.run(path, source_dir=source_dir).error["type"] == "ZeroDivisionError"  # pyright: ignore[reportOptionalSubscript]
