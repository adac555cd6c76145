"""What is noticed before anything runs."""

from __future__ import annotations

import os
import sys
import warnings

import pytest

from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.preflight import preflight
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
        "async def main(*a): ...",
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
