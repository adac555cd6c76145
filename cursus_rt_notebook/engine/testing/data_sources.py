"""Where a test's data comes from: made up, a folder, an address, given by hand, or what the pipeline itself names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cursus_rt_notebook.data.synthetic.make import make_inputs, make_sources
from cursus_rt_notebook.data.synthetic.plan import Making
from cursus_rt_notebook.engine.testing.given import GIVEN, fetched, file_name, given_data, is_file
from cursus_rt_notebook.errors import InputMissing
from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.pipeline.addresses import is_address
from cursus_rt_notebook.pipeline.faults import listed, near
from cursus_rt_notebook.pipeline.model import FromAddress, FromPath, FromStep, Input, Pipeline, Step
from cursus_rt_notebook.workspace import remote
from cursus_rt_notebook.workspace.store import Workspace

SYNTHETIC: Final = "synthetic"
LOCAL: Final = "local"
REAL: Final = "real"
SCRIPT: Final = "script"  # the origin of what is made from no more than the columns that the script names
_MADE: Final = "synthetic"
_SOURCES: Final = 'give "synthetic", "local", "real", a folder, an s3:// address, or {port: data}'


@dataclass(frozen=True)
class Sourced:
    """The data of some inputs: where it lies, and where it came from in a word."""

    paths: Mapping[str, Path]
    origins: Mapping[str, str]


def label(source: Any) -> str:
    """A data source in a word, for results."""
    if isinstance(source, Mapping):
        return GIVEN
    return source if isinstance(source, str) else str(source)


def step_inputs(step: Step, pipeline: Pipeline, source: Any, workspace_dir: Path, making: Making) -> Sourced:
    """Data for every input of one step.

    Raises:
        InputMissing: the source is none, has no data for a required input, or has some for an input that there is not.
        DataError: data is to be made up, and nothing is known to make it from.
        RemoteUnavailable: the address cannot be read.
    """
    _check(source, step.inputs)
    real = _real_inputs(step, pipeline, workspace_dir)
    if _is(source, SYNTHETIC):
        folder = workspace_dir / _MADE / folder_name(step.name)
        made = make_inputs(step, pipeline, folder, making, samples=real.paths)
        return Sourced(made, made.sources)
    if _is(source, REAL):
        paths = {port: path for port, path in real.paths.items() if real.origins[port] == REAL}
        return _complete(step, paths, dict.fromkeys(paths, REAL), f"run {pipeline.name} first, in this workspace")
    return _given(step, real, source, workspace_dir)


def pipeline_inputs(
    pipeline: Pipeline, source: Any, workspace_dir: Path, making: Making
) -> Mapping[tuple[str, str], Path]:
    """Data for the inputs of a pipeline that no step feeds, by step and port; what the source has none for stays as it is.

    A mapping names them `port`, or `step.port` where one step is meant.

    Raises:
        DataError: data is to be made up, and nothing is known to make it from.
        RemoteUnavailable: the address cannot be read.
        InputMissing: the source is none, or has data for none of these inputs, or for one that is none of them.
    """
    own = {(step.name, port): s for step in pipeline.steps.values() for port, s in _own(step).items()}
    ports = list(dict.fromkeys(port for _, port in own))
    _check(source, ports)
    if _is(source, REAL):
        return {}
    if _is(source, SYNTHETIC):
        folder = workspace_dir / _MADE / folder_name(pipeline.name)
        return make_sources(pipeline, folder, making)
    if isinstance(source, Mapping):
        _refuse_strange(source, pipeline.name, [*ports, *(f"{step}.{port}" for step, port in own)], shown=ports)
    else:
        source = _folder(source, workspace_dir)
    found: dict[tuple[str, str], Path] = {}
    for step in pipeline.steps.values():
        given = _found(step, _own(step), source, workspace_dir)
        found |= {(step.name, port): path for port, path in given.items()}
    if not found:
        how = "give {port: data}" if isinstance(source, Mapping) else "give each a subfolder of its name"
        fix = f"they are {listed(ports)}: {how}" if ports else "the pipeline reads no data of its own"
        raise InputMissing(f"{label(source)} holds data for none of the pipeline's inputs", fix=fix)
    return found


def _is(source: Any, word: str) -> bool:
    return isinstance(source, str) and source == word  # a DataFrame would compare its cells


def _own(step: Step) -> dict[str, Input]:
    """The inputs that no step feeds."""
    return {port: each for port, each in step.inputs.items() if not isinstance(each, FromStep)}


def _check(source: Any, ports: Iterable[str]) -> None:
    if isinstance(source, (str, Path, Mapping)):
        return
    port = next(iter(ports), "port")
    fix = f"give {{{port!r}: data}}" if hasattr(source, "columns") else _SOURCES
    raise InputMissing(f"data cannot be taken from a value of type {type(source).__name__}", fix=fix)


def _refuse_strange(source: Mapping[Any, Any], name: str, known: Sequence[str], shown: Sequence[str]) -> None:
    """Refuse a mapping with data for an input that there is not: the test would run on other data than its author thinks."""
    strange = next((port for port in source if port not in known), None)
    if strange is None:
        return
    meant = near(str(strange), known)
    fix = f"did you mean {meant!r}? " if meant else ""
    fix += f"its inputs are {listed(shown)}" if shown else "it has no inputs"
    raise InputMissing(f"{name} has no input {strange!r} to give data to", fix=fix, ports=(str(strange),))


def _given(step: Step, real: Sourced, source: Any, workspace_dir: Path) -> Sourced:
    if isinstance(source, Mapping):
        ports = [*step.inputs]
        _refuse_strange(source, step.name, [*ports, *(f"{step.name}.{port}" for port in ports)], shown=ports)
        # What is not given by hand is taken as the pipeline has it; a folder is to hold all.
        found = _found(step, step.inputs, source, workspace_dir)
        origins = {**real.origins, **dict.fromkeys(found, label(source))}
        return _complete(step, {**real.paths, **found}, origins, "give it: {'PORT': data}")
    folder = _folder(source, workspace_dir)
    found = _found(step, step.inputs, folder, workspace_dir)
    return _complete(step, found, dict.fromkeys(found, label(source)), f"give it a subfolder PORT in {folder}")


def _complete(step: Step, paths: Mapping[str, Path], origins: Mapping[str, str], fix: str) -> Sourced:
    lacking = tuple(port for port, declared in step.inputs.items() if not declared.optional and port not in paths)
    if lacking:
        message = f"input {lacking[0]!r} of {step.name} has no data"
        raise InputMissing(message, fix=fix.replace("PORT", lacking[0]), step=step.name, ports=lacking)
    return Sourced(paths, origins)


def _found(
    step: Step, inputs: Mapping[str, Input], source: Path | Mapping[str, Any], workspace_dir: Path
) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for port, declared in inputs.items():
        if isinstance(source, Mapping):
            name = next((name for name in (f"{step.name}.{port}", port) if name in source), None)
            if name is not None:
                place = given_data(step, port, source[name], workspace_dir)
                found[port] = _as_declared(step, port, place, declared)
            continue
        places = (source / folder_name(step.name) / folder_name(port), source / folder_name(port), source / port)
        place = next((place for place in places if place.exists()), None)
        if place is not None:
            found[port] = _as_declared(step, port, place, declared)
    return found


def _folder(source: str | Path, workspace_dir: Path) -> Path:
    if is_address(source):
        return fetched(source, workspace_dir)
    folder = workspace_dir / LOCAL if source == LOCAL else Path(source).expanduser()
    if not folder.is_dir():
        fix = "make it, with a subfolder for each input" if source == LOCAL else _SOURCES
        raise InputMissing(f"there is no folder {folder.absolute()} to take data from", fix=fix)
    return folder.absolute()


def _as_declared(step: Step, port: str, place: Path, declared: Input) -> Path:
    """What a port's folder holds, as the pipeline gives that port: the folder, or the one file in it."""
    if not place.is_dir() or not is_file(declared):
        return place
    files = sorted(path for path in place.iterdir() if path.is_file() and not path.name.startswith("."))
    if len(files) < 2:
        return files[0] if files else place
    own = file_name(declared) if isinstance(declared, FromPath | FromAddress) else None
    named = [path for path in files if path.name == own]
    if not named:
        there = listed(path.name for path in files)
        message = f"input {port!r} of {step.name} is one file, and {place} holds {len(files)}: {there}"
        raise InputMissing(message, fix="leave only the one that is meant", step=step.name, ports=(port,))
    return named[0]


def synthetic_name(pipeline: Pipeline) -> str:
    """What a pipeline is called where it runs on made-up data."""
    return f"{pipeline.name} on {SYNTHETIC} data"


def _real_inputs(step: Step, pipeline: Pipeline, workspace_dir: Path) -> Sourced:
    """What is there of a step's own inputs: the user's files, and what the steps above it last wrote.

    Where they never ran on real data, what they wrote from made-up data; its origin says so.
    """
    found = {p: (s.path, REAL) for p, s in step.inputs.items() if isinstance(s, FromPath) and s.path.exists()}
    found |= {p: (_fetched(s, workspace_dir), REAL) for p, s in step.inputs.items() if isinstance(s, FromAddress)}
    fed = {p: s for p, s in step.inputs.items() if isinstance(s, FromStep)}
    if fed:
        workspace = Workspace.open(workspace_dir)
        try:
            for port, source in fed.items():
                names = {pipeline.name: REAL, synthetic_name(pipeline): SYNTHETIC}
                places = ((_newest(workspace, name, source), origin) for name, origin in names.items())
                newest = next(((place, origin) for place, origin in places if place is not None), None)
                if newest is not None:
                    found[port] = newest
        finally:
            workspace.close()
    return Sourced(
        {port: path for port, (path, _) in found.items()}, {port: origin for port, (_, origin) in found.items()}
    )


def _fetched(source: FromAddress, workspace_dir: Path) -> Path:
    folder = remote.kept_folder(workspace_dir, source.address, source.sample)
    remote.fetch(source.address, folder, sample=source.sample)
    return remote.brought(folder) or folder


def _newest(workspace: Workspace, pipeline: str, source: FromStep) -> Path | None:
    """What a step last wrote to a port in a pipeline of this name, and is still there."""
    keys = (record.key for record in workspace.journal.history(pipeline, source.step) if record.key)
    places = (workspace.artifact_dir(key, source.port) for key in keys)
    return next((place for place in places if place.exists()), None)
