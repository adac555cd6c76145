"""A pipeline as YAML: what is loaded from where it was written is equal, whatever the pipeline came from."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.cursus.load import load_cursus
from cursus_rt_notebook.pipeline.document import Document
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.sources.nodes import compose
from cursus_rt_notebook.pipeline.sources.values import plain
from cursus_rt_notebook.pipeline.yaml_text import yaml_text
from tests.pipeline.conftest import small
from tests.pipeline.test_yaml import EXAMPLE

EVERYTHING = """\
name: "no"
source_dir: scripts
effects: refuse
checks: {rows: 0.5, missing: 0.1, range: 2, unique: 0.5, on_failure: pause}
steps:
  extract:
    script: extract.py
    inputs:
      raw: {path: data.csv, copy: true}
      far: {path: "s3://bucket/key", sample: 100, optional: true}
      waits: {open: true, copy: true}
      inside: {package: pydantic, path: main.py, optional: true}
    outputs:
      flights:
        channels: ["on", "2024", plain]
        required: true
        packed: model.tar.gz
        checks: {missing: {"a b": 0.1}, range: {n: [0, null]}, unique: [[a], [b, c]], key: [a], rows: 0.2}
      other: {}
    env: {"1": "no", EMPTY: "", "2024-01-01": "1:30", QUOTED: 'it''s "so"', LINES: "a\\nb\\t", BOMB: "*a", "null": null}
    args: {big: 100000000000000000000, small: 1e-5, "yes": [null, true, "null", {"~": -0.0}], empty: {}, none: []}
    timeout: 1.5
    memory: 2GB
    cache: false
    effects: allow
    on_error: continue
    retry: {attempts: 3, on: [ValueError]}
    circuit_breaker: {}
    container: {inputs: {raw: /opt/ml/x}, outputs: {flights: /opt/ml/model}}
    requirements: {pandas: ">=1.2,<2"}
    entry: script
  "clean.it":
    script: clean.py
    source_dir: scripts
    inputs: {x: {step: extract, port: flights}, y: {step: extract, port: other, optional: true, copy: true}}
    after: [extract]
    circuit_breaker: {failures: 5}
    container: {}
  made: {stub: synthetic, outputs: [a]}
  left: {stub: skip}
  open: {stub: open, outputs: ["yes"]}
  given: {stub: {a: data.csv, b: "s3://x/y", c: {path: "s3://x/z", sample: 5, unpack: true}}, outputs: [a, b, c]}
  below: {stub: ./given, outputs: [a]}
  cloud: {stub: "s3://bucket/prefix", outputs: [a, b]}
  odd: {script: ./~odd/later.py, script_missing: true, source_dir: nowhere}
breakpoints: ["extract", "made:before"]
"""


@pytest.fixture
def everything(folder):
    """A pipeline in which every key is used."""
    (folder / "given" / "a").mkdir(parents=True)
    (folder / "p.yaml").write_text(EVERYTHING)
    return load_pipeline("p.yaml")


def _again(pipeline, path):
    text = pipeline.to_yaml(path)
    assert path.read_text() == text
    return load_pipeline(path)


def test_every_key_is_written(everything, folder):
    """Beside the first, in another folder, and with absolute paths from anywhere."""
    assert _again(everything, folder / "again.yaml") == everything
    (folder / "deep").mkdir()
    assert _again(everything, folder / "deep" / "again.yaml") == everything
    (folder / "deep" / "absolute.yaml").write_text(everything.to_yaml())
    assert load_pipeline(folder / "deep" / "absolute.yaml") == everything


def test_paths_below_the_file_are_relative(everything, folder):
    """So that the folder can be moved as a whole."""
    text = everything.to_yaml(folder / "again.yaml")
    assert str(folder) not in text
    assert "source_dir: scripts" in text
    assert str(folder) in everything.to_yaml()


def test_the_example_of_the_format(load_text, folder):
    """And the small dict, and what was made of both."""
    for pipeline in (load_text(EXAMPLE), load_pipeline(small())):
        assert _again(pipeline, folder / "again.yaml") == pipeline
        twice = load_pipeline(folder / "again.yaml")
        assert twice.to_yaml(folder / "twice.yaml") == (folder / "again.yaml").read_text()


def test_an_interpreter(folder):
    """Is written as the path that it has."""
    pipeline = load_pipeline({**small(), "python": sys.executable})
    assert _again(pipeline, folder / "again.yaml") == pipeline


def test_a_script_that_is_not_there_is_marked(folder):
    """So the document can be loaded, and preflight says what is missing; once it is there the mark does no harm."""
    pipeline = load_pipeline({"steps": {"a": {"script": "later.py", "script_missing": True}}})
    assert "script_missing: true" in pipeline.to_yaml(folder / "p.yaml")
    again = load_pipeline("p.yaml")
    assert again == pipeline
    (finding,) = again.preflight()
    assert (finding.severity, finding.step) == ("error", "a")
    (folder / "later.py").write_text("def main(input_paths, output_paths, environ_vars, job_args):\n    pass\n")
    assert not load_pipeline("p.yaml").preflight()


@pytest.mark.parametrize("data", [pd.DataFrame({"a": [1]}), dict], ids=["table", "function"])
def test_what_is_only_in_memory_cannot_be_written(folder, data):
    """The error says what to give instead."""
    pipeline = load_pipeline({"steps": {"a": {"stub": "open", "outputs": ["x"]}}}).with_stubs({"a": {"x": data}})
    with pytest.raises(PipelineError, match="which a document cannot hold") as caught:
        pipeline.to_yaml()
    assert 'pipeline.with_stubs({"a": {"x": "FILE.csv"}})' in str(caught.value)


def test_a_folder_that_is_not_there(folder):
    """Is an error of ours."""
    with pytest.raises(PipelineError, match="cannot be written"):
        load_pipeline(small()).to_yaml("nowhere/p.yaml")


def test_a_cursus_project(tmp_path):
    """With the scores of its wiring as comments."""
    folder = Path(__file__).parents[2] / "notebooks" / "delays"
    pipeline = load_cursus(
        f"{folder}/config/delays.dag.json", f"{folder}/config/delays.config.json", f"{folder}/interfaces", folder
    )
    assert _again(pipeline, tmp_path / "delays.yaml") == pipeline
    assert "DATA: FlightLoading_training.DATA # 1.00 by the wiring rule" in pipeline.to_yaml()


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=8), inside, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1, max_size=8), _PLAIN, max_size=4))
@settings(max_examples=300, deadline=None)
def test_any_plain_values_are_read_as_they_were(values):
    """Whatever the texts look like: numbers, dates, switches, signs of the language."""
    text = yaml_text({"a": values}, {})
    document = Document("x", "x", Path())
    found, places = plain(compose(YAML(typ="safe", pure=True).parse(text), document), document)
    assert found == {"a": values}
    assert not document.faults
    assert not [path for path in places.unquoted if isinstance(path[-1], str)]
    assert not places.doubtful
