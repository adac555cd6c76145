"""What a script is made of, read from syntax trees."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cursus_rt_notebook.worker import sources
from cursus_rt_notebook.worker.sources import Sources, scan


class Project:
    """A source directory with files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def scan(self, name: str = "script.py") -> Sources:
        return scan(self.folder / name, self.folder)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def digest(project: Project, text: str) -> str:
    project.write("script.py", text)
    return project.scan().files["script.py"]


TEXT = 'import os\n\n\ndef main(a, b):\n    """Say\n    what.\n    """\n    return {"x": a + 1_000, "y": (b)}\n'


@pytest.mark.parametrize(
    "same",
    [
        TEXT + "# a comment\n",
        TEXT.replace("\n\n\n", "\n"),
        TEXT.replace('"', "'").replace("'''", '"""'),
        TEXT.replace("1_000", "1000").replace("(b)", "b,").replace("b,}", "b, }"),
        TEXT.replace('    """Say\n    what.\n    """', '    """Say\n          what.\n\n    """'),
        TEXT.replace("    ", "\t"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace('{"x"', '{u"x"'),
        "\ufeff" + TEXT,
    ],
)
def test_what_a_formatter_does_changes_no_digest(project: Project, same: str):
    """Comments, white space, quotes, the indentation of docstrings."""
    assert digest(project, same) == digest(project, TEXT)


@pytest.mark.parametrize(
    "other",
    [
        TEXT.replace("1_000", "1_001"),
        TEXT.replace("1_000", "1_000.0"),
        TEXT.replace("what", "how"),
        TEXT.replace('"x"', '"z"'),
        TEXT.replace("import os", "import sys"),
        TEXT + "pass\n",
    ],
)
def test_what_changes_the_code_changes_the_digest(project: Project, other: str):
    """Constants, also of another type, names, docstrings' words, statements."""
    assert digest(project, other) != digest(project, TEXT)


def test_same_size_and_time_with_other_content_is_seen(project: Project):
    """The content is always read."""
    path = project.write("script.py", "x = 1\n")
    first, stat = project.scan().files, path.stat()
    path.write_text("x = 2\n")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert project.scan().files != first


def test_local_modules_are_followed(project: Project):
    """Absolutely and relatively, packages and their inits, inside functions, by importlib with a literal name."""
    project.write("helpers.py", "import deeper\n")
    project.write("deeper.py", "import helpers\n")  # a circle
    project.write("pkg/__init__.py", "")
    project.write("pkg/a.py", "from . import b\nfrom .sub.c import thing\n")
    project.write("pkg/b.py", "")
    project.write("pkg/sub/__init__.py", "")
    project.write("pkg/sub/c.py", "thing = 1\n")
    project.write("lazy.py", "")
    project.write("named.py", "")
    project.write("unused.py", "")
    project.write("plain/inside.py", "")
    project.write(
        "script.py",
        "import helpers\nfrom pkg import a\nimport importlib, plain.inside\n"
        "def main():\n    import lazy\n    importlib.import_module('named')\n",
    )
    package = {"pkg/__init__.py", "pkg/a.py", "pkg/b.py", "pkg/sub/__init__.py", "pkg/sub/c.py"}
    others = {"script.py", "helpers.py", "deeper.py", "lazy.py", "named.py", "plain/inside.py"}
    assert set(project.scan().files) == package | others
    assert project.scan().imports == ()


def test_the_scripts_folder_comes_before_the_source_directory(project: Project):
    """As on the path of a step; what lies outside the source directory is told by its whole path."""
    project.write("steps/utils.py", "x = 1\n")
    project.write("utils.py", "x = 2\n")
    project.write("shared.py", "")
    project.write("steps/script.py", "import utils, shared\n")
    assert sorted(project.scan("steps/script.py").files) == ["shared.py", "steps/script.py", "steps/utils.py"]
    elsewhere = scan(project.folder / "steps/script.py", project.folder / "nowhere")
    assert str(project.folder / "steps/utils.py") in elsewhere.files


def test_relative_imports_leave_the_folder(project: Project):
    """`from ..hyper import X` of a script inside a package."""
    project.write("pkg/hyper.py", "X = 1\n")
    project.write("pkg/steps/script.py", "from ..hyper import X\nfrom .. import other\n")
    project.write("pkg/other.py", "")
    assert sorted(project.scan("pkg/steps/script.py").files) == ["pkg/hyper.py", "pkg/other.py", "pkg/steps/script.py"]


def test_third_party_imports_are_told_with_their_distributions(project: Project):
    """Also inside functions and in a `try`; the standard library and local files are none."""
    project.write(
        "script.py",
        "import os, json, statistics\nimport numpy as np\nfrom sklearn.ensemble import RandomForestClassifier\n"
        "def main():\n    import yaml\n    try:\n        import nobody_has_this\n    except ImportError:\n        pass\n",
    )
    found = project.scan()
    assert found.imports == ("nobody_has_this", "numpy", "sklearn", "yaml")
    assert "sklearn.ensemble" in found.modules
    from importlib import metadata

    expected = {name: metadata.version(name) for name in ("numpy", "scikit-learn", "PyYAML")}
    assert {k.lower(): v for k, v in found.packages.items()} == {k.lower(): v for k, v in expected.items()}
    project.write("statistics.py", "")
    project.write("yaml.py", "")
    found = project.scan()
    assert found.imports == ("nobody_has_this", "numpy", "sklearn")
    assert {"statistics.py", "yaml.py"} <= set(found.files)


def test_editable_installs_are_followed_as_sources(project: Project):
    """Their files count by content, since their versions do not change when they are edited."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(project.folder / "venv")], check=True)
    site = next((project.folder / "venv/lib").glob("python3*/site-packages"))
    project.write("one/by_path.py", "")
    project.write("two/by_finder/__init__.py", "from . import part\n")
    project.write("two/by_finder/part.py", "")
    (site / "one.pth").write_text(f"{project.folder / 'one'}\n")
    mapping = {"by_finder": str(project.folder / "two/by_finder")}
    (site / "__editable___two_1_0_finder.py").write_text(f"MAPPING: dict[str, str] = {mapping!r}\n")
    script = project.write("src/script.py", "import by_path, by_finder\n")
    found = scan(script, script.parent, str(project.folder / "venv/bin/python"))
    assert {Path(name).name for name in found.files} == {"script.py", "by_path.py", "__init__.py", "part.py"}
    assert found.modules == ()


def test_packages_of_another_environment_are_installed_ones(project: Project):
    """A .pth file may lend another environment's site-packages: nobody's project, so it is not read file by file."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(project.folder / "venv")], check=True)
    site = next((project.folder / "venv/lib").glob("python3*/site-packages"))
    lent = project.write("other/site-packages/lent/__init__.py", "from . import part\n").parent
    project.write("other/site-packages/lent/part.py", "")
    project.write(
        "other/site-packages/lent-1.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: lent\nVersion: 1.2\n"
    )
    project.write("other/site-packages/lent-1.2.dist-info/top_level.txt", "lent\n")
    project.write("far/project.py", "")
    (lent.parent / "not_followed.pth").write_text(f"{project.folder / 'far'}\n")  # as Python does not either
    (site / "lent.pth").write_text(f"{lent.parent}\n")
    script = project.write("src/script.py", "import lent, project\n")
    found = scan(script, script.parent, str(project.folder / "venv/bin/python"))
    assert [Path(name).name for name in found.files] == ["script.py"]
    assert found.packages == {"lent": "1.2"}
    assert "lent" in found.modules


def test_every_distribution_of_this_interpreter_is_found_by_its_modules():
    """As importlib.metadata says, in a hundredth of its time."""
    from importlib import metadata

    from cursus_rt_notebook.worker import interpreters, packages

    interpreter = interpreters.find(None)
    truth = metadata.packages_distributions()
    checked = 0
    for module, names in truth.items():
        if module.startswith("_") or not module.isidentifier() or module in interpreter.stdlib or len(names) != 1:
            continue
        found = {
            name.lower().replace("_", "-").replace(".", "-") for name in packages.versions_of(interpreter, [module])
        }
        wanted = names[0].lower().replace("_", "-").replace(".", "-")
        assert wanted in found, module
        checked += 1
    assert checked > 20


@pytest.mark.parametrize(
    ("text", "line"),
    [("x = (1,\nimport os\n", None), ("def f(:\n", 1), ("x = 1\n  y = 2\n", 2), ("x\x00y", None)],
)
def test_a_syntax_error_is_told_not_raised(project: Project, text: str, line: int | None):
    """File, line, message; the digest is that of the bytes."""
    project.write("script.py", text)
    found = project.scan()
    assert found.error is not None
    assert found.error.file.endswith("script.py")
    assert found.error.message
    assert line is None or found.error.line == line
    assert found.files["script.py"]


def test_a_syntax_error_in_a_helper_names_the_helper(project: Project):
    """Not the script that imports it."""
    project.write("helper.py", "def f(:\n")
    project.write("script.py", "import helper\n")
    error = project.scan().error
    assert error is not None
    assert error.file.endswith("helper.py")


def test_a_script_that_is_not_there_is_told_not_raised(project: Project):
    """A missing file, and a folder in its place."""
    error = project.scan().error
    assert error is not None
    assert (error.line, error.file) == (0, str(project.folder / "script.py"))
    (project.folder / "script.py").mkdir()
    assert project.scan().error is not None


def test_an_odd_encoding_is_read_as_declared(project: Project):
    """Latin-1 with its cookie."""
    (project.folder / "script.py").write_bytes(b"# -*- coding: latin-1 -*-\nx = '\xe4'\n")
    assert project.scan().error is None
    (project.folder / "script.py").write_bytes(b"x = '\xe4'\n")
    assert project.scan().error is not None


def test_a_known_content_costs_nothing(project: Project):
    """A script of five hundred lines, read again in less than two milliseconds."""
    project.write("script.py", "".join(f"def f{i}(a, b):\n    return a * {i} + b\n\n\n" for i in range(150)))
    project.scan()
    times = []
    for _ in range(10):
        begun = time.perf_counter()
        project.scan()
        times.append(time.perf_counter() - begun)
    assert min(times) < 0.002


def test_the_memory_of_contents_is_bounded(project: Project, monkeypatch: pytest.MonkeyPatch):
    """Old contents are forgotten, not kept for ever."""
    monkeypatch.setattr(sources, "_REMEMBERED", 10)
    for i in range(30):
        digest(project, f"x = {i}\n")
    assert len(sources._known) <= 10
