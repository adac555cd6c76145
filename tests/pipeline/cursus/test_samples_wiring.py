"""What is said of the wiring of each sample graph: every odd binding once, and nothing of those that are meant."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.pipeline.cursus.load import load_cursus
from cursus_rt_notebook.pipeline.preflight.bound import wiring_notes
from tests.samples import DAGS, SAMPLES, needs_samples

pytestmark = needs_samples

# Ports that are bound to what they do not mean, by the type of the step, and those that nothing feeds.
ODD = {
    "TabularPreprocessing.DATA_SECONDARY": "METADATA",
    "Payload.custom_payload_input": "evaluation_output",
    "RiskTableMapping.model_artifacts_input": "model_artifacts_output",
    "FeatureSelection.model_artifacts_input": "model_artifacts_output",
}
NEAR = "Package.calibration_model"
OPEN = {"DummyDataLoading.INPUT_DATA", "XGBoostModelInference.model_input", "XGBoostModelInference.processed_data"}


def _load(dag):
    return load_cursus(dag, interfaces=SAMPLES / "interfaces")


@pytest.mark.parametrize("dag", DAGS, ids=lambda dag: dag.name)
def test_only_what_is_odd_near_or_open_is_told(dag):
    """Each with the score, and what to write for `load_cursus` and in YAML."""
    pipeline = _load(dag)
    for note in wiring_notes(pipeline):
        name = f"{note.step.partition('_')[0]}.{note.port}"
        if note.severity == "error":
            assert name in OPEN
            assert f'pipeline.with_inputs({{"{note.step}.{note.port}": PATH}})' in note.fix
            continue
        assert name == NEAR or f".{ODD[name]} (0." in note.message
        assert f'wiring={{"{note.step}.{note.port}": None}} of load_cursus, or no {note.port} in YAML' in note.fix


def test_the_wrong_one_of_two_is_told():
    """Two outputs that score the same, of which the first declared is taken, and the other is what was meant."""
    pipeline = _load(SAMPLES / "dags" / "training_with_preprocessing.dag.json")
    (note,) = (note for note in wiring_notes(pipeline) if note.step == "RiskTableMapping_evaluation")
    meant = "RiskTableMapping_training.model_artifacts_output"
    assert "is fed by MissingValueImputation_evaluation.model_artifacts_output (0.81)" in note.message
    assert f"{meant} scores the same, and only comes later" in note.message
    assert note.fix.startswith(
        f'take the other: wiring={{"RiskTableMapping_evaluation.model_artifacts_input": "{meant}"}}'
    )


def test_following_the_advice_ends_it():
    """Left unbound, or said to be meant: nothing is told any more, and nothing else is wired otherwise."""
    dag = SAMPLES / "dags" / "complete_e2e.dag.json"
    before = _load(dag)
    advice = {f"{note.step}.{note.port}": None for note in wiring_notes(before)}
    assert len(advice) == 3
    advice["Payload.custom_payload_input"] = "XGBoostTraining.evaluation_output"
    after = load_cursus(dag, interfaces=SAMPLES / "interfaces", wiring=advice)
    assert not [*wiring_notes(after)]
    fed = [
        {binding.name: binding.chosen and binding.chosen.name for binding in one.bindings} for one in (before, after)
    ]
    assert {name for name in fed[0] if fed[0][name] != fed[1][name]} == {
        name for name in advice if advice[name] is None
    }
