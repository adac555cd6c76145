"""The interpreters of this machine are found, and each is asked what it is."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from cursus_rt_notebook.worker import installers, pythons


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A machine without any interpreter but the kernel's; returns a folder on its path."""
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{tmp_path / 'not there'}")
    return folder


def program(path, text: str) -> None:
    """An executable that prints this, whatever it is asked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{text}'\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def answer(version: str, base: object, kind: str = "CPython", usual: str = "true") -> str:
    return f'["{kind}", [{version}], "{base}", {usual}]'


def test_the_kernels_own_is_among_them(nowhere):
    """Outside its virtual environment, so that another starts from the interpreter itself."""
    (own,) = pythons.on_this_machine(None)
    assert own.version == sys.version_info[:3]
    assert own.path == getattr(sys, "_base_executable", sys.executable)


def test_one_of_each_version_the_newest_first(nowhere, tmp_path):
    """Those of pyenv before those of the path, and of its several the newest."""
    for version in ("3.9.2", "3.9.18", "3.10.1"):
        path = tmp_path / "pyenv" / "versions" / version / "bin" / "python"
        program(path, answer(version.replace(".", ","), path))
    program(nowhere / "python3.9", answer("3,9,20", nowhere / "python3.9"))
    program(nowhere / "python3.8", answer("3,8,1", nowhere / "python3.8"))
    found = [python for python in pythons.on_this_machine(None) if python.version[:2] != sys.version_info[:2]]
    assert [python.shown for python in found] == ["3.10.1", "3.9.18", "3.8.1"]


@pytest.mark.parametrize(
    "text",
    [
        answer("3,7,16", sys.executable),
        answer("3,9,18", sys.executable, kind="PyPy"),
        answer("3,15,0", sys.executable, usual="false"),
        answer("3,9,18", "/nowhere/python"),
        "pyenv: python3.9: command not found",
        '{"a": 1}',
        "",
    ],
)
def test_what_steps_cannot_run_under_is_left_out(nowhere, text):
    """Too old, another kind, a preview, gone, or no interpreter at all."""
    program(nowhere / "python3.9", text)
    assert [python.version for python in pythons.on_this_machine(None)] == [sys.version_info[:3]]


def test_what_cannot_be_run_is_left_out(nowhere):
    """A broken link, a file without permission, a folder."""
    (nowhere / "python3.8").symlink_to(nowhere / "gone")
    (nowhere / "python3.9").write_text("no program")
    (nowhere / "python3.10").mkdir()
    assert len(pythons.on_this_machine(None)) == 1


def test_uvs_own_are_found(nowhere, tmp_path, monkeypatch):
    """Those that it installed itself lie in a folder of its own."""
    uv = installers.shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        pytest.skip("no uv here")
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    path = tmp_path / "uv" / "cpython-3.9.25-linux-x86_64-gnu" / "bin" / "python3"
    program(path, answer("3,9,25", path))
    assert "3.9.25" in [python.shown for python in pythons.on_this_machine(uv)]
