"""YAML files: what unquoted texts mean, where things stand, and that nothing in them is evaluated."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import Breaker, Retry
from cursus_rt_notebook.pipeline.sources.scalars import alternatives, taken_for, value_of
from tests.pipeline.conftest import as_yaml, faults_of, small

EXAMPLE = """\
name: flights
source_dir: scripts                 # relative to this file
env: {TZ: America/New_York, LABEL: none}
steps:
  extract:
    script: extract.py
    inputs: {raw: {package: pydantic, path: main.py}}
    outputs: [flights]
  audit: {script: clean.py, entry: script}
  preprocess:
    script: train.py
    inputs: {flights: extract.flights, more: {path: nothing.csv, optional: true}, own: {path: data.csv, copy: true}}
    outputs: {processed_data: {channels: [train, val, test], required: true}, rejects: {channels: [cancelled]}}
    env: {LABEL: arr_delay, API_TOKEN: null, RATE: 1.10, BITS: 0x1F}
    args: {job_type: training, depth: 5, rate: 1e-3, day: 2024-01-01, deep: {a: [1, {b: null}]}}
    after: [audit]
    timeout: 60
    memory: 2GB
    cache: false
    on_error: continue
    retry: {attempts: 3, backoff: 1.0, on: [ConnectionError, TimeoutError]}
breakpoints: ["preprocess", extract:before, "audit:after"]
"""


def test_the_whole_format(load_text, folder):
    """Every key of the format arrives in the pipeline."""
    pipeline = load_text(EXAMPLE)
    step = pipeline.steps["preprocess"]
    assert (pipeline.name, pipeline.origin, pipeline.base_dir) == ("flights", "p.yaml", folder)
    assert pipeline.breakpoints == ("preprocess", "extract:before", "audit:after")
    assert pipeline.order == ("extract", "audit", "preprocess")
    assert step.script == folder / "scripts" / "train.py"
    assert step.env == {
        "TZ": "America/New_York",
        "LABEL": "arr_delay",
        "API_TOKEN": None,
        "RATE": "1.10",
        "BITS": "0x1F",
    }
    deep = {"a": [1, {"b": None}]}
    assert step.args == {"job_type": "training", "depth": 5, "rate": 0.001, "day": "2024-01-01", "deep": deep}
    assert (step.needs, step.timeout, step.memory, step.cache) == (("extract", "audit"), 60.0, 2 * 10**9, False)
    assert (step.on_error, step.retry.attempts, step.entry) == ("continue", 3, "main")
    assert step.outputs["processed_data"].channels == ("train", "val", "test")
    assert step.outputs["processed_data"].required
    assert step.inputs["own"].copy_files
    assert step.inputs["more"].optional
    assert pipeline.steps["audit"].entry == "script"


def test_a_dict_says_the_same(load_text, folder):
    """The same keys in a dict make the same steps."""
    document = small(inputs={"a": "extract.flights"}, args={"n": 1, "t": "x"}, memory="2GB")
    assert load_text(as_yaml(document)).steps == load_pipeline(document).steps


def test_paths_are_relative_to_the_file(folder, monkeypatch):
    """The working directory does not matter to a file."""
    (folder / "p.yaml").write_text(as_yaml(small()))
    monkeypatch.chdir("/")
    pipeline = load_pipeline(folder / "p.yaml")
    assert pipeline.steps["extract"].inputs["raw"].path == folder / "data.csv"


def test_the_file_names_the_pipeline(folder):
    """Without a name, the file's own is taken."""
    (folder / "night.pipeline.yaml").write_text(as_yaml(small()))
    (folder / "~x.yaml").write_text(as_yaml(small()))
    assert load_pipeline("night.pipeline.yaml").name == "night"
    assert load_pipeline("~x.yaml").name == "pipeline"


def test_merge_keys_and_anchors(load_text):
    """Anchors save repeating; a mapping's own keys win over merged ones, the nearest merged ones over farther."""
    pipeline = load_text("""\
source_dir: scripts
env: &base {A: base, B: base, C: base}
steps:
  one: {script: train.py, env: &mid {<<: *base, B: mid, C: mid}}
  two: {script: train.py, env: {<<: [*mid, *base], C: own}}
""")
    assert pipeline.steps["two"].env == {"A": "base", "B": "mid", "C": "own"}


def test_a_number_of_hundreds_of_digits_is_text(load_text):
    """A number that no float holds, and that Python will not print, is kept as it was written."""
    digits = "9" * 5_000
    assert load_text(as_yaml(small()).replace('"train.py"', f'"train.py", "args": {{"n": {digits}}}')).steps[
        "train"
    ].args == {"n": digits}


def test_byte_order_mark_and_crlf(folder):
    """Files from Windows editors read alike, with the same lines."""
    text = "source_dir: scripts\r\nsteps:\r\n  train:\r\n    script: trian.py\r\n"
    (folder / "p.yaml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (fault,) = faults_of("p.yaml")
    assert fault.line == 4


def test_nothing_is_evaluated(load_text, folder):
    """Tags that other readers make objects of are refused, and have done nothing."""
    with pytest.raises(PipelineError, match="is not read"):
        load_text('a: !!python/object/apply:os.system ["touch pwned"]\n')
    assert not (folder / "pwned").exists()


def test_R8_text_from_a_file_is_never_a_condition(load_text, folder):
    """A condition in a file is refused, in whatever form; a step whose name looks like one is only a name."""
    hostile = '__import__("os").system("touch pwned")'
    for text in (f"train: {hostile}", {"train": hostile}, f"train:{hostile}", f"train : {hostile}"):
        (folder / "p.yaml").write_text(as_yaml({**small(), "breakpoints": [text]}))
        assert "never evaluated" in faults_of("p.yaml")[0].message
    document = small()
    document["steps"]["train: 1"] = {"script": "train.py"}
    assert load_pipeline({**document, "breakpoints": ["train: 1", "train: 1:before"]}).breakpoints[1].endswith("before")
    assert not (folder / "pwned").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00", "is UTF-16 text, not UTF-8"),
        (b"#" * (settings.PIPELINE_BYTES + 1), "is larger than 4 MiB"),
        (b"PK\x03\x04", "control character"),
        (b"%YAML 1.99999999999\n---\na: b", "is not YAML"),
        (b"%YAML 3.0\n---\na: b", "is not YAML"),
    ],
    ids=["utf16", "huge", "zip", "version", "yaml3"],
)
def test_data_given_for_a_pipeline(content, message, folder):
    """A file that is no pipeline is a fault, whatever is in it."""
    (folder / "p.yaml").write_bytes(content)
    assert message in faults_of("p.yaml")[0].message


def test_missing_file_suggests_its_neighbours(folder):
    """A path that is wrong is answered with what is there."""
    (folder / "flights.yaml").write_text("")
    assert faults_of("flihgts.yaml")[0].fix == "did you mean 'flights.yaml'?"
    assert "flights.yaml" in faults_of(str(folder))[0].fix
    assert "there is no folder" in faults_of("nowhere/p.yaml")[0].fix


@pytest.mark.parametrize("source", ["", "a\0b", "x" * 5_000, "steps: {}\nname: x\n", "\ud800.yaml"])
def test_hostile_paths(source, folder):
    """Whatever text is given for a path, the answer is a fault, in printable text."""
    (fault,) = faults_of(source)
    assert str(fault).replace("\n", "").isprintable()


def test_a_pipe_is_not_waited_for(folder):
    """A named pipe is refused instead of read for ever."""
    os.mkfifo("pipe.yaml")
    assert "neither a file nor a folder" in faults_of("pipe.yaml")[0].message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("Null", None), ("True", True), ("false", False), ("0", 0), ("-12", -12), ("0o17", 15),
        ("0xff", 255), ("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("1e5", 1e5), ("-.inf", float("-inf")), ("+.INF", float("inf")),
        ("no", "no"), ("1_000", "1_000"), ("1:30", "1:30"), ("2024-01-01", "2024-01-01"), ("1.2.3", "1.2.3"), ("e5", "e5"),
    ],
)  # fmt: skip
def test_scalars_of_version_1_2(text, value):
    """Unquoted texts have the values of YAML 1.2's core schema."""
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


@pytest.mark.parametrize(
    "text", ["on", "No", "YES", "off", "2024", "1.5", "2024-01-01", "1:30", "1_0", "010", "null", "~", ""]
)
def test_texts_that_are_no_names(text):
    """What a version of YAML takes for something else has to be quoted to be a name."""
    assert taken_for(text)


@pytest.mark.parametrize("text", ["y", "n", "train", "v2", "2a", "a_1", "1.2.3", "none", "e5", "x.y"])
def test_texts_that_are_names(text):
    """Names as people give them need no quotes."""
    assert not taken_for(text)
    assert not alternatives(text)


def test_loading_imports_nothing_heavy(folder):
    """Reading a file loads no pandas, polars, pyarrow, matplotlib or networkx."""
    (folder / "p.yaml").write_text(as_yaml(small()))
    code = (
        "import sys; from cursus_rt_notebook.pipeline.load import load_pipeline; load_pipeline('p.yaml');"
        "print(*{'pandas', 'polars', 'pyarrow', 'matplotlib', 'networkx', 'numpy', 'yaml'} & set(sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == ""


def test_a_policy_of_the_pipeline_lies_under_those_of_its_steps(load_text):
    """Retry, circuit breaker and on_error hold for every step; what a step writes is laid over them key by key."""
    pipeline = load_text("""\
source_dir: scripts
on_error: continue
retry: {attempts: 3, on: [OSError]}
circuit_breaker: {failures: 2}
steps:
  extract: {script: extract.py}
  train: {script: train.py, on_error: pause, retry: {attempts: 1, backoff: 0.5}, circuit_breaker: {reset: 5}}
""")
    extract, train = pipeline.steps.values()
    assert (extract.on_error, extract.retry, extract.circuit_breaker) == (
        "continue",
        Retry(attempts=3, on=("OSError",)),
        Breaker(failures=2),
    )
    assert (train.on_error, train.retry, train.circuit_breaker) == (
        "pause",
        Retry(attempts=1, backoff=0.5, on=("OSError",)),
        Breaker(failures=2, reset=5),
    )


def test_without_a_policy_a_step_is_tried_once_and_always(load_text):
    """No retry and no circuit breaker where nothing is written."""
    step = load_text(as_yaml(small())).steps["train"]
    assert (step.retry.attempts, step.circuit_breaker, step.on_error) == (1, None, "pause")


def test_the_call_may_say_on_error_for_every_step(load_text):
    """The pipeline that the call makes is the same but for that."""
    pipeline = load_text(as_yaml(small(on_error="pause")))
    assert {step.on_error for step in pipeline.with_on_error("continue").steps.values()} == {"continue"}
    assert pipeline.with_on_error("pause").order == pipeline.order
