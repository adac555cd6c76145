"""The public names, what importing them costs, and the shape of the code."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cursus_rt_notebook as crt

PACKAGE = Path(crt.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = {
    "pandas",
    "polars",
    "pyarrow",
    "numpy",
    "matplotlib",
    "networkx",
    "pydantic",
    "ipywidgets",
    "IPython",
    "anywidget",
}


def test_all_is_sorted_and_exact():
    """Every name in `__all__` is there, and nothing else is public."""
    assert crt.__all__ == sorted(crt.__all__)
    assert set(crt.__all__) == set(crt._HOMES)
    for name in crt.__all__:
        assert getattr(crt, name).__name__ == name


def test_importing_loads_nothing_heavy():
    """In a new interpreter, so that no other test's imports count."""
    code = "import sys, cursus_rt_notebook; print(*{name.partition('.')[0] for name in sys.modules})"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not HEAVY & set(out.split())


def test_an_unknown_name_is_an_attribute_error():
    """As of any module."""
    with pytest.raises(AttributeError, match="no attribute 'execute'"):
        crt.execute  # noqa: B018


def test_load_ext_is_for_ipython_and_loads_nothing_before_it():
    """IPython finds the extension's two functions; they are no part of what the user imports."""
    code = (
        "import sys, cursus_rt_notebook as crt; "
        "print(callable(crt.load_ipython_extension), callable(crt.unload_ipython_extension), 'IPython' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["True", "True", "False"]
    assert not {"load_ipython_extension", "unload_ipython_extension"} & set(crt.__all__)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_and_functions_stay_small(path):
    """A module that passes 400 lines is two; no function passes 60."""
    text = path.read_text()
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno - node.lineno < 60, node.name


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: crt.init(5), "folder=5 is no path"),
        (lambda: crt.init(".", 5), "file=5 is no path"),
        (lambda: crt.load_cursus(5), "int is not a graph"),
        (lambda: crt.build_envs(None), "NoneType is not a pipeline"),
        (lambda: crt.build_envs(PIPELINE, steps="a"), "steps='a' are no names of steps"),
        (lambda: crt.build_envs(PIPELINE, require="pandas<3"), "require is of type str, not a mapping"),
        (lambda: crt.open_execution(3), "3 is no ARN of a pipeline execution"),
        (lambda: crt.open_execution(ARN, PIPELINE, names=["a"]), "names is of type list, not a mapping"),
        (lambda: crt.open_execution(ARN, PIPELINE, sample="1"), "sample='1' is no number of rows"),
        (lambda: crt.runs(5), "workspace_dir=5 is no path"),
        (lambda: crt.PipelineScriptExecutor(5), "workspace_dir=5 is no path"),
        (lambda: crt.execute_pipeline_with_breakpoints(PIPELINE, workspace_dir=5), "workspace_dir=5 is no path"),
        (lambda: crt.execute_pipeline_with_breakpoints(PIPELINE, 5), "5 is no breakpoint"),
        (lambda: crt.execute_pipeline_with_breakpoints(PIPELINE, env=5), "env is of type int, not a mapping"),
        (
            lambda: crt.execute_pipeline_with_breakpoints(PIPELINE, env={"KEY": 5}),
            "env['KEY'] is of type int, not text",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_our_words(call, says, tmp_path, monkeypatch):
    """What a call is given says what is wrong with it, and what to write; nothing is made before that."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(crt.CursusError) as caught:
        call()
    assert says in caught.value.message
    assert caught.value.fix or "\n    " in caught.value.message
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "name", ["execute_pipeline_with_breakpoints", "load_pipeline", "load_cursus", "ContractIntegration"]
)
def test_a_misspelt_keyword_names_the_call_that_was_made(name):
    """Not one that it makes; and, of those that Python does not know, the keyword that was meant."""
    with pytest.raises(TypeError, match=rf"^{name}\(\) got an unexpected keyword argument 'intrefaces'"):
        getattr(crt, name)("p.dag.json", intrefaces="steps")
    with pytest.raises(TypeError, match="Did you mean 'interfaces'"):
        crt.load_pipeline("p.dag.json", intrefaces="steps")


PIPELINE = {"steps": {"a": {"script": __file__, "outputs": ["out"]}}}
ARN = "arn:aws:sagemaker:eu-west-1:000000000000:pipeline/p/execution/abc"
