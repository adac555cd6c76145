"""The versions that a step asks for beside those that its interpreter has: told by files, nothing is started."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from cursus_rt_notebook.pipeline.asked import asked_by
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.preflight.installed import Installed, installed_of
from cursus_rt_notebook.pipeline.preflight.versions import misfits
from cursus_rt_notebook.pipeline.script_use import script_use
from tests.pipeline.conftest import small

MAIN = "def main(input_paths, output_paths, environ_vars, job_args): ...\n"


def _findings(folder, text=MAIN, **more):
    (folder / "scripts" / "train.py").write_text(text)
    return load_pipeline(small(**more)).preflight()


@pytest.fixture
def old(tmp_path):
    """The files of an environment of Python 3.9 with pandas 1.5.3."""
    site = tmp_path / "old" / "lib" / "python3.9" / "site-packages"
    (site / "pandas-1.5.3.dist-info").mkdir(parents=True)
    (site / "scikit_learn-0.24.2.dist-info").mkdir()
    (site / "Some.Thing-1.0-py3.9.egg-info").mkdir()
    (tmp_path / "old" / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.9.18\n")
    python = tmp_path / "old" / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    return python


def test_what_is_installed(old):
    """By normalised name, for our own interpreter and for another one's files; nothing of a folder that is none."""
    ours = installed_of(None)
    assert ours
    assert ours.versions["pandas"] == version("pandas")
    assert ours.python == ".".join(map(str, sys.version_info[:3]))
    theirs = installed_of(old)
    assert theirs
    assert (theirs.python, dict(theirs.versions)) == (
        "3.9.18",
        {"pandas": "1.5.3", "scikit-learn": "0.24.2", "some-thing": "1.0"},
    )
    assert installed_of(Path("/nowhere/bin/python")) is None


def test_a_contract_that_asks_for_other_versions(folder, old):
    """One finding for a step: what it wants, what there is, and what to do; nothing where all fits."""
    wanted = {"pandas": ">=1.2.0,<2.0.0", "polars": ">=0.1", "nothing-of-this-name": ">=1", "python": "<3.10"}
    (finding,) = _findings(folder, requirements=wanted)
    ours = ".".join(map(str, sys.version_info[:3]))
    assert finding.severity == "warning"
    assert finding.message == (
        f"the step asks for pandas >=1.2.0,<2.0.0 (has {version('pandas')}), "
        f"nothing-of-this-name >=1 (not installed), Python <3.10 (has {ours}) in Python {ours}"
    )
    assert "crt.build_envs(pipeline)" in finding.fix
    fits = {"pandas": ">=1.2.0,<2.0.0", "scikit_learn": "<1.0", "python": ">=3.7"}
    assert _findings(folder, requirements=fits, python=str(old)) == ()


INSTALLS = """
import subprocess, sys
from subprocess import check_call

def install_from(packages: list, index=None) -> None:
    check_call([sys.executable, "-m", "pip", "install", "--index-url", index, *packages])

def install_packages(packages, secure=False):
    install_from(packages)

required_packages = ["pandas>=1.2.0,<2.0.0", "polars>=0.1"]
install_packages(required_packages)
"""


def test_what_a_script_asks_pip_for(folder):
    """The list that goes through the script's own functions, with its line: pip is not run, so it is compared."""
    (finding,) = _findings(folder, INSTALLS + MAIN)
    assert finding.message == (
        f"the script asks pip for pandas >=1.2.0,<2.0.0 (has {version('pandas')}), and pip is not run here"
    )
    assert finding.line == INSTALLS.splitlines().index("install_packages(required_packages)") + 1
    assert _findings(folder, INSTALLS.replace(",<2.0.0", "") + MAIN) == ()


def test_what_pip_is_asked_for_counts_for_an_environment(folder):
    """It stands over the contract, as it does in production, where it comes last."""
    _findings(folder, INSTALLS + MAIN)
    step = load_pipeline(small(requirements={"pandas": ">=2", "numpy": ">=1"})).steps["train"]
    assert asked_by(step).lines == ("numpy>=1", "pandas<2.0.0,>=1.2.0", "polars>=0.1")


def test_another_build_brings_the_same_modules():
    """What is installed without its GPU part, or as a binary, is there, in its version."""
    there = Installed("3.11.7", {"xgboost-cpu": "3.2.0"})
    assert misfits(["xgboost>=1.6"], there) == []
    assert [str(each) for each in misfits(["xgboost==1.7.6", "lightgbm"], there)] == [
        "xgboost ==1.7.6 (has 3.2.0)",
        "lightgbm (not installed)",
    ]


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        ('check_call([sys.executable, "-m", "pip", "install", "a>=1", "-q", "b"])', ["a>=1", "b"]),
        ('subprocess.run(["pip", "install", "-r", "requirements.txt", "a"])', ["a"]),
        ('os.system("pip install a==1 b && echo done")', ["a==1", "b"]),
        ('subprocess.check_call(f"{sys.executable} -m pip install a", shell=True)', []),
        ('install_packages(packages=["a"])', ["a"]),
        ('install_packages(open("list").read().split())', []),
        ('print("pip install a")', []),
        ('raise ImportError("pip install a")', []),
        ('check_call([sys.executable, "-m", "venv", "install"])', []),
    ],
)
def test_ways_to_call_pip(tmp_path, call, asked):
    """Lists of words, shell commands, functions; what only speaks of pip is no call."""
    before = INSTALLS.replace('required_packages = ["pandas>=1.2.0,<2.0.0", "polars>=0.1"]\n', "import os\n")
    script = tmp_path / "script.py"
    script.write_text(before.replace("install_packages(required_packages)", f"if True:\n    {call}"))
    assert [each.requirement for each in script_use(script).pip] == asked
