"""Steps under other interpreters than the kernel's, which have none of our packages."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cursus_rt_notebook.errors import StepNotStarted
from cursus_rt_notebook.worker import interpreters
from tests.worker.conftest import SCRIPTS, Steps

OTHERS = ["3.8", "3.10", "3.12", "3.13"]


def other(version: str) -> str:
    """An interpreter of this version, on the PATH or among pyenv's."""
    found = [str(p) for p in Path.home().glob(f".pyenv/versions/{version}.*/bin/python")]
    name = shutil.which(f"python{version}")
    for path in [*found, *([name] if name else [])]:
        told = subprocess.run(
            [path, "-c", "import sys; print(*sys.version_info[:2], sep='.')"],
            capture_output=True,
            text=True,
            check=False,
        )
        if told.stdout.strip() == version and not sys.version.startswith(version + "."):
            return path
    pytest.skip(f"no Python {version} here")


@pytest.fixture(params=OTHERS)
def python(request: pytest.FixtureRequest) -> str:
    return other(request.param)


def test_a_step_runs_in_another_interpreter(steps: Steps, python: str):
    """Its version, its packages, its log; none of ours is to be seen there."""
    steps.python = python
    outcome = steps.run_text(
        "import sys\nprint(sys.version_info[:2])\n"
        "try:\n    import cursus_rt_notebook\nexcept ImportError:\n    return sys.executable"
    )
    assert outcome.result == repr(python), outcome.error
    assert outcome.python_version == interpreters.find(python).version
    assert steps.log == str(tuple(map(int, outcome.python_version.split(".")[:2])))


@pytest.mark.parametrize(
    ("script", "arguments", "ended"),
    [
        ("segfault.py", {}, "crashed"),
        ("exit_hard.py", {"status": 0}, "crashed"),
        ("sys_exit.py", {"code": 3}, "exited"),
        ("pool.py", {"method": "fork"}, "succeeded"),
        ("pool.py", {"method": "spawn"}, "succeeded"),
        ("raw_bytes.py", {}, "succeeded"),
        ("ask.py", {"how": "breakpoint"}, "raised"),
        ("hostile_error.py", {}, "raised"),
        ("import_error.py", {}, "raised"),
        ("installs.py", {}, "succeeded"),
        ("grandchildren.py", {"wait": False}, "succeeded"),
        ("nasty.py", {}, "succeeded"),
    ],
)
def test_faults_end_there_as_they_do_here(steps: Steps, python: str, script: str, arguments: dict, ended: str):
    """What runs inside a step works on every Python from 3.8 on."""
    steps.python = python
    outcome = steps.run(script, job_args=arguments)
    assert outcome.ended == ended, (outcome, steps.log)


def test_sources_are_read_by_the_steps_interpreter(steps: Steps):
    """A syntax that is too new for it is a fault with its line; ours would have let it pass."""
    script = steps.write("scripts/new.py", "x = 1\nmatch x:\n    case 1:\n        pass\n")
    found = interpreters_scan(script, other("3.8"))
    assert found.error is not None
    assert found.error.line == 2
    assert found.python_version.startswith("3.8")
    assert interpreters_scan(script, None).error is None


def interpreters_scan(script: Path, python: str | None):
    from cursus_rt_notebook.worker.sources import scan

    return scan(script, script.parent, python)


def test_a_virtual_environment_is_taken_by_its_own_path(steps: Steps, tmp_path: Path):
    """Its link is not resolved: its packages are the step's."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    site = next((tmp_path / "venv/lib").glob("python3*/site-packages"))
    (site / "only_there.py").write_text("HERE = True\n")
    (site / "only_there-2.5.dist-info").mkdir()
    steps.python = str(tmp_path / "venv/bin/python")
    outcome = steps.run_text("import only_there, sys\nreturn only_there.HERE, sys.prefix")
    assert outcome.result == f"(True, {str(tmp_path / 'venv')!r})", outcome.error
    assert outcome.packages == {"only-there": "2.5"}


@pytest.mark.parametrize("path", ["/no/such/python", "/bin/false", str(SCRIPTS)])
def test_what_is_no_interpreter_is_said_to_be_none(path: str):
    """Missing, another program, a folder."""
    with pytest.raises(StepNotStarted, match=path):
        interpreters.find(path)


def test_a_python_that_is_too_old_is_refused():
    """3.7 and earlier cannot run what is inside a step."""
    with pytest.raises(StepNotStarted, match="steps need"):
        interpreters.find(other("3.7"))
