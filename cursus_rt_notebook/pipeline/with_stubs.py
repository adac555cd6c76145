"""Stand-ins for the steps of a pipeline, as a caller gives them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from cursus_rt_notebook.errors import InputMissing, NameUnknown, PipelineError
from cursus_rt_notebook.pipeline.addresses import check_address, is_address
from cursus_rt_notebook.pipeline.arguments import mapping_of
from cursus_rt_notebook.pipeline.faults import listed, near
from cursus_rt_notebook.pipeline.files import absolute, exists, working_directory
from cursus_rt_notebook.pipeline.model import NO_SCRIPT, Given, Pipeline, Step, Stub
from cursus_rt_notebook.pipeline.standin import is_table
from cursus_rt_notebook.pipeline.stubs import WORDS, places_below

_HOW: Final = (
    'give {OUTPUT: path, s3:// address, DataFrame or function}, a folder or address, "synthetic", "skip" or None'
)


def with_stubs(pipeline: Pipeline, stubs: Mapping[str, Any]) -> Pipeline:
    """The pipeline with other stand-ins, by step, in the forms that `Pipeline.with_stubs` tells.

    Raises:
        NameUnknown: there is no such step or output; names those that there are.
        PipelineError: the stand-in means nothing, or the step has no script that could run.
        InputMissing: there is nothing at a path.
    """
    steps = dict(pipeline.steps)
    for name, given in mapping_of("stubs", stubs, '{"STEP": {OUTPUT: PATH}} or {"STEP": "synthetic"}').items():
        if name not in steps:
            raise _unknown(f"there is no step {name!r} in {pipeline.name}", str(name), steps)
        steps[name] = steps[name].altered(stub=_stub(given, steps[name]))
    return pipeline.altered(steps=steps)


def _stub(given: Any, step: Step) -> Stub | None:
    match given:
        case Stub():
            return given
        case None if step.script == NO_SCRIPT:
            raise PipelineError(f"{step.name} has no script that could run", fix=_HOW)
        case None:
            return None
        case str() if given in WORDS:
            return Stub(kind=given)  # pyright: ignore[reportArgumentType]
        case Mapping() if given and not is_table(given):
            return Stub(kind="given", outputs={port: _data(port, data, step) for port, data in given.items()})
        case str() | os.PathLike():
            return Stub(kind="given", outputs=_all(given, step))
        case _ if len(step.outputs) == 1 and (is_table(given) or callable(given)):
            (port,) = step.outputs
            return Stub(kind="given", outputs={port: _data(port, given, step)})
        case _:
            raise PipelineError(f"{type(given).__name__} says not what stands in for {step.name}", fix=_HOW)


def _all(given: str | os.PathLike[str], step: Step) -> dict[str, Any]:
    """The outputs below one place, or the one output that it is."""
    place = _place(os.fspath(given), f"a stand-in for {step.name}", step)
    if isinstance(place, str) or any(exists(place / port) for port in step.outputs):
        return dict(places_below(place, step.outputs))
    if len(step.outputs) == 1:
        return dict.fromkeys(step.outputs, place)
    message = f"{place} holds none of the outputs of {step.name}"
    raise InputMissing(message, fix=f"put each under its name below it: {listed(step.outputs)}", step=step.name)


def _data(name: Any, data: Any, step: Step) -> Any:
    port, _, channel = str(name).partition("/")
    if port not in step.outputs:
        raise _unknown(f"{step.name} has no output {port!r}", port, step.outputs)
    channels = step.outputs[port].channels
    if channel and channels and channel not in channels:
        raise _unknown(f"{port} of {step.name} has no channel {channel!r}", channel, channels)
    if is_table(data):
        if channels and not channel:
            forms = ", ".join(f'"{port}/{each}": ...' for each in channels)
            raise PipelineError(f"{port} of {step.name} has channels, and one DataFrame is none", fix=f"give {forms}")
        return data.copy(deep=False)  # what its owner does to it from now on is done to a copy
    what = f"output {port!r} of {step.name}"
    if isinstance(data, Given):
        return data.altered(place=_place(os.fspath(data.place), what, step, optional=data.optional))
    if isinstance(data, Mapping) and set(data) <= {"path", "sample", "unpack"} and data.get("path"):
        place = _place(os.fspath(data["path"]), what, step, sample=data.get("sample"))
        return Given(place=place, sample=data.get("sample"), unpack=bool(data.get("unpack")))
    if isinstance(data, (str, os.PathLike)):
        return _place(os.fspath(data), what, step)
    if data is None or callable(data):
        return data
    fix = "give a path, an s3:// address, a DataFrame, or a function that makes one"
    raise PipelineError(f"{what}: a {type(data).__name__} is no data", fix=fix)


def _place(text: str, what: str, step: Step, *, optional: bool = False, sample: Any = None) -> Path | str:
    if is_address(text):
        check_address(text, what, sample)
        return text
    path = absolute(working_directory(), text)
    if not optional and not exists(path):
        raise InputMissing(f"{what}: there is nothing at {path}", fix=_HOW, step=step.name)
    return path


def _unknown(message: str, name: str, there: Iterable[str]) -> NameUnknown:
    meant = near(name, there)
    return NameUnknown(message, fix=f"did you mean {meant}?" if meant else f"there are {listed(there)}")
