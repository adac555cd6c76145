"""Fixtures: wheels without an index, and the interpreters of this machine."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cursus_rt_notebook.worker import installers, pythons
from cursus_rt_notebook.worker.pythons import Python
from tests.wheels import Wheels

TELLS = """
import sys
import tiny

write("out", "t.csv", f"python,tiny\\n{sys.version.split()[0]},{tiny.__version__}\\n")
"""


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What uv and pip remember of the interpreters: one for all tests, as asking each takes a second."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def wheels(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Wheels:
    """The package `tiny` in versions 1.0 and 2.0, and nothing else."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    made = Wheels(folder, cache, monkeypatch)
    made.add("tiny", "1.0")
    made.add("tiny", "2.0")
    return made


@functools.cache
def found() -> Sequence[Python]:
    """The interpreters of this machine, the newest first."""
    return pythons.on_this_machine(installers.find_uv())


@pytest.fixture
def two() -> tuple[Python, Python]:
    """The newest interpreter, and an older one."""
    if len(found()) < 2:
        skip_loudly("there is but one interpreter")
    return found()[0], found()[1]


def skip_loudly(why: str) -> Any:
    """Skip, with a warning at the end of the run."""
    warnings.warn(f"environments for steps are not tested: {why}", stacklevel=2)
    pytest.skip(why)
