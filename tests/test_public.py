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
