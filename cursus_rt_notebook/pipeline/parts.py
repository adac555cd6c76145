"""Other pipelines out of one: on other data, one step by itself, some of its steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from cursus_rt_notebook.pipeline.model import FromPath, Pipeline, Step


def on_data(pipeline: Pipeline, paths: Mapping[tuple[str, str], Path]) -> Pipeline:
    """The pipeline with these files and folders as inputs, by step and port; its other inputs are as they were."""
    by_step: dict[str, dict[str, Path]] = {}
    for (name, port), path in paths.items():
        by_step.setdefault(name, {})[port] = path
    steps = {name: _fed(step, by_step.get(name, {})) for name, step in pipeline.steps.items()}
    return pipeline.altered(steps=steps)


def alone(pipeline: Pipeline, name: str, paths: Mapping[str, Path]) -> Pipeline:
    """A pipeline of one step, with these files and folders as its inputs; of others it has none."""
    step = _fed(pipeline.steps[name], paths)
    kept = {port: source for port, source in step.inputs.items() if port in paths}
    return pipeline.altered(steps={name: step.altered(inputs=kept, after=())}, breakpoints=())


def part(pipeline: Pipeline, names: Collection[str]) -> Pipeline:
    """Some steps of a pipeline, with all that they need among them."""
    return pipeline.altered(
        steps={name: step for name, step in pipeline.steps.items() if name in names}, breakpoints=()
    )


def _fed(step: Step, paths: Mapping[str, Path]) -> Step:
    fed = {
        port: FromPath(path=path, copy_files=step.inputs[port].copy_files, optional=step.inputs[port].optional)
        for port, path in paths.items()
    }
    return step.altered(inputs={**step.inputs, **fed}) if fed else step
