"""Graphs, configurations and interfaces that are wrong: each a clear error with its place, soon, and nothing is run."""

from __future__ import annotations

import time

import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.cursus.load import load_cursus
from tests.pipeline.cursus.conftest import config, interface

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefg", "bcdefgh", strict=True)
)
CYCLE = {"dag": {"nodes": ["Clean_a", "Fit"], "edges": [["Clean_a", "Fit"], ["Fit", "Clean_a"]]}}
UNKNOWN = {"dag": {"nodes": ["Claen_training", "Fit"], "edges": [["Claen_training", "Fit"]]}}
WRONG_TYPES = {"dag": {"nodes": ["Fit", 3, "Fit"], "edges": [["Fit"], ["Fit", "Ftt"], "Fit"]}}

# What is wrong, then the parts of what is said: line, message, remedy.
CASES = {
    "dag cut off": ({"dag": '{"dag": {"nodes": ["Fit"'}, [(1, "is no JSON: it ends too early", "is the file whole?")]),
    "dag empty": ({"dag": ""}, [(1, "is empty", "")]),
    "dag of two megabytes of nesting": (
        {"dag": "[" * 2_000_000},
        [(1, "nested deeper than 50 levels", "is this a graph?")],
    ),
    "dag deep but whole": ({"dag": '{"a":' * 60 + "1" + "}" * 60}, [(1, "nested deeper than 50 levels", "")]),
    "dag in UTF-16": ({"dag": '{"dag": {}}'.encode("utf-16")}, [(None, "is UTF-16 text", "save it as UTF-8")]),
    "dag with a comment": ({"dag": '{\n// a\n"dag": 1}'}, [(2, "at column 1", "JSON has no comments")]),
    "dag with a comma too many": ({"dag": '{"dag": {"nodes": ["Fit",]}}'}, [(1, "is no JSON", "take away the comma")]),
    "dag with single quotes": ({"dag": "{'dag': 1}"}, [(1, "is no JSON", "double quotes only")]),
    "dag as Python prints it": ({"dag": '{"dag": None}'}, [(1, "is no JSON", "null, true and false")]),
    "dag twice over": ({"dag": "{}{}"}, [(1, "extra data", "take away what stands after the end")]),
    "key that is there twice": (
        {"dag": '{"dag": {"nodes": ["Fit"],\n"nodes": ["Fit"]}}'},
        [(2, "is there twice", "the last would count")],
    ),
    "configuration that holds a key twice, in the depth": (
        {"config": '{"configuration": {"specific": {"Fit": {"a": {"b": {"c": {"d": 1, "d": 2}}}}}}}'},
        [(None, "is there twice", "take one of them away")],
    ),
    "dag without nodes": ({"dag": {"dag": {"edges": []}}}, [(2, "has no nodes", '"nodes": ["A", "B"]')]),
    "dag that is a list": ({"dag": "[1, 2]"}, [(1, "is a list, not a graph", '"nodes"')]),
    "dag of wrong types": (
        {"dag": WRONG_TYPES},
        [
            (5, "node 3 is int, not text", "quote it"),
            (6, "node 'Fit' is there twice", "take one of them away"),
            (9, "is a list, not two nodes", '["BEFORE", "AFTER"]'),
            (12, "names 'Ftt', which is no node", "write 'Fit'"),
            (16, "is text, not two nodes", ""),
        ],
    ),
    "cycle": ({"dag": CYCLE}, [(8, "steps wait for each other: Clean_a -> Fit -> Clean_a", "take away one of")]),
    "unknown step type": ({"dag": UNKNOWN}, [(4, "'Claen_training' is no step type", "did you mean 'Clean'?")]),
    "configuration cut off": ({"config": '{"configuration": {\n"specific": {"Fit'}, [(2, "it ends too early", "")]),
    "configuration without one": ({"config": "{}"}, [(None, "has no configuration", '"specific"')]),
    "configuration of wrong types": (
        {"config": {"configuration": {"shared": [], "specific": {"Fit": "x", "Clean_training": {}}}}},
        [(3, "is a list, not a mapping", ""), (5, "is text, not a mapping", "NAME: VALUE")],
    ),
    "configuration with a huge number": ({"config": '{"configuration": ' + "9" * 5000 + "}"}, [(None, "digits", "")]),
    "interface with a tag": (
        {"fit": "step_type: Fit\ncontract: !!python/object/apply:os.system {entry_point: fit.py}\n"},
        [(2, "the tag '!!python/object/apply:os.system' is not read", "take it away")],
    ),
    "interface that is a bomb": ({"fit": f"step_type: Fit\n{BOMB}"}, [(None, "holds more than 200,000 values", "")]),
    "interface without contract": ({"fit": "step_type: Fit\nspec: {}\n"}, [(1, "has no contract", "is this a step's")]),
    "interface of wrong types": (
        {
            "fit": "step_type: Fit\ncontract:\n  entry_point: [a]\n  inputs: [x]\n  env_vars:\n    required: X\n  job_arguments:\n  - {source: y}\n"
        },
        [
            (3, "is a list, not text", "write entry_point: script.py"),
            (4, "is a list, not a mapping", ""),
            (6, "is text, not a list", "write required: [NAME, NAME]"),
            (8, "names no flag", "--job_type"),
        ],
    ),
    "interface cut off": (
        {"fit": "step_type: Fit\ncontract: {inputs: {\n"},
        [(None, "is not YAML", "close what is open")],
    ),
    "two interfaces of one type": ({"fit2": interface("Fit")}, [(1, "is a second interface of 'Fit'", "take one")]),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_said(cursus, name):
    """Each fault has its file, line and remedy."""
    wrong, expected = CASES[name]
    cursus.text("clean.py")
    cursus.text("fit.py")
    for kind, content in wrong.items():
        if kind == "dag":
            cursus.dag = content
        elif kind == "config":
            cursus.config = content
        else:
            cursus.interfaces[kind] = content
    began = time.perf_counter()
    faults = cursus.faults()
    print(f"{name}: {time.perf_counter() - began:.3f} s")
    assert len(faults) == len(expected), faults
    for fault, (line, message, fix) in zip(faults, expected, strict=True):
        assert message in fault.message
        assert fix in fault.fix
        assert line is None or fault.line == line
        assert fault.file is not None
    assert not (cursus.path / "ran").exists()


def test_faults_of_all_three_files_are_told_together(cursus):
    """And those of the call: one error for all."""
    cursus.dag = {"dag": {"nodes": ["Clean_training", "Fit"], "edges": [["Clean_training", "Fot"]]}}
    cursus.config = {"configuration": {"specific": {"Fit": 3}}}
    cursus.interfaces["fit"] = "step_type: Fit\ncontract: 3\n"
    faults = cursus.faults(inputs={"Clean_training.DTA": "p.dag.json"}, entry="mian")
    files = [fault.file and fault.file.rpartition("/")[2] for fault in faults]
    assert sorted(str(file) for file in files) == ["None", "None", "config.json", "fit.step.yaml", "p.dag.json"]


def test_two_files_that_cannot_be_read_are_told_together(cursus):
    """Nothing hides behind the first."""
    cursus.dag = "{"
    cursus.config = "["
    faults = cursus.faults(interfaces="nowhere")
    assert {fault.file.rpartition("/")[2] for fault in faults if fault.file} >= {"p.dag.json", "config.json"}


def test_a_file_that_is_too_large_is_not_read(cursus):
    """It is said so."""
    cursus.dag = " " * (settings.PIPELINE_BYTES + 1)
    (fault,) = cursus.faults()
    assert "is larger than 4 MiB" in fault.message


@pytest.mark.parametrize("dag", [3, None, object(), {"dag": {"nodes": []}}, {"nodes": {}, "edges": 3}])
def test_what_is_no_graph(cursus, dag):
    """Neither by its type nor by what is in it."""
    cursus.write()
    with pytest.raises(PipelineError) as caught:
        load_cursus(dag, interfaces=cursus.path / "steps")
    assert caught.value.faults


@pytest.mark.parametrize("interfaces", [5, object(), [None], {"Fit": 1}, {"step_type": 5, "contract": {}}, b"Fit"])
def test_what_is_no_interface(cursus, interfaces):
    """Is said once, not of every node that has none for it."""
    faults = cursus.faults(interfaces=interfaces)
    assert {fault.place for fault in faults} == {"interfaces"}


def test_a_folder_without_interfaces_is_told_once(cursus):
    """What follows from it for each node is not."""
    (cursus.path / "empty").mkdir()
    (fault,) = cursus.faults(interfaces=cursus.path / "empty")
    assert "holds no *.step.yaml" in fault.message


def test_thousands_of_unknown_steps_are_told_soon(cursus):
    """After a hundred nobody looks for what was meant."""
    cursus.dag = {"dag": {"nodes": [f"Fit{number}" for number in range(5_000)], "edges": []}}
    began = time.process_time()
    faults = cursus.faults()
    assert len(faults) == 5_000
    print(f"{time.process_time() - began:.2f} s of processor time")


def test_a_mapping_that_holds_itself(cursus):
    """Is nested too deep."""
    whole = config(Fit={})
    whole["configuration"]["shared"]["self"] = whole
    cursus.write()
    with pytest.raises(PipelineError, match="nested deeper"):
        load_cursus(cursus.path / "p.dag.json", whole, cursus.path / "steps")


@pytest.mark.parametrize(
    ("keywords", "place", "message"),
    [
        ({"inputs": {"Clean.DATA": "p.dag.json"}}, "inputs['Clean.DATA']", "names no port"),
        ({"inputs": {"Clean_training.DATA": "nothing"}}, "inputs['Clean_training.DATA']", "there is no file"),
        ({"inputs": {"Clean_training.DATA": 3}}, "inputs['Clean_training.DATA']", "is a number, not a path"),
        ({"inputs": ["p.dag.json"]}, "inputs", "is a list, not a mapping"),
        ({"wiring": 5}, "wiring", "is a number, not a mapping"),
        ({"stubs": "skip"}, "stubs", "is text, not a mapping"),
        ({"source_dirs": 5}, "source_dirs[0]", "is a number, not a folder"),
        ({"source_dirs": [None]}, "source_dirs[0]", "is nothing, not a folder"),
        ({"wiring": {"Fit.DATA": "Clean_training"}}, "wiring['Fit.DATA']", "names no port"),
        ({"inputs": {"Clean_training.nope": "p.dag.json"}}, "inputs['Clean_training.nope']", "has no such input"),
        ({"wiring": {"Fit.DATA": "Clean_training.outt"}}, "wiring['Fit.DATA']", "names no port"),
        ({"wiring": {"Fit.DAT": None}}, "wiring['Fit.DAT']", "names no port"),
        ({"entry": "both"}, "entry", "is 'both'"),
        ({"entry": {"Fitt": "script"}}, "entry.Fitt", "there is no step 'Fitt'"),
    ],
)
def test_what_is_wrong_in_the_call(cursus, keywords, place, message):
    """Is a fault like any other, with its place."""
    (fault,) = cursus.faults(**keywords)
    assert (fault.place, message in fault.message) == (place, True)
