"""Environment and arguments: from which field each value comes, and how it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from cursus_rt_notebook.pipeline.cursus.variables import fields_of
from tests.pipeline.cursus.conftest import config, interface, notes


def _with(cursus, env, own=None, shared=None, **more):
    variables = {
        "required": [n for n, v in env.items() if v is None],
        "optional": {n: v for n, v in env.items() if v is not None},
    }
    cursus.interfaces["fit"] = interface("Fit", env_vars=variables, **more)
    cursus.config = config(shared, Fit=own or {}, Clean_training={})
    return cursus.load()


@pytest.mark.parametrize(
    ("default", "value", "text"),
    [
        ("", True, "true"),
        ("x", False, "false"),
        ("", 0.1, "0.1"),
        ("", 1e-5, "1e-05"),
        ("", 3, "3"),
        ("", "", ""),
        ("d", None, "d"),
        ("", ["a", 1], "a,1"),
        ("[]", ["a", None], '["a", null]'),
        ("{}", ["a"], '["a"]'),
        ("", {"a": [1]}, '{"a": [1]}'),
        ("", {"__type_info__": "tuple", "value": ["a", {"__type_info__": "path", "value": "/b"}]}, "a,/b"),
        ("", {"__type_info__": "enum", "enum_class": "x.Y", "value": "z"}, "z"),
    ],
)
def test_how_a_value_is_written(cursus, default, value, text):
    """By its type, and lists by the interface's own default; a field without a value is none."""
    assert _with(cursus, {"X": default}, {"x": value}).steps["Fit"].env == {"X": text}


def test_what_a_class_emits_beside_what_is_declared(cursus):
    """Its metrics, joined, if the configuration names some; of other step types the field is nothing."""
    wanted = {"eval_metric_choices": ["auroc", "f1_score"]}
    cursus.interfaces["fit"] = {**interface("XGBoostModelEval"), "step_type": "XGBoostModelEval"}
    cursus.dag = {"dag": {"nodes": ["Clean_training", "XGBoostModelEval_a", "XGBoostModelEval_b"], "edges": []}}
    cursus.config = config(XGBoostModelEval_a=wanted, XGBoostModelEval_b={}, Clean_training=wanted)
    steps = cursus.load().steps
    assert steps["XGBoostModelEval_a"].env == {"EVAL_METRIC_CHOICES": "auroc,f1_score"}
    assert steps["XGBoostModelEval_b"].env == steps["Clean_training"].env == {}


def test_which_field_counts():
    """The variable's name in lower case, then what classes call it; worked out before written."""
    assert fields_of("LABEL_FIELD") == ("effective_label_field", "label_field", "effective_label_name", "label_name")
    assert fields_of("EXCLUDE_COLUMNS")[:2] == ("effective_exclude_columns", "exclude_columns")
    assert "source_model_inference_content_types" in fields_of("CONTENT_TYPES")


def test_where_a_value_comes_from(cursus):
    """The step's own, then what all share, then the hyperparameters, then the interface; else somebody has to give it."""
    env = {"A": "a", "B": "b", "C": "c", "D": "d", "E": None, "ID_FIELD": None}
    own = {"a": 1, "hyperparameters": {"c": 3, "a": 9, "id_name": "k"}}
    pipeline = _with(cursus, env, own, shared={"a": 8, "b": 2})
    assert pipeline.steps["Fit"].env == {"A": "1", "B": "2", "C": "3", "D": "d", "E": None, "ID_FIELD": "k"}
    found = [f for f in pipeline.preflight() if f.message == "the variable E is required and has no value"]
    assert [f.step for f in found] == ["Fit"]


def test_what_is_written_for_the_step_comes_before_what_all_share(cursus):
    """Also where the two are called otherwise."""
    own, shared = {"label_name": "mine"}, {"label_field": "everybody's"}
    assert _with(cursus, {"LABEL_FIELD": ""}, own, shared).steps["Fit"].env["LABEL_FIELD"] == "mine"


def test_explicit_variables_come_last(cursus):
    """The field `env` of the configuration; null is to be given by somebody else."""
    env = _with(cursus, {"X": "x"}, {"x": 1, "env": {"X": 2, "Y": True, "TOKEN": None}}).steps["Fit"].env
    assert env == {"X": "2", "Y": "true", "TOKEN": None}


def test_packages_are_not_asked_for_safely_here(cursus):
    """Declared or only read by the script, in each case it is said."""
    cursus.text("fit.py", "import os\nos.environ.get('USE_SECURE_PYPI', 'true')\n")
    pipeline = _with(cursus, {})
    assert pipeline.steps["Fit"].env == {"USE_SECURE_PYPI": "false"}
    assert pipeline.steps["Clean_training"].env == {}
    (finding,) = (n for n in pipeline.notes if "USE_SECURE_PYPI" in n.message)
    assert finding.severity == "info"
    assert "for Fit;" in finding.fix
    declared = _with(cursus, {"USE_SECURE_PYPI": "true"}, {"use_secure_pypi": True})
    assert declared.steps["Fit"].env == {"USE_SECURE_PYPI": "false"}


def test_variables_that_production_makes_up(cursus):
    """Have no value here, and that is said."""
    pipeline = _with(cursus, {}, computed_env_paths={"WHERE_TO": ["a", "b"]})
    assert "warning: production makes up the variable WHERE_TO" in notes(pipeline, "Fit")[0]


def test_arguments(cursus):
    """Named after the flag, with the value of the field; what is not configured is not given."""
    flags = [
        ("--job_type", "job_type"),
        ("--batch-size", "n"),
        ("--deep", "deep"),
        ("--none", "none"),
        ("-v", "verbose"),
    ]
    declared = [{"flag": flag, "source": source} for flag, source in flags]
    own = {"n": 5, "deep": {"a": [1, {"__type_info__": "tuple", "value": [2]}]}, "verbose": True}
    step = _with(cursus, {}, own, job_arguments=declared).steps["Fit"]
    assert step.args == {"batch_size": 5, "deep": {"a": [1, [2]]}, "v": True}


def test_values_that_yaml_reads_as_numbers_are_kept_as_written(cursus):
    """A default of an interface is text, with or without quotes."""
    cursus.interfaces["fit"] = (
        "step_type: Fit\ncontract:\n  entry_point: fit.py\n  env_vars:\n    optional: {A: 1.10, B: 1e-5, C: true, D: 007}\n"
    )
    cursus.dag = {"nodes": ["Fit"], "edges": []}
    assert cursus.load().steps["Fit"].env == {"A": "1.10", "B": "1e-5", "C": "true", "D": "007"}
    assert isinstance(cursus.path, Path)
