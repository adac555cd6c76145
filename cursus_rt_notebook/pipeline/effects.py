"""What becomes of what steps do beyond their own folders: as the pipeline, its steps and the caller say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.model import Effects, Pipeline

MODES: tuple[str, ...] = get_args(Effects)


def mode_of(pipeline: Pipeline, step: str) -> Effects:
    """What holds for a step: its own word, else the pipeline's."""
    return pipeline.steps[step].effects or pipeline.effects


def with_effects(pipeline: Pipeline, given: str | Mapping[str, Any] | None) -> Pipeline:
    """The pipeline with what the caller says of effects.

    Args:
        pipeline: As it is written.
        given: A mode for the steps that say nothing themselves, or a mapping of steps to modes, whatever they say.

    Raises:
        PipelineError: there is no such mode, or no such step.
    """
    if given is None:
        return pipeline
    if not isinstance(given, Mapping):
        return pipeline.model_copy(update={"effects": _mode(given, "effects")})
    unknown = [str(name) for name in given if name not in pipeline.steps]
    if unknown:
        message = f"effects= names no step of the pipeline: {', '.join(map(repr, unknown))}"
        raise PipelineError(message, fix=f"the steps are {', '.join(pipeline.steps)}")
    modes = {name: _mode(mode, f"effects[{name!r}]") for name, mode in given.items()}
    steps = {
        name: step.model_copy(update={"effects": modes[name]}) if name in modes else step
        for name, step in pipeline.steps.items()
    }
    return pipeline.model_copy(update={"steps": steps})


def _mode(given: Any, place: str) -> str:
    if given not in MODES:
        modes = ", ".join(map(repr, MODES))
        raise PipelineError(f"{place} is {given!r}, which is no mode", fix=f"give one of {modes}")
    return str(given)
