"""Steps under other interpreters beside steps of the kernel's own: virtual environments with none of our packages."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from cursus_rt_notebook.workspace.manifest import load_manifest

STEP = """
import sys
import pandas as pd

frame = pd.DataFrame({"n": [1, 2, 3], "share": [0.5, None, 0.25], "name": ["a", "b", None]})
frame["day"] = pd.to_datetime(["2013-01-01", "2013-01-02", None])
for kind in ("csv", "parquet"):
    folder = Path(output_paths[kind])
    getattr(frame, f"to_{kind}")(folder / f"t.{kind}", index=False)
write("about", "about.csv", f"python,pandas\\n{sys.version.split()[0]},{pd.__version__}\\n")
"""


@pytest.fixture(scope="session")
def interpreters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A virtual environment with Python 3.8 and pandas 1.5, another with 3.13 and today's pandas."""
    folder = tmp_path_factory.mktemp("interpreters")
    return {
        "3.8": environment(folder, "3.8", "pandas==1.5.*", "pyarrow<18"),
        "3.13": environment(folder, "3.13", "pandas", "pyarrow"),
    }


def environment(folder: Path, version: str, *packages: str) -> Path:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    base = interpreter(uv, version)
    if uv is None or base is None:
        skip_loudly(f"no uv, or no Python {version}")
    venv = folder / version
    python = venv / "bin" / "python"
    for command in (["venv", "--python", str(base), str(venv)], ["pip", "install", "--python", str(python), *packages]):
        done = subprocess.run([uv, *command], capture_output=True, text=True, check=False, timeout=100)
        if done.returncode:
            skip_loudly(f"uv {command[0]} for Python {version}: {done.stderr.strip()[-500:]}")
    return python


def interpreter(uv: str | None, version: str) -> Path | None:
    """A Python of this version that is on the machine: pyenv's, else what uv finds; nothing is downloaded."""
    kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    if kept:
        return kept[-1]
    command = [uv or "uv", "python", "find", "--no-python-downloads", version]
    found = subprocess.run(command, capture_output=True, text=True, check=False) if uv else None
    return Path(found.stdout.strip()) if found and not found.returncode else None


def skip_loudly(why: str) -> Any:
    warnings.warn(f"steps under other interpreters are not tested: {why}", stacklevel=2)
    pytest.skip(why)


@pytest.fixture
def session(project, interpreters):
    """One script in three steps, each under its own interpreter, and a step of the kernel's that reads all three."""
    project.script("table", STEP)
    outputs = {"outputs": ["csv", "parquet", "about"], "script": "table.py"}
    steps: dict[str, dict[str, Any]] = {
        "old": {**outputs, "python": str(interpreters["3.8"])},
        "own": dict(outputs),
        "new": {**outputs, "python": str(interpreters["3.13"])},
        "all": {"inputs": {name: f"{name}.about" for name in ("old", "own", "new")}, "outputs": ["out"]},
    }
    project.script(
        "all",
        'write("out", "t.csv", "python,pandas\\n" + "".join(read(p, "about.csv").split()[1] + "\\n" for p in input_paths))',
    )
    made = project.session(project.pipeline(steps))
    assert made.resume() is None, made.pause
    return made


def test_each_step_reports_its_own_versions(session):
    """In what it says itself, and in the facts kept with its artifacts."""
    said = {name: session[name]["about"].df.iloc[0].to_dict() for name in ("old", "own", "new")}
    assert said["old"]["python"].startswith("3.8.")
    assert said["old"]["pandas"].startswith("1.5.")
    assert said["own"]["python"] == platform.python_version()
    assert said["new"]["python"].startswith("3.13.")
    assert session["all"]["out"].shape == (3, 2)
    for name, versions in said.items():
        facts = facts_of(session, name)
        assert facts["python_version"] == versions["python"]
        assert facts["packages"]["pandas"] == versions["pandas"]


def facts_of(session: Any, name: str) -> dict[str, Any]:
    """The facts in the manifest of what a step wrote."""
    folder = session[name]["about"].path
    manifest = next(p / "manifest.json" for p in folder.parents if (p / "manifest.json").exists())
    return load_manifest(manifest.read_bytes()).facts


def test_all_tables_show_alike(session):
    """Whatever wrote them: the same shape, types in words, cells, and frames of the kernel's own pandas."""
    for kind in ("csv", "parquet"):
        old, own, new = (session[name][kind] for name in ("old", "own", "new"))
        assert old.schema == own.schema == new.schema
        assert old.shape == own.shape == new.shape == (3, 4)
        assert old.summary() == own.summary() == new.summary()
        for other in (old, new):
            assert_frame_equal(days_alike(other.head(2)), days_alike(own.head(2)))
            assert_frame_equal(days_alike(other.df), days_alike(own.df))


def days_alike(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its days in one unit: pandas 1.5 wrote nanoseconds, today's microseconds."""
    return frame.assign(day=pd.to_datetime(frame["day"]).astype("datetime64[ns]"))


def test_reopening_takes_all_of_them_from_the_cache(session, project):
    """Also those of other interpreters."""
    again = project.session(session.pipeline)
    assert again.resume() is None
    assert {str(step.status) for step in again.state.steps.values()} == {"cached"}
