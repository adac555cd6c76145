"""What a step asks of its interpreter: contract, imports and pip calls together."""

from __future__ import annotations

from pathlib import Path

import pytest

from cursus_rt_notebook.pipeline.asked import asked_by, is_fulfilled
from cursus_rt_notebook.pipeline.model import Step


@pytest.fixture
def step(tmp_path: Path):
    """Makes a step of a script's text."""

    def make(text: str, **requirements: str) -> Step:
        (tmp_path / "s.py").write_text(text)
        return Step(name="s", script=tmp_path / "s.py", requirements=requirements)

    return make


def test_imports_that_no_requirement_names_are_asked_for(step):
    """In local modules, too, and under the name of their package; not what the script can do without, or Python has."""
    made = step("import json, sklearn.metrics, helper\ntry:\n    import torch\nexcept ImportError:\n    torch = None\n")
    (made.script.parent / "helper.py").write_text("def f():\n    import yaml\n")
    asked = asked_by(made)
    assert asked.lines == ("pyyaml", "scikit-learn")
    assert asked.modules == {"sklearn.metrics", "yaml"}
    assert asked.is_open


def test_what_the_contract_says_of_an_import_stands(step):
    """And its other packages, as pyarrow for pandas."""
    asked = asked_by(step("import pandas\n", pandas=">=1.2,<2", pyarrow="<6", python=">=3.7"))
    assert asked.lines == ("pandas<2,>=1.2", "pyarrow<6")
    assert str(asked.python) == ">=3.7"
    assert not asked.is_open


def test_a_pip_call_narrows_what_the_contract_says(step):
    """One without a version takes nothing from it; one that contradicts it counts, as it comes last in production."""
    text = "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', {}])\n"
    assert asked_by(step(text.format("'pandas'"), pandas="<2")).lines == ("pandas<2",)
    assert asked_by(step(text.format("'pandas>=1.5'"), pandas="<2")).lines == ("pandas<2,>=1.5",)
    assert asked_by(step(text.format("'pandas>=2'"), pandas="<2")).lines == ("pandas>=2",)


def test_what_an_init_on_a_relative_imports_way_wants_is_not_asked_for(tmp_path):
    """That of a library imports half of what its authors use, and the step's process does without it."""
    for folder in ("lib", "lib/steps", "lib/parts"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text("import sagemaker\n")
    (tmp_path / "lib/parts/table.py").write_text("import pandas\n")
    (tmp_path / "lib/steps/s.py").write_text("from ..parts.table import x\n")
    assert asked_by(Step(name="s", script=tmp_path / "lib/steps/s.py")).lines == ("pandas",)


def test_a_module_that_nobody_knows_is_no_package(step):
    """It is named, so that the user can say what brings it."""
    asked = asked_by(step("import our_private_things\n"))
    assert asked.lines == ()
    assert asked.unknown == {"our_private_things"}


def test_a_script_that_cannot_be_read_asks_for_its_contract(step):
    """What is wrong with it is for preflight to say."""
    assert asked_by(step("def main(:\n", pandas="<2")).lines == ("pandas<2",)


@pytest.mark.parametrize(
    ("requirements", "there"),
    [
        ({"pandas": ">=1.3"}, True),
        ({"pandas": "<2"}, False),
        ({"polars": ""}, False),
        ({"python": ">=3.9", "pandas": ""}, True),
        ({"python": "<3.9"}, False),
        ({"pandas": "@ file:///somewhere/pandas.whl"}, False),
    ],
)
def test_whether_an_interpreter_has_it(step, requirements, there):
    """By its version and its distributions."""
    assert is_fulfilled(asked_by(step("", **requirements)), {"pandas": "3.0.1"}, "3.11.7") is there
