"""Bindings kept with a pipeline."""

from __future__ import annotations

from cursus_rt_notebook.pipeline.bindings import Binding, Candidate, Parts
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import Pipeline
from tests.pipeline.conftest import small


def _binding() -> Binding:
    weighed = Parts(type=0.4, data_type=0.2, name=0.25)
    chosen = Candidate("extract", "flights", weighed.score, weighed, "x", "Extract", "processing_output", "flights")
    return Binding("train", "x", required=True, chosen=chosen, candidates=(chosen,), sources=("Extract",))


def test_bindings_live_through_a_dump(folder):
    """A recorded run is read from one."""
    pipeline = load_pipeline(small()).altered(bindings=(_binding(),))
    assert Pipeline.model_validate(pipeline.model_dump(mode="json")).bindings == (_binding(),)
    assert Pipeline.model_validate_json(pipeline.model_dump_json()).bindings == (_binding(),)


def test_bindings_do_not_make_a_pipeline_another(folder):
    """Two that run alike are equal, whatever was weighed for them."""
    pipeline = load_pipeline(small())
    assert pipeline.altered(bindings=(_binding(),)) == pipeline
