"""Rows N1 and N3: names that read as paths are refused, and different names stay different."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.pipeline.load import load_pipeline
from tests.pipeline.conftest import faults_of, small

HOSTILE = ["../x", "/etc", "C:\\", "C:", "~", "~root", "a/b", ".", "..", "", "a\0b", "a\x1b[31m", " a", "x" * 2_000]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["step", "input", "output", "listed output", "channel", "pipeline"])
def test_N1_hostile_name_is_refused(name, kind, folder):
    """A name that could leave its folder, or steer a terminal, is refused wherever it stands."""
    document = small()
    train = document["steps"]["train"]
    if kind == "step":
        document["steps"][name] = {"script": "train.py"}
    elif kind == "pipeline":
        document["name"] = name
    else:
        train |= {
            "input": {"inputs": {name: "data.csv"}},
            "output": {"outputs": {name: {}}},
            "listed output": {"outputs": [name]},
            "channel": {"outputs": {"model": {"channels": [name]}}},
        }[kind]
    (fault,) = faults_of(document)
    assert kind.split()[-1] in fault.message
    assert str(fault).replace("\n", "").isprintable()


def test_N3_twins_stay_apart(folder):
    """Names that differ only in case or Unicode form are different steps and ports."""
    names = ["caf\u00e9", "cafe\u0301", "Train", "CON"]
    document = small(outputs=["a", "A", *names])
    document["steps"] |= {name: {"script": "train.py", "inputs": {"x": f"train.{name}"}} for name in names}
    pipeline = load_pipeline(document)
    assert [step.inputs["x"].port for step in list(pipeline.steps.values())[2:]] == names
