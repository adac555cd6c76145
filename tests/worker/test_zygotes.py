"""Zygotes: what they load, what they leave out, when another is needed."""

from __future__ import annotations

import threading
from pathlib import Path

import psutil
import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.worker import interpreters, launch
from tests.conftest import wait_until
from tests.worker.conftest import Steps, gone


@pytest.fixture(autouse=True)
def _own_zygotes():
    launch.shutdown()
    yield
    launch.shutdown()


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages of the test's own, seen by every interpreter that is started."""
    import subprocess
    import sys

    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    return next((tmp_path / "venv/lib").glob("python3*/site-packages"))


def python_of(library: Path) -> str:
    return str(library.parents[2] / "bin/python")


def zygotes() -> list[int]:
    return [p.pid for p in psutil.Process().children() if not gone(p.pid)]


def test_a_step_finds_its_modules_loaded(steps: Steps):
    """What the script imports is in the process before the script begins."""
    steps.modules = ("json.tool", "yaml")
    steps.run_text("return 1")
    assert (
        steps.run_text("import sys\nreturn 'yaml' in sys.modules, 'json.tool' in sys.modules").result == "(True, True)"
    )


def test_warming_returns_at_once_and_the_step_uses_it(steps: Steps):
    """The zygote starts in the background."""
    launch.warm(None, ("yaml",), {})
    steps.modules = ("yaml",)
    assert steps.run_text("import sys\nreturn 'yaml' in sys.modules").result == "True"
    assert len(zygotes()) == 1


def test_processes_are_ready_for_as_many_steps_as_may_be_wanted_next(steps: Steps):
    """They are made while a step runs; when fewer are wanted, a few stay."""

    def waiting() -> int:
        return len([guardian for guardian in psutil.Process(zygotes()[0]).children() if guardian.children()])

    running = steps.start(steps.write("slow.py", "import time\ndef main(**_): time.sleep(60)"), ahead=6)
    thread = threading.Thread(target=running.wait)
    thread.start()
    wait_until(lambda: zygotes() and waiting() == 1 + 6)
    running.kill()
    thread.join()
    for _ in range(7):
        steps.run_text("return 1")
    wait_until(lambda: waiting() <= 1 + 3)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import os\nos._exit(3)", "ended the process (exit status 3)"),
        ("import os\nos.kill(os.getpid(), 11)", "ended the process (SIGSEGV)"),
        ("import time\nwhile True: time.sleep(1)", "longer than"),
        ("raise RuntimeError('no licence')", "RuntimeError: no licence"),
        ("raise SystemExit(1)", "SystemExit"),
        ("import nothing_of_the_kind", "ModuleNotFoundError"),
    ],
    ids=["exits", "crashes", "hangs", "raises", "leaves", "lacks"],
)
def test_a_module_that_cannot_be_loaded_is_left_out_and_named(
    steps: Steps, library: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str
):
    """Failing, hanging or killing the zygote: the others are loaded, the step runs, the module is named."""
    monkeypatch.setattr(settings, "PRELOAD_TIMEOUT", 1.0)
    for name in ("good_one", "worse"):
        (library / f"a_{name}.py").write_text("")
    (library / "a_killer.py").write_text(text)
    steps.python = python_of(library)
    steps.modules = ("a_good_one", "a_killer", "a_worse")
    outcome = steps.run_text("import sys\nreturn sorted(m for m in sys.modules if m.startswith('a_'))")
    assert outcome.result == "['a_good_one', 'a_worse']", outcome.error
    assert list(outcome.preload_problems) == ["a_killer"]
    assert why in outcome.preload_problems["a_killer"]


def test_a_module_that_is_not_installed_is_no_problem_of_the_zygote(steps: Steps):
    """The script itself will say so, if it really needs it."""
    steps.modules = ("nobody_has_this", "yaml", "yaml.no_such_part")
    outcome = steps.run_text("import sys\nreturn 'yaml' in sys.modules")
    assert (outcome.result, outcome.preload_problems) == ("True", {})


def test_a_zygote_that_lacks_a_module_is_replaced(steps: Steps):
    """The step runs meanwhile in the old one; the new one has all, and the old one ends."""
    steps.modules = ("yaml",)
    steps.run_text("return 1")
    (first,) = zygotes()
    steps.modules = ("psutil",)
    assert steps.run_text("import psutil\nreturn 1").ended == "succeeded"
    look = "import sys\nreturn 'yaml' in sys.modules and 'psutil' in sys.modules"
    wait_until(lambda: steps.run_text(look).result == "True")
    wait_until(lambda: gone(first))
    assert len(zygotes()) == 1


def test_a_replaced_zygote_lets_its_steps_finish(steps: Steps):
    """A step that was started by the old one runs to its end."""
    steps.modules = ("yaml",)
    steps.run_text("return 1")
    path = steps.write(
        "scripts/slow.py",
        "import time\ndef main(input_paths, output_paths, environ_vars, job_args):\n    time.sleep(1.5)\n    return 5\n",
    )
    slow = steps.start(path)
    steps.modules = ("psutil",)
    look = "import sys\nreturn 'psutil' in sys.modules"
    wait_until(lambda: steps.run_text(look).result == "True")
    assert slow.wait(None).result == "5"


def test_another_environment_at_import_is_another_zygote(steps: Steps):
    """Variables that libraries read when they are loaded choose the zygote; others do not."""
    steps.run_text("return 1", environ_vars={"LABEL": "a"})
    steps.run_text("return 1", environ_vars={"LABEL": "b"})
    assert len(zygotes()) == 1
    steps.run_text("return 1", environ_vars={"OMP_NUM_THREADS": "1"})
    assert len(zygotes()) == 2


def test_an_installed_package_means_another_zygote(steps: Steps, library: Path):
    """Its fingerprint is part of what chooses it; writing a cache beside modules changes nothing."""
    steps.python = python_of(library)
    interpreter = interpreters.find(steps.python)
    before = interpreters.fingerprint(interpreter)
    (library / "__pycache__").mkdir(exist_ok=True)
    (library / "__pycache__/x.pyc").write_text("")
    assert interpreters.fingerprint(interpreter) == before
    (library / "thing-1.0.dist-info").mkdir()
    assert interpreters.fingerprint(interpreter) != before


def test_an_editable_install_is_not_loaded_ahead(steps: Steps, library: Path, tmp_path: Path):
    """Its code is being worked on: each step reads it anew; and what needs it is not loaded either."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "mine.py").write_text("VALUE = 1\n")
    (library / "mine.pth").write_text(f"{project}\n")
    (library / "needs_mine.py").write_text("import mine\n")
    steps.python = python_of(library)
    steps.modules = ("mine", "needs_mine")
    look = "import sys\nbefore = 'mine' in sys.modules\nimport mine, needs_mine\nreturn before, mine.VALUE"
    outcome = steps.run_text(look)
    assert outcome.result == "(False, 1)", outcome.error
    assert set(outcome.preload_problems) == {"mine", "needs_mine"}
    (project / "mine.py").write_text("VALUE = 2\n")
    assert steps.run_text(look).result == "(False, 2)"


def test_a_library_that_meets_a_hidden_name_is_not_loaded_ahead(steps: Steps, library: Path):
    """What a local file hides is hidden from the libraries too, as it is in production; others stay loaded."""
    (library / "asks.py").write_text("import colors\nWHOSE = colors.WHOSE\n")
    (library / "colors.py").write_text("WHOSE = 'the library'\n")
    (library / "plain.py").write_text("")
    steps.python = python_of(library)
    steps.modules = ("asks", "plain")
    look = "import sys\nplain = 'plain' in sys.modules\nimport asks\nreturn asks.WHOSE, plain"
    assert steps.run_text(look).result == "('the library', True)"
    steps.write("scripts/colors.py", "WHOSE = 'mine'\n")
    assert steps.run_text(look).result == "('mine', True)"
    (steps.folder / "scripts/colors.py").unlink()
    assert steps.run_text(look).result == "('the library', True)"


def test_without_zygotes_steps_run_all_the_same(steps: Steps, monkeypatch: pytest.MonkeyPatch):
    """Where there are none (macOS) a new interpreter runs each step, with the same results."""
    monkeypatch.setattr(launch, "_HAS_ZYGOTES", False)
    steps.redactor = steps.redactor
    outcome = steps.run_text(
        "print('hello')\nimport os\nreturn 'x', os.getcwd()", environ_vars={"A": "b", "OMP_NUM_THREADS": "1"}
    )
    assert outcome.result == f"('x', {str(steps.folder / 'cwd')!r})", outcome.error
    assert steps.log == "hello"
    assert zygotes() == []
    assert steps.run("exit_hard.py", job_args={"status": 0}).ended == "crashed"
    assert steps.run("pool.py", job_args={"method": "spawn"}).ended == "succeeded"
    assert steps.run("hang.py", timeout=0.5).ended == "timed_out"
    outcome = steps.run("grandchildren.py", job_args={"wait": False})
    assert outcome.warnings == ("3 processes left behind, now ended",)
    assert steps.run("import_error.py").ended == "raised"
    assert zygotes() == []


def test_a_zygote_that_cannot_be_started_is_done_without(steps: Steps, monkeypatch: pytest.MonkeyPatch):
    """Steps then run in new interpreters, and the outcome says why."""
    from cursus_rt_notebook.worker import process

    start = process.start_inside

    def refuse(python, role, sock, env, output=None):
        if role == "zygote":
            sock.close()
            raise OSError("no more processes")
        return start(python, role, sock, env, output)

    monkeypatch.setattr(process, "start_inside", refuse)
    outcome = steps.run_text("return 1")
    assert outcome.ended == "succeeded"
    assert "no more processes" in outcome.preload_problems["zygote"]
