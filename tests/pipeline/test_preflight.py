"""What is noticed before anything runs."""

from __future__ import annotations

import os
import sys
import warnings

import pytest

from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.preflight.whole import preflight
from tests.pipeline.conftest import small


def _findings(folder, text, **more):
    (folder / "scripts" / "train.py").write_text(text)
    return preflight(load_pipeline(small(**more)))


def test_a_good_pipeline_has_no_findings(folder):
    """Nothing to say about what will work."""
    assert preflight(load_pipeline(small())) == ()


def test_a_syntax_error_is_found_with_its_line(folder):
    """A script that cannot be parsed is an error at its line."""
    (finding,) = _findings(folder, "def main(*a):\n    return )\n")
    assert (finding.severity, finding.step, finding.line) == ("error", "train", 2)
    assert finding.file == str(folder / "scripts" / "train.py")


@pytest.mark.parametrize(
    "text",
    [
        "from core import main",
        "from core import run as main",
        "from core import *",
        "main = print",
        "main, other = print, 1",
        "main: object = print",
        "if True:\n    def main(*a): ...",
        "try:\n    from core import main\nexcept ImportError:\n    main = None",
        "class main: ...",
    ],
)
def test_every_way_to_have_a_main(folder, text):
    """A main may be defined, imported or assigned, also under a condition."""
    (folder / "scripts" / "core.py").write_text("def main(*a): ...\nrun = main\n")
    assert _findings(folder, text) == ()


@pytest.mark.parametrize("text", ["async def main(*a): ...", "def main(*a):\n    yield 1\n"])
def test_a_main_that_does_nothing_when_it_is_called(folder, text):
    """A coroutine or a generator runs only when somebody runs it: a step would be done with nothing done."""
    (finding,) = _findings(folder, text)
    assert (finding.severity, finding.line) == ("error", 1)
    assert "main cannot be called" in finding.message


@pytest.mark.parametrize(
    "text", ["", "def run(): ...", "def run():\n    main = 1", "class A:\n    def main(self): ...", "main()"]
)
def test_a_script_without_main(folder, text):
    """`entry: main` needs one; `entry: script` does not."""
    (finding,) = _findings(folder, text)
    assert finding.message == "the script has no main"
    assert _findings(folder, text, entry="script") == ()


def test_deep_blocks_are_read_at_once(folder):
    """Nesting costs no more than its length."""
    nested = "".join(f"{' ' * i}if True:\n" for i in range(90)) + " " * 90 + "x = 1\n"
    assert len(_findings(folder, nested)) == 1


@pytest.mark.parametrize("text", ["a\0b", "(" * 100_000, "-" * 100_000 + "1"])
def test_scripts_that_are_none(folder, text):
    """A script that breaks the parser is an error, not a crash."""
    (finding,) = _findings(folder, text)
    assert finding.severity == "error"


def test_other_encodings(folder):
    """A script is read in the encoding that it declares; one that breaks it is an error."""
    script = folder / "scripts" / "train.py"
    script.write_bytes("# coding: latin-1\nname = 'é'\ndef main(*a): ...\n".encode("latin-1"))
    assert preflight(load_pipeline(small())) == ()
    script.write_bytes(b"name = '\xe9'\ndef main(*a): ...\n")
    assert len(preflight(load_pipeline(small()))) == 1


def test_warnings_are_no_errors(folder):
    """A script that warns when parsed is fine, also where the user made warnings errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert _findings(folder, "def main(*a): return '\\d'") == ()


def test_scripts_are_never_run(folder):
    """Reading a script does not run it."""
    assert _findings(folder, "open('ran', 'w')\ndef main(*a): ...") == ()
    assert not (folder / "ran").exists()


def test_another_interpreters_syntax_is_not_judged(folder):
    """A script for another Python may hold what ours cannot read; for our own, named by path, it is judged."""
    other = folder / "python"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    assert _findings(folder, "print 'old'", python="python") == ()
    assert len(_findings(folder, "print 'old'", python=sys.executable)) == 1


def test_required_variables(folder, monkeypatch):
    """A variable without value has to come from the caller's environment; its value is never shown."""
    pipeline = load_pipeline(small(env={"API_TOKEN_X": None, "GIVEN": "x"}))
    (finding,) = preflight(pipeline)
    assert "API_TOKEN_X" in finding.message
    monkeypatch.setitem(os.environ, "API_TOKEN_X", "hunter2")
    assert preflight(pipeline) == ()


def test_paths_that_went_away(folder):
    """An input or a script that was there when the pipeline was loaded may be gone; an optional input may."""
    document = small(inputs={"x": {"path": "data.csv", "optional": True}})
    pipeline = load_pipeline(document)
    (folder / "data.csv").unlink()
    (folder / "scripts" / "train.py").unlink()
    assert [(f.step, f.port) for f in preflight(pipeline)] == [("extract", "raw"), ("train", None)]


HEAD = "def main(input_paths, output_paths, environ_vars, job_args):\n    "


def _told(folder, body, before="", **more):
    """The findings on a main with this body, as (severity, port, message)."""
    found = _findings(folder, before + HEAD + body.replace("\n", "\n    "), **more)
    return [(finding.severity, finding.port, finding.message) for finding in found]


def test_the_method_is_the_function(folder):
    """`pipeline.preflight()` says what a session says first."""
    pipeline = load_pipeline(small(env={"API_TOKEN_X": None}))
    assert pipeline.preflight() == preflight(pipeline)
    assert pipeline.preflight(env={"API_TOKEN_X"}) == ()


def test_findings_come_in_the_order_of_the_steps(folder):
    """Not in that of the document."""
    document = small(inputs={"flights": "extract.flights"})
    document["steps"] = dict(reversed(document["steps"].items()))
    for name in ("extract", "train"):
        (folder / "scripts" / f"{name}.py").write_text("")
    assert [finding.step for finding in preflight(load_pipeline(document))] == ["extract", "train"]


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ('input_paths["x"]', "error"),
        ('if job_args:\n    print()\ninput_paths["x"]', "error"),
        ('if environ_vars.get("Y"):\n    input_paths["x"]', "warning"),
        ('input_paths.get("x")', "info"),
        ('prepare(input_paths)\ninput_paths["x"]', "info"),
    ],
)
def test_an_undeclared_port_is_as_bad_as_it_is_sure(folder, body, severity):
    """An error only where nothing but another failure can prevent it."""
    ((found, port, _),) = _told(folder, body)
    assert (found, port) == (severity, "x")


def test_nothing_is_said_where_the_text_does_not_tell(folder):
    """A mapping that goes elsewhere may be used there."""
    body = "from json import dumps\ndumps(input_paths)\ndumps(output_paths)\nvars(job_args)"
    assert _told(folder, body, inputs={"flights": "extract.flights"}, outputs=["out"], args={"a": 1}) == []


def test_declared_and_never_touched(folder):
    """A needed port weighs more than one that may be missing; an argument least."""
    inputs = {"flights": "extract.flights", "more": {"path": "data.csv", "optional": True}}
    told = _told(folder, "pass", inputs=inputs, outputs={"a": {"required": True}, "b": {}}, args={"job-type": 1})
    assert [(severity, port) for severity, port, _ in told] == [
        ("warning", "flights"),
        ("info", "more"),
        ("warning", "a"),
        ("info", "b"),
        ("info", None),
    ]


def test_an_argument_is_declared_with_dashes_or_without(folder):
    """`--batch-size` is `job_args.batch_size`."""
    assert _told(folder, "job_args.batch_size", args={"batch-size": 1}) == []


def test_variables_that_every_step_has(folder):
    """PATH and its like need no declaration, nor does what a process starts with."""
    before = "import os\nHOME = os.environ['HOME']\nos.environ['LC_ALL']\nos.environ['USE_SECURE_PYPI']\n"
    assert _told(folder, "pass", before=before) == []


def test_an_optional_input_that_is_asked_for_first(folder):
    """Is used as it should be."""
    inputs = {"x": {"path": "data.csv", "optional": True}}
    assert _told(folder, 'if "x" in input_paths:\n    open(input_paths["x"])', inputs=inputs) == []


def test_local_modules_are_followed(folder):
    """From the script's folder and from the source directory, packages and all; each fault with its own place."""
    package = folder / "scripts" / "tools"
    package.mkdir()
    (package / "__init__.py").write_text("from . import inner\n")
    (package / "inner.py").write_text("import json\nimport a_package_that_nobody_has\n")
    (finding,) = _findings(folder, "import tools\n" + HEAD + "pass")
    assert (finding.severity, finding.line, finding.file) == ("error", 2, str(package / "inner.py"))
    (package / "inner.py").write_text("def x(:\n")
    (finding,) = _findings(folder, "def f():\n    import tools\n" + HEAD + "pass")
    assert (finding.severity, finding.line, finding.file) == ("warning", 1, str(package / "inner.py"))


@pytest.mark.parametrize(
    "before",
    [
        "try:\n    import nobody_has_this\nexcept ImportError:\n    pass\n",
        "import sys\nsys.path.append('elsewhere')\nimport nobody_has_this\n",
        "import moves\nimport nobody_has_this\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import nobody_has_this\n",
    ],
)
def test_imports_that_may_succeed(folder, before):
    """Guarded, found on a path that the script or a module of its makes, or never run."""
    (folder / "scripts" / "moves.py").write_text("import sys\nsys.path.append('elsewhere')\n")
    assert _told(folder, "pass", before=before) == []


@pytest.mark.parametrize(
    ("before", "severities"),
    [
        ("import nobody_has_this\nimport sys\nsys.path.append('elsewhere')\nimport nor_this\n", ["error"]),
        ("def later():\n    import nobody_has_this\nimport sys\nsys.path.append('elsewhere')\n", []),
        ("import nobody_has_this\nimport moves\n", []),
    ],
)
def test_imports_before_the_path_is_changed(folder, before, severities):
    """Are told: a script comes to them first, if it surely does. What a module of its changes is not known to come later."""
    (folder / "scripts" / "moves.py").write_text("import sys\nsys.path.append('elsewhere')\n")
    assert [found.severity for found in _findings(folder, before + HEAD + "pass")] == severities


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("from ..core import x\n", [("error", 1, "..core")]),
        ("import json\nfrom ... import x\n", [("error", 2, "...")]),
        ("def later():\n    from ..core import x\n", [("warning", 2, "..core")]),
        ("try:\n    from ..core import x\nexcept ImportError:\n    pass\n", []),
        ("from . import other\nfrom .deep import down\n", []),
    ],
)
def test_relative_imports_beyond_the_top_package(folder, inside, told):
    """In a module that the script imports by its name from the source folder, production has nothing above it."""
    package = folder / "scripts" / "params"
    (package / "deep").mkdir(parents=True)
    (package / "own.py").write_text(inside)
    (package / "other.py").write_text("from .deep.down import y\n")
    (package / "deep" / "down.py").write_text("from ..other import z\ny = 1\n")
    (folder / "core.py").write_text("x = 1\n")
    found = _findings(folder, "from params.own import x\n" + HEAD + "pass")
    assert [(f.severity, f.line, f.message.split(" imports ")[-1].split(", which")[0]) for f in found] == told
    assert all(f.file == str(package / "own.py") for f in found)


def test_relative_imports_of_the_script_have_packages_above(folder):
    """As many as it needs: what they bring may go up as well."""
    (folder / "params").mkdir()
    (folder / "params" / "own.py").write_text("from ..core import x\n")
    (folder / "core.py").write_text("x = 1\n")
    assert not _findings(folder, "from ..params.own import x\n" + HEAD + "pass")


def test_a_path_in_the_environment_may_hold_anything(folder):
    """With PYTHONPATH nobody can tell."""
    assert _told(folder, "pass", before="import nobody_has_this\n", env={"PYTHONPATH": "lib"}) == []


def test_the_packages_of_another_interpreter(folder):
    """Told by the files of its environment, and with its own path in the remedy."""
    (folder / "env" / "bin").mkdir(parents=True)
    (folder / "env" / "bin" / "python").symlink_to(sys.executable)
    (folder / "env" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (folder / "env" / "lib" / "python3.9" / "site-packages" / "yaml").mkdir(parents=True)
    (finding,) = _findings(folder, "import yaml, pandas\n" + HEAD + "pass", python="env/bin/python")
    assert "'pandas'" in finding.message
    assert finding.fix.startswith(f"{folder}/env/bin/python -m pip install pandas")


def test_the_example_has_no_findings(monkeypatch):
    """Flights: ten steps with helpers, constants and loops."""
    from pathlib import Path

    assert load_pipeline(Path(__file__).parents[2] / "notebooks/flights/flights.pipeline.yaml").preflight() == ()
