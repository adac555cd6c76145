"""Other pipelines out of one: on other data, one step by itself, some of its steps."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from cursus_rt_notebook.errors import InputMissing, NameUnknown, PipelineError
from cursus_rt_notebook.pipeline.addresses import check_address, is_address
from cursus_rt_notebook.pipeline.arguments import mapping_of
from cursus_rt_notebook.pipeline.faults import listed, near
from cursus_rt_notebook.pipeline.files import absolute, exists, working_directory
from cursus_rt_notebook.pipeline.model import FromAddress, FromPath, Input, Pipeline, Step


def on_data(pipeline: Pipeline, paths: Mapping[tuple[str, str], Path]) -> Pipeline:
    """The pipeline with these files and folders as inputs, by step and port; its other inputs are as they were."""
    by_step: dict[str, dict[str, Path]] = {}
    for (name, port), path in paths.items():
        by_step.setdefault(name, {})[port] = path
    steps = {name: _fed(step, by_step.get(name, {})) for name, step in pipeline.steps.items()}
    return pipeline.altered(steps=steps)


def with_inputs(pipeline: Pipeline, inputs: Mapping[str, Any]) -> Pipeline:
    """The pipeline with these files, folders and addresses as inputs, each named `STEP.PORT`.

    Raises:
        PipelineError: an address is none, or holds credentials; or something is no path.
        NameUnknown: there is no such step or port; names the inputs that there are.
        InputMissing: there is nothing at a path.
    """
    there = {f"{name}.{port}": (name, port) for name, step in pipeline.steps.items() for port in step.inputs}
    steps = dict(pipeline.steps)
    for written, place in mapping_of("inputs", inputs, '{"STEP.PORT": PATH}').items():
        if written not in there:
            meant = near(str(written), there)
            fix = f"did you mean {meant}?" if meant else f"there are {listed(there)}"
            raise NameUnknown(f"there is no input {written!r} in {pipeline.name}", fix=fix)
        name, port = there[written]
        steps[name] = steps[name].altered(inputs={**steps[name].inputs, port: _given(steps[name], port, place)})
    return pipeline.altered(steps=steps)


def _given(step: Step, port: str, place: Any) -> Input:
    """What feeds an input that a caller gives."""
    what, fix = f"input {port!r} of {step.name}", "give the path of a file or folder, or an s3:// address"
    said: Any = {"path": place} if isinstance(place, (str, os.PathLike)) else place
    if not (isinstance(said, Mapping) and isinstance(said.get("path"), (str, os.PathLike))):
        raise PipelineError(f"{what}: a {type(place).__name__} is no path", fix=fix)
    kept = {key: getattr(step.inputs[port], key) for key in ("copy_files", "optional", "schema_file")}
    text = os.fspath(said["path"])
    if is_address(text):
        check_address(text, what, said.get("sample"))
        return FromAddress(address=text, sample=said.get("sample"), **kept)
    path = absolute(working_directory(), text)
    if not text or not exists(path):
        raise InputMissing(f"{what}: there is nothing at {path}", fix=fix, step=step.name, ports=(port,))
    return FromPath(path=path, **kept)


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
