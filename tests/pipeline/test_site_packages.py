"""Which modules an interpreter has, by its files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cursus_rt_notebook.pipeline.preflight.site_packages import modules_of


@pytest.fixture
def environment(tmp_path):
    """A virtual environment's files, with one package and one module."""
    site = tmp_path / "env" / "lib" / "python3.9" / "site-packages"
    (site / "package").mkdir(parents=True)
    (site / "module.cpython-39-x86_64-linux-gnu.so").touch()
    (tmp_path / "env" / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    return python, site


def test_our_own_interpreter_is_asked():
    """Installed, built in, and missing."""
    for python in (None, Path(sys.executable)):
        modules = modules_of(python)
        assert modules
        assert modules.has("pandas")
        assert modules.has("json")
        assert not modules.has("a_package_that_nobody_has")


def test_a_virtual_environment_is_read_by_its_files(environment):
    """What lies in its site-packages, whichever program its python leads to."""
    modules = modules_of(environment[0])
    assert modules
    assert [modules.has(name) for name in ("package", "module", "json", "pandas")] == [True, True, True, False]


def test_folders_that_pth_files_add(environment, tmp_path):
    """A project installed in place is found; one that needs code to run to be found makes the rest unknown."""
    python, site = environment
    (tmp_path / "project" / "theirs").mkdir(parents=True)
    (site / "project.pth").write_text(f"# in place\n{tmp_path / 'project'}\n")
    (site / "distutils-precedence.pth").write_text("import os\n")
    modules = modules_of(python)
    assert modules
    assert modules.has("theirs")
    (site / "__editable__.pth").write_text("import __editable___finder\n")
    assert modules_of(python) is None


def test_what_is_laid_out_otherwise_is_not_known(environment, tmp_path):
    """Without pyvenv.cfg, or where the system's packages are seen, too, nothing is said."""
    python, _ = environment
    settings = tmp_path / "env" / "pyvenv.cfg"
    settings.write_text("include-system-site-packages = true\n")
    assert modules_of(python) is None
    settings.unlink()
    python.unlink()
    python.touch()  # not a link to an interpreter, whose own folders would be read
    assert modules_of(python) is None
    assert modules_of(Path("/no/such/python")) is None


def test_an_interpreter_in_a_folder_of_its_own_is_read(environment, tmp_path, monkeypatch):
    """As pyenv and conda lay it out, also through a link; with what the user installed for it."""
    _, site = environment
    (tmp_path / "env" / "pyvenv.cfg").unlink()
    (site.parent / "os.py").touch()
    python = tmp_path / "env" / "bin" / "python3.9"
    python.touch()
    link = tmp_path / "python"
    link.symlink_to(python)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home/.local/lib/python3.9/site-packages/theirs").mkdir(parents=True)
    for path in (python, link):
        modules = modules_of(path)
        assert modules
        assert [modules.has(name) for name in ("package", "theirs", "pandas")] == [True, True, False]


def test_what_was_standard_once_is_not_missed(environment):
    """The step's interpreter may be older than the kernel's: binhex went with 3.11, imp and distutils with 3.12."""
    modules = modules_of(environment[0])
    assert modules
    assert all(modules.has(name) for name in ("binhex", "imp", "distutils", "telnetlib"))
