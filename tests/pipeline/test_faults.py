"""Faulty documents, one a file; beside each, what has to be said about it, in full."""

from __future__ import annotations

import pickle
import shutil
import time
from pathlib import Path

import pytest

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.faults import MAX_SHOWN, Fault, near, pipeline_error
from cursus_rt_notebook.pipeline.load import load_pipeline
from tests.pipeline.conftest import faults_of

FAULTS = Path(__file__).parent / "faults"
DOCUMENTS = sorted(path.stem for path in FAULTS.glob("*.yaml"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_fault(name, folder):
    """Every fault of a document is reported with file, line and remedy, all at once."""
    shutil.copy(FAULTS / f"{name}.yaml", "pipeline.yaml")
    with pytest.raises(PipelineError) as caught:
        load_pipeline("pipeline.yaml")
    expected = (FAULTS / f"{name}.txt").read_text(encoding="utf-8").replace("{folder}", str(folder))
    assert f"{caught.value}\n" == expected
    assert all(fault.file == "pipeline.yaml" and fault.line and fault.fix for fault in caught.value.faults)


def test_every_document_has_its_text():
    """No expected text without a document, and at least thirty of them."""
    assert sorted(path.stem for path in FAULTS.glob("*.txt")) == DOCUMENTS
    assert len(DOCUMENTS) >= 30


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.startswith("A5")])
def test_A5_bombs_are_refused_at_once(name, folder):
    """An alias bomb or bottomless nesting costs no time."""
    shutil.copy(FAULTS / f"{name}.yaml", "pipeline.yaml")
    started = time.process_time()
    faults_of("pipeline.yaml")
    assert time.process_time() - started < 2


def test_secrets_are_not_repeated(folder):
    """A message never holds a value that may be a secret."""
    for name in ("syntax_secret", "undefined_alias", "remote_path"):
        shutil.copy(FAULTS / f"{name}.yaml", "pipeline.yaml")
        assert "hunter2" in (FAULTS / f"{name}.yaml").read_text()
        assert "hunter2" not in repr(faults_of("pipeline.yaml"))


def test_error_survives_pickling():
    """The faults come along when the error crosses a process boundary."""
    error = pipeline_error("p.yaml", [Fault("steps.a", "is wrong", "mend it", "p.yaml", 3)])
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.faults) == (str(error), error.faults)


def test_faults_stand_in_the_order_of_lines():
    """The reader goes through the file once, from above."""
    error = pipeline_error("p", [Fault("b", "second", line=9), Fault("a", "first", line=2)])
    assert [fault.line for fault in error.faults] == [2, 9]


def test_a_flood_of_faults_is_cut_in_the_text_only():
    """Thousands of faults fill no screen, and none is lost."""
    error = pipeline_error("p", [Fault(f"steps.s{i}", "is wrong") for i in range(1_000)])
    assert len(str(error).splitlines()) == MAX_SHOWN + 2
    assert len(error.faults) == 1_000


@pytest.mark.parametrize(
    ("word", "found"), [("trian", "train"), ("TRAIN", "train"), ("xyz", ""), ("x" * 10_000, ""), ("", "")]
)
def test_near(word, found):
    """A suggestion is made for what looks like a slip, in whatever case, and never guessed."""
    assert near(word, ["extract", "train", "score"]) == found
