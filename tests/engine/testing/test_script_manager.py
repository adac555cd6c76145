"""Scripts one by one: found, checked, and run in a process of their own."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from cursus_rt_notebook import errors
from cursus_rt_notebook.engine.testing.script_manager import ExecutionContext, ScriptImportManager
from cursus_rt_notebook.pipeline.load import load_pipeline

DOUBLE = """
import os
from pathlib import Path

def main(input_paths, output_paths, environ_vars, job_args):
    numbers = [int(n) for n in Path(input_paths["data"]).read_text().split()]
    Path(output_paths["out"], "doubled.txt").write_text(" ".join(str(n * job_args.factor) for n in numbers))
    return {"pid": os.getpid(), "sum": sum(numbers), "unit": environ_vars["UNIT"]}
"""


@pytest.fixture
def manager():
    """One manager."""
    return ScriptImportManager()


@pytest.fixture
def script(tmp_path):
    """Writes a script, and gives its path."""

    def write(text: str, name: str = "double.py") -> str:
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def arguments(tmp_path):
    (tmp_path / "numbers.txt").write_text("1 2 3")
    (tmp_path / "out").mkdir(exist_ok=True)
    return {
        "input_paths": {"data": str(tmp_path / "numbers.txt")},
        "output_paths": {"out": str(tmp_path / "out")},
        "environ_vars": {"UNIT": "km"},
        "job_args": argparse.Namespace(factor=2),
    }


def test_a_main_runs_in_a_process_of_its_own(manager, script, tmp_path):
    """The callable takes what `main` takes, returns what it returned as text, and leaves this process alone."""
    told = manager.import_script_main(script(DOUBLE))(**arguments(tmp_path))
    assert (tmp_path / "out" / "doubled.txt").read_text() == "2 4 6"
    assert "'sum': 6" in told
    assert "'unit': 'km'" in told
    assert f"'pid': {os.getpid()}," not in told


def test_a_script_is_imported_once_until_it_or_a_helper_is_edited(manager, script):
    """By content: a comment changes nothing, a line of a helper does."""
    helper = Path(script("def factor():\n    return 2\n", "helper.py"))
    path = script("from helper import factor\n" + DOUBLE)
    first = manager.import_script_main(path)
    assert manager.import_script_main(path) is first
    helper.write_text("# the factor\ndef factor():\n    return 2\n")
    assert manager.import_script_main(path) is first
    helper.write_text("def factor():\n    return 3\n")
    assert manager.import_script_main(path) is not first


def test_an_edited_script_runs_as_it_is_now(manager, script, tmp_path):
    """What is run is what the file says."""
    path = script(DOUBLE)
    manager.import_script_main(path)(**arguments(tmp_path))
    script(DOUBLE.replace("n * job_args.factor", "-n"))
    manager.import_script_main(path)(**arguments(tmp_path))
    assert (tmp_path / "out" / "doubled.txt").read_text() == "-1 -2 -3"


FAILURES = {
    "missing": (None, errors.ScriptNotFound, "does not exist", "put it back"),
    "syntax": ("def main(:\n    pass\n", errors.ScriptSyntaxError, "double.py, line 1", "mend the line"),
    "dependency": ("import a_package_that_nobody_has\n" + DOUBLE, errors.DependencyMissing, "line 1", "pip install"),
    "other name": ("import cv2\n" + DOUBLE, errors.DependencyMissing, "'cv2'", "opencv-python"),
    "no main": ("def run():\n    pass\n", errors.MainMissing, "no function main", "add def main"),
    "signature": ("def main(config):\n    pass\n", errors.WrongSignature, "found main(config)", "these four"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_an_import_that_fails_says_how(manager, script, tmp_path, name):
    """Which kind, where, and what to do; nothing was run for it."""
    text, kind, says, remedy = FAILURES[name]
    path = script(text) if text else str(tmp_path / "double.py")
    with pytest.raises(kind) as raised:
        manager.import_script_main(path)
    assert says in raised.value.message
    assert remedy in raised.value.fix
    assert raised.value.category == "import"
    assert raised.value.recommendations


PRESENT = {
    "a name": (
        "from pandas import no_such_name",
        errors.ScriptImportError,
        "from 'pandas', which has no such",
        "show pandas",
    ),
    "a module": ("import PIL.no_such_module", errors.DependencyMissing, "but 'PIL' has no such module", "show pillow"),
    "of a helper": ("from helper import no_such_name", errors.ScriptImportError, "from 'helper'", "helper.py"),
    "of a folder": (
        "from . import no_such_name",
        errors.ScriptImportError,
        "'no_such_name' from",
        "line 1 of double.py",
    ),
}


@pytest.mark.parametrize("name", PRESENT)
def test_what_is_installed_is_not_said_to_be_missing(manager, script, tmp_path, name):
    """A package that is there but lacks what is taken from it: to install it again would change nothing."""
    text, kind, says, remedy = PRESENT[name]
    script("", "helper.py")
    main = manager.import_script_main(script(f"{text}\n{DOUBLE}"))
    with pytest.raises(kind) as raised:
        main(**arguments(tmp_path))
    assert type(raised.value) is kind
    assert says in raised.value.message
    assert remedy in raised.value.fix
    assert "pip install" not in raised.value.fix


def test_a_relative_import_above_the_source_folder(manager, script, tmp_path):
    """Is told as what it is, with what to write instead."""
    (tmp_path / "deep").mkdir()
    script("from ..helper import x\n", "deep/up.py")
    with pytest.raises(errors.ScriptImportError, match="is above the top package") as raised:
        manager.import_script_main(script(f"from deep.up import x\n{DOUBLE}"))
    assert type(raised.value) is errors.ScriptImportError
    assert "without the dots" in raised.value.fix
    late = script(DOUBLE.replace("    return", "    from deep.up import x\n    return"), "late.py")
    with pytest.raises(errors.StepFailed, match="attempted relative import beyond top-level") as raised:
        manager.import_script_main(late)(**arguments(tmp_path))
    assert "without the dots" in raised.value.fix


def test_a_folder_is_no_script(manager, tmp_path):
    """It is not said to be in a wrong encoding."""
    with pytest.raises(errors.ScriptNotFound, match="is a folder, no script"):
        manager.import_script_main(str(tmp_path))


def test_arguments_need_not_be_text(manager, script, tmp_path):
    """Paths and numbers reach the script as text, as its environment and its contract have them."""
    main = manager.import_script_main(
        script("def main(i, o, e, j):\n    return [type(x).__name__ for d in (i, o, e) for x in d.values()]\n")
    )
    assert main({"a": tmp_path}, {"b": tmp_path}, {"N": 1}) == "['str', 'str', 'str']"


def test_a_dependency_is_named_with_its_package(manager, script):
    """For programs, too."""
    with pytest.raises(errors.DependencyMissing) as raised:
        manager.import_script_main(script("import cv2\n" + DOUBLE))
    assert (raised.value.module, raised.value.package) == ("cv2", "opencv-python")


def test_a_failing_main_raises_the_error_of_its_kind(manager, script, tmp_path):
    """Called directly it raises; `execute_script_main` tells it in its result."""
    main = manager.import_script_main(script("def main(i, o, e, j):\n    raise KeyError('colour')\n"))
    with pytest.raises(errors.StepFailed, match="colour"):
        main(**arguments(tmp_path))
    result = manager.execute_script_main(main, ExecutionContext(**arguments(tmp_path)))
    assert not result.success
    assert (result.error.category, result.error.title) == ("execution", "KeyError")
    assert result.error.place.endswith("double.py:2")
    assert "colour" in result.log_tail


def test_an_execution_tells_what_it_took(manager, script, tmp_path):
    """Time, memory, what it returned, where its outputs are."""
    main = manager.import_script_main(script(DOUBLE))
    result = manager.execute_script_main(main, ExecutionContext(**arguments(tmp_path)))
    assert result.success
    assert result.seconds > 0
    assert result.peak_memory > 0
    assert result.read_bytes > 0
    assert result.written_bytes > 0
    assert "'sum': 6" in result.result
    assert result.outputs["out"].path == str(tmp_path / "out")
    assert result.to_dataframe().loc[0, "status"] == "done"


def test_only_an_imported_main_is_executed(manager, tmp_path):
    """A function of this process would run in it."""
    with pytest.raises(TypeError, match="import_script_main"):
        manager.execute_script_main(print, ExecutionContext(**arguments(tmp_path)))


def flights(script, **more):
    return {
        "script": Path(script(DOUBLE)).name,
        "inputs": {"data": {"path": "numbers.txt"}},
        "outputs": ["out"],
        **more,
    }


def test_a_context_is_prepared_from_a_step(manager, script, tmp_path, monkeypatch):
    """Folders for its outputs, its variables, its arguments."""
    arguments(tmp_path)
    written = {
        "source_dir": str(tmp_path),
        "steps": {"double": flights(script, env={"UNIT": "km", "TOKEN": None}, args={"fac-tor": 2})},
    }
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOKEN", "from outside")
    step = load_pipeline(written).steps["double"]
    context = manager.prepare_execution_context(step, {"data": tmp_path / "numbers.txt"}, tmp_path / "made")
    assert context.input_paths == {"data": str(tmp_path / "numbers.txt")}
    assert Path(context.output_paths["out"]).is_dir()
    assert context.environ_vars == {"UNIT": "km", "TOKEN": "from outside"}
    assert context.job_args.fac_tor == 2
    assert list(context.to_dict()) == ["input_paths", "output_paths", "environ_vars", "job_args"]


def test_a_context_lacks_nothing_in_silence(manager, script, tmp_path):
    """An input without data, one that is not declared, and a variable without a value are errors that name them."""
    config = flights(
        script, source_dir=str(tmp_path), inputs={"data": {}, "more": {"optional": True}}, env={"UNIT": None}
    )
    with pytest.raises(errors.InputMissing, match="'data' of double has no data"):
        manager.prepare_execution_context(config, {}, tmp_path / "made")
    with pytest.raises(errors.InputMissing, match="declares no input 'date'"):
        manager.prepare_execution_context(config, {"date": tmp_path}, tmp_path / "made")
    with pytest.raises(errors.InputMissing, match="is missing"):
        manager.prepare_execution_context(config, {"data": tmp_path / "nowhere"}, tmp_path / "made")
    with pytest.raises(errors.StepNotStarted, match="UNIT"):
        manager.prepare_execution_context(config, {"data": tmp_path}, tmp_path / "made")


def test_a_script_is_found_from_any_configuration(manager, script, tmp_path):
    """A mapping, or an object whose attributes name script and source folder; what is not there is said."""
    path = script(DOUBLE)
    assert manager.discover_script_from_config({"script": "double.py", "source_dir": tmp_path}) == path
    config = SimpleNamespace(processing_entry_point="double.py", processing_source_dir=str(tmp_path))
    assert manager.discover_script_from_config(config) == path
    with pytest.raises(errors.PipelineError, match="entry 'scirpt'"):
        manager.discover_script_from_config({"script": path, "entry": "scirpt"})
    with pytest.raises(errors.ScriptNotFound, match="names no script"):
        manager.discover_script_from_config({"source_dir": tmp_path})
    with pytest.raises(errors.ScriptNotFound, match=r"no script .*treble\.py"):
        manager.discover_script_from_config({"script": "treble.py", "source_dir": tmp_path})
