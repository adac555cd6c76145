"""A folder with scripts and data, for pipelines to name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.load import load_pipeline

SCRIPTS = ("extract", "clean", "train", "score")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: `scripts/` with four scripts, `data.csv`, and `extract.out`, which reads as a port."""
    make_folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make_folder(path: Path) -> None:
    """Write the scripts and the data."""
    (path / "scripts").mkdir()
    for name in SCRIPTS:
        (path / "scripts" / f"{name}.py").write_text(
            "def main(input_paths, output_paths, environ_vars, job_args):\n    print(*input_paths.items(), *output_paths.items())\n"
        )
    (path / "data.csv").write_text("a\n1\n")
    (path / "extract.out").write_text("")


def small(**more: Any) -> dict[str, Any]:
    """A pipeline of two steps; `more` are keys of the second, `train`."""
    extract = {"script": "extract.py", "inputs": {"raw": "data.csv"}, "outputs": ["flights"]}
    return {"source_dir": "scripts", "steps": {"extract": extract, "train": {"script": "train.py", **more}}}


@pytest.fixture
def load_text(folder: Path) -> Callable[[str], Any]:
    """Write a text as a YAML file and load it."""

    def load(text: str) -> Any:
        (folder / "p.yaml").write_text(text, encoding="utf-8")
        return load_pipeline("p.yaml")

    return load


def as_yaml(document: Any) -> str:
    """JSON is YAML, but for characters that YAML wants escaped."""
    text = json.dumps(document, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def faults_of(source: Any) -> tuple[Any, ...]:
    """The faults of a source that has some."""
    with pytest.raises(PipelineError) as caught:
        load_pipeline(source)
    assert caught.value.faults
    return caught.value.faults
