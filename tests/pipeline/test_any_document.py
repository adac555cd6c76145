"""Whatever is written, the answer is a pipeline or a PipelineError."""

from __future__ import annotations

import copy
import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import Pipeline
from tests.pipeline.conftest import as_yaml, make_folder
from tests.pipeline.test_yaml import EXAMPLE

WORDS = ["extract", "train", "extract.flights", "train.model", "data.csv", "inputs", "step", "port", "path", "script", "steps", "after", "", ".", "train:before"]  # fmt: skip
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(WORDS), st.text(max_size=8))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
)
NAMES = st.text(st.characters(categories=["L", "N"], include_characters="_- .:"), min_size=1, max_size=6).filter(
    lambda name: name == name.strip() and name not in {".", ".."} and not name.endswith(":")
)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """One folder for all documents of this file."""
    path = tmp_path_factory.mktemp("any")
    make_folder(path)
    before = Path.cwd()
    os.chdir(path)
    yield path
    os.chdir(before)


@pytest.fixture(autouse=True)
def _in_home(home, _nothing_leaks, monkeypatch):
    monkeypatch.chdir(home)


def good() -> dict[str, Any]:
    """A document with every key of the format."""
    return {
        "name": "all",
        "source_dir": "scripts",
        "env": {"A": "x", "B": None},
        "on_error": "continue",
        "retry": {"attempts": 3},
        "circuit_breaker": {"failures": 5},
        "steps": {
            "extract": {"script": "extract.py", "inputs": {"raw": {"path": "data.csv"}}, "outputs": ["flights"]},
            "train": {
                "script": "train.py",
                "entry": "script",
                "inputs": {"a": "extract.flights", "b": {"step": "extract", "port": "flights", "optional": True}},
                "outputs": {"model": {"channels": ["x", "y"], "required": True}},
                "env": {"C": "1"},
                "args": {"depth": 3, "deep": {"a": [1, 2.5, None]}},
                "after": ["extract"],
                "timeout": 60,
                "memory": "2GB",
                "retry": {"attempts": 2, "backoff": 0.5, "on": ["OSError"]},
                "circuit_breaker": {"failures": 3, "reset": 60},
            },
        },
        "breakpoints": ["train:before"],
    }


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inside for place in places(item, (*path, key)))]


def mutate(document: Any, path: tuple[Any, ...], value: Any, how: str) -> Any:
    """Replace, rename or take away what stands at `path`."""
    if not path:
        return value
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    if how == "replace":
        holder[path[-1]] = value
    else:
        taken = holder.pop(path[-1])
        if how == "rename" and isinstance(holder, dict):
            holder[value if isinstance(value, str | int | float | None) else "x"] = taken
    return document


def answer(source: Any) -> Pipeline | str:
    """The pipeline, or the text of the error; anything else fails the test."""
    try:
        return load_pipeline(source)
    except PipelineError as caught:
        error = caught
    assert error.faults
    assert all(fault.message and fault.fix for fault in error.faults)
    assert str(error).replace("\n", "").isprintable()
    return str(error)


def test_the_good_document_is_good():
    """What the mutations start from loads."""
    assert answer(good()).breakpoints == ("train:before",)


@QUICK
@given(data=st.data())
def test_mutated_dicts(data):
    """One to three changes anywhere in a dict end in a pipeline or in faults."""
    document = good()
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(document)))
        how = data.draw(st.sampled_from(["replace", "rename", "remove"]))
        document = mutate(document, path, data.draw(VALUES), how)
    if isinstance(document, dict):
        before = copy.deepcopy(document)
        answer(document)
        assert repr(document) == repr(before)


@QUICK
@given(st.randoms(use_true_random=False), st.sampled_from([EXAMPLE, as_yaml(good())]))
def test_mutated_texts(chance: random.Random, text: str):
    """Characters put in, taken out or changed anywhere in a file end in a pipeline or in faults."""
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(text)), chance.randint(0, 3)
        inserted = "".join(
            chance.choices("{}[]:,-&*!|>'\"%@`#?<~ \n\t\\ux01e.\ud800é\x00\u2028", k=chance.randint(0, 3))
        )
        text = text[:at] + inserted + text[at + length :]
    Path("p.yaml").write_bytes(text.encode(errors="surrogatepass"))
    answer("p.yaml")


@QUICK
@given(st.text("{}[]:,-&*!|>'\"%@`#? \n\tab01<=~\\", max_size=40))
def test_any_text(text: str):
    """A file of YAML's own signs in any order ends in faults."""
    Path("p.yaml").write_text(text, encoding="utf-8")
    assert isinstance(answer("p.yaml"), str)


@QUICK
@given(
    steps=st.lists(NAMES, min_size=1, max_size=4, unique=True),
    ports=st.lists(NAMES, min_size=1, max_size=3, unique=True),
    args=st.dictionaries(st.text("abc_", min_size=1), st.recursive(st.text(max_size=5) | st.integers(-(2**63), 2**63) | st.none() | st.booleans(), lambda v: st.lists(v, max_size=3)), max_size=3),
    env=st.dictionaries(st.text("ABC_", min_size=1), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6) | st.none(), max_size=3),
)  # fmt: skip
def test_a_good_document_comes_back_as_written(steps, ports, args, env):
    """Names, arguments and environment arrive unchanged, from a file as from a dict."""
    document: dict[str, Any] = {"source_dir": "scripts", "env": env, "steps": {}}
    for before, name in zip([None, *steps], steps, strict=False):
        inputs = {port: {"step": before, "port": port} for port in ports} if before else {}
        document["steps"][name] = {"script": "train.py", "inputs": inputs, "outputs": list(ports), "args": args}
    Path("p.yaml").write_text(as_yaml(document), encoding="utf-8")
    from_dict, from_file = answer(document), answer("p.yaml")
    assert isinstance(from_dict, Pipeline), from_dict
    assert isinstance(from_file, Pipeline), from_file
    assert from_dict.steps == from_file.steps
    assert list(from_file.steps) == steps
    assert all(
        step.args == args and step.env == env and tuple(step.outputs) == tuple(ports)
        for step in from_file.steps.values()
    )
