"""How a step may end, and what is said of it: one row per way."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.worker.conftest import Steps


def test_a_script_that_returns_has_succeeded(steps: Steps):
    """A report on the pipe and exit status 0 together are success."""
    outcome = steps.run_text("print('hello')\nreturn 3")
    assert (outcome.ended, outcome.exit_code, outcome.result) == ("succeeded", 0, "3")
    assert outcome.error is None
    assert outcome.log_tail == "hello"


def test_P1_a_segfault_is_a_crash_with_its_native_stack(steps: Steps):
    """The signal is told, and what the script and faulthandler wrote is in the log."""
    outcome = steps.run("segfault.py")
    assert (outcome.ended, outcome.signal) == ("crashed", signal.SIGSEGV)
    assert outcome.error is not None
    assert outcome.error["type"] == "SIGSEGV"
    assert "before the fault" in steps.log
    assert "segfault.py" in outcome.log_tail
    assert "Segmentation fault" in outcome.log_tail


@pytest.mark.parametrize("status", [0, 1, 7])
def test_P2_exit_without_report_is_a_failure(steps: Steps, status: int):
    """os._exit ends a step without reporting: a failure, with status 0 too."""
    outcome = steps.run("exit_hard.py", job_args={"status": status})
    assert (outcome.ended, outcome.exit_code) == ("crashed", status)
    assert outcome.error is not None
    assert "without reporting" in outcome.error["message"]
    assert "leaving" in steps.log


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGABRT, signal.SIGBUS])
def test_P3_a_signal_from_outside_is_a_crash(steps: Steps, number: int):
    """Each deadly signal is named; SIGKILL comes with a hint at the memory."""
    outcome = steps.run("kill_itself.py", job_args={"signal": int(number)})
    assert (outcome.ended, outcome.signal) == ("crashed", number)
    assert outcome.error is not None
    assert ("memory" in outcome.error["message"]) == (number == signal.SIGKILL)
    assert "about to die" in steps.log


@pytest.mark.parametrize(
    ("code", "ended", "status"),
    [(None, "succeeded", 0), (0, "succeeded", 0), (False, "succeeded", 0), (1, "exited", 1), (3, "exited", 3)],
)
def test_P4_sys_exit_means_what_its_status_says(steps: Steps, code: object, ended: str, status: int):
    """Nothing and 0 are success; every other status is kept."""
    outcome = steps.run("sys_exit.py", job_args={"code": code})
    assert (outcome.ended, outcome.exit_code) == (ended, status)


def test_P4_sys_exit_with_a_text_shows_the_text(steps: Steps):
    """The text is the message and stands in the log; the status is 1."""
    outcome = steps.run("sys_exit.py", job_args={"code": "no rows left"})
    assert (outcome.ended, outcome.exit_code) == ("exited", 1)
    assert outcome.error is not None
    assert outcome.error["message"] == "no rows left"
    assert "no rows left" in steps.log


def test_P4_sys_exit_in_a_handler_still_shows_the_first_error(steps: Steps):
    """What was being handled comes along as the cause, with its frames."""
    outcome = steps.run("system_exit_after_error.py")
    assert outcome.error is not None
    assert outcome.error["cause"]["type"] == "KeyError"
    assert outcome.error["cause"]["frames"][-1]["line"] == 6


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("object", "Unspeakable"),
        ("endless", "Endless"),
        ("lambda", "lambda"),
        ("long", "50,000,000"),
        ("bignum", "50,000,001 bits"),
        ("list", "1,000,000 in all"),
        ("frame", "3 rows x 2 columns"),
    ],
)
def test_P15_a_strange_result_is_told_in_a_short_text(steps: Steps, kind: str, shown: str):
    """Whatever main returns, it succeeded, and a bounded text comes back: never the object."""
    outcome = steps.run("strange_results.py", job_args={"kind": kind})
    assert outcome.ended == "succeeded"
    assert shown in outcome.result
    assert len(outcome.result) < 1000


def test_P16_an_interpreter_that_is_not_there_is_not_started(steps: Steps, tmp_path: Path):
    """The cause names the interpreter, and nothing ran."""
    steps.python = str(tmp_path / "no/such/python")
    outcome = steps.run_text("print('never')")
    assert outcome.ended == "not_started"
    assert outcome.error is not None
    assert "no/such/python" in outcome.error["message"]
    assert steps.log == ""


def test_P16_something_that_is_no_python_is_not_started(steps: Steps):
    """A program that is no interpreter is said to be none."""
    steps.python = "/bin/true"
    outcome = steps.run_text("print('never')")
    assert outcome.ended == "not_started"
    assert outcome.error is not None
    assert "/bin/true" in outcome.error["message"]


def test_P16_an_import_error_names_the_module(steps: Steps):
    """The engine gets the module's name, and that main was not reached."""
    outcome = steps.run("import_error.py")
    assert outcome.ended == "raised"
    assert outcome.error is not None
    assert outcome.error["type"] == "ModuleNotFoundError"
    assert outcome.error["name"] == "a_module_that_nobody_has"
    assert outcome.error["phase"] == "import"


def test_a_syntax_error_tells_file_and_line(steps: Steps):
    """As the compiler saw it: file, line and the text of the line."""
    text = (Path(__file__).parent / "scripts/syntax_error.py.txt").read_text()
    outcome = steps.run(steps.write("scripts/broken.py", text))
    assert outcome.error is not None
    assert outcome.error["type"] == "SyntaxError"
    assert outcome.error["filename"].endswith("broken.py")
    assert outcome.error["lineno"] in {4, 5}


def test_P17_a_hostile_exception_is_told_all_the_same(steps: Steps):
    """No text, no pickling, variables without class or end: type, frames and variables come back in bounded time."""
    outcome = steps.run("hostile_error.py")
    assert outcome.ended == "raised"
    error = outcome.error
    assert error is not None
    assert error["type"] == "Hostile"
    assert error["frames"][-1]["function"] == "main"
    variables = {v["name"]: v for v in error["frames"][-1]["variables"]}
    assert variables["liar"]["type"].endswith("Liar")
    assert len(variables["huge"]["value"]) < 500
    assert "Hostile" in error["traceback"]
    assert outcome.seconds < 4


def test_a_panic_is_caught(steps: Steps):
    """Panics of polars are BaseExceptions, and failures like others."""
    outcome = steps.run("panic.py")
    assert outcome.ended == "raised"
    assert outcome.error is not None
    assert outcome.error["type"] == "PanicException"
    assert "unwrap" in outcome.error["message"]


def test_a_returned_error_is_a_failure(steps: Steps):
    """A dict whose status says error is no success, whatever the exit status."""
    outcome = steps.run("returns_error.py")
    assert outcome.ended == "returned_error"
    assert "no feature is left" in outcome.result


def test_a_failure_in_the_last_moment_is_one(steps: Steps):
    """A report of success does not help a process that then ends badly."""
    outcome = steps.run_text("import atexit, os\natexit.register(os._exit, 4)")
    assert (outcome.ended, outcome.exit_code) == ("crashed", 4)
    assert outcome.error is not None
    assert "exit status 4" in outcome.error["message"]


def test_a_script_that_is_not_there_is_not_started(steps: Steps, tmp_path: Path):
    """A missing script, and one without main, are said to be that."""
    outcome = steps.run(tmp_path / "nothing.py")
    assert outcome.ended == "not_started"
    assert outcome.error is not None
    assert "nothing.py does not exist" in outcome.error["message"]
    outcome = steps.run(steps.write("scripts/empty.py", "x = 1\n"))
    assert outcome.ended == "not_started"
    assert outcome.error is not None
    assert "no function main" in outcome.error["message"]


def test_a_script_may_close_every_descriptor(steps: Steps):
    """Scripts that make themselves daemons close the low descriptors; the report gets through."""
    outcome = steps.run_text("import os\nos.closerange(3, 256)")
    assert outcome.ended == "succeeded"


def test_a_step_reports_what_it_used(steps: Steps):
    """Seconds, CPU seconds of the whole tree, the interpreter's version."""
    outcome = steps.run_text(
        "import subprocess, sys, time\n"
        "end = time.process_time() + 0.2\n"
        "while time.process_time() < end: pass\n"
        "code = 'import time\\nwhile time.process_time() < 0.2: pass'\n"
        "subprocess.run([sys.executable, '-c', code])"
    )
    assert 0.35 < outcome.cpu_seconds < 1.5
    assert outcome.seconds > 0.35
    assert outcome.python_version.startswith("3.")
