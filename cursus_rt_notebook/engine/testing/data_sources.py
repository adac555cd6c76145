"""Where a test's data comes from: made up, a folder, an address, given by hand, or what the pipeline itself names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cursus_rt_notebook.data.synthetic.make import make_inputs, make_sources
from cursus_rt_notebook.engine.replacing import write_table
from cursus_rt_notebook.errors import InputMissing
from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.pipeline.faults import listed
from cursus_rt_notebook.pipeline.model import FromPath, FromStep, Pipeline, Step
from cursus_rt_notebook.pipeline.script_use import script_use
from cursus_rt_notebook.workspace import remote
from cursus_rt_notebook.workspace.store import Workspace

DataSource = "str | Path | Mapping[str, pd.DataFrame | str | Path]"
SYNTHETIC: Final = "synthetic"
LOCAL: Final = "local"
REAL: Final = "real"
_MADE, _FETCHED, _GIVEN = "synthetic", "fetched", "given"


@dataclass(frozen=True)
class Making:
    """How data is made up: rows a table, the seed, one of the scenarios."""

    rows: int = 1_000
    seed: int = 0
    scenario: str = "standard"


@dataclass(frozen=True)
class Sourced:
    """The data of some inputs: where it lies, and where it came from in a word."""

    paths: Mapping[str, Path]
    origins: Mapping[str, str]


def label(source: Any) -> str:
    """A data source in a word, for results."""
    if isinstance(source, Mapping):
        return _GIVEN
    return source if isinstance(source, str) else str(source)


def step_inputs(step: Step, pipeline: Pipeline, source: Any, workspace_dir: Path, making: Making) -> Sourced:
    """Data for every input of one step.

    Raises:
        InputMissing: the source has none for a required input.
        NothingKnown: data is to be made up, and nothing is known to make it from.
        RemoteUnavailable: the address cannot be read.
    """
    real = _real_inputs(step, pipeline, workspace_dir)
    if source == SYNTHETIC:
        folder = workspace_dir / _MADE / folder_name(step.name)
        made = make_inputs(
            step, pipeline, folder, rows=making.rows, seed=making.seed, scenario=making.scenario, samples=real
        )
        return Sourced(made, made.sources)
    if source == REAL:
        return _complete(step, real, dict.fromkeys(real, REAL), f"run {pipeline.name} first")
    return _given(step, real, source, workspace_dir)


def pipeline_inputs(
    pipeline: Pipeline, source: Any, workspace_dir: Path, making: Making
) -> Mapping[tuple[str, str], Path]:
    """Data for the inputs of a pipeline that no step feeds, by step and port; what the source has none for stays as it is.

    Raises:
        NothingKnown: data is to be made up, and nothing is known to make it from.
        RemoteUnavailable: the address cannot be read.
        InputMissing: the source has data for none of these inputs.
    """
    if source == REAL:
        return {}
    if source == SYNTHETIC:
        folder = workspace_dir / _MADE / folder_name(pipeline.name)
        return make_sources(pipeline, folder, rows=making.rows, seed=making.seed, scenario=making.scenario)
    found: dict[tuple[str, str], Path] = {}
    for step in pipeline.steps.values():
        own = {port: each for port, each in step.inputs.items() if isinstance(each, FromPath)}
        given = _found(step, own, source, workspace_dir)
        found |= {(step.name, port): path for port, path in given.items()}
    if not found:
        ports = listed(
            {port for step in pipeline.steps.values() for port, s in step.inputs.items() if isinstance(s, FromPath)}
        )
        raise InputMissing(f"{label(source)} holds data for none of the pipeline's inputs", fix=f"they are {ports}")
    return found


def _given(step: Step, real: Mapping[str, Path], source: Any, workspace_dir: Path) -> Sourced:
    found = _found(step, step.inputs, source, workspace_dir)
    where = (
        f"a subfolder {{port}} in {_folder(source, workspace_dir)}"
        if not isinstance(source, Mapping)
        else "{port}: data"
    )
    # What is not given by hand is taken as the pipeline has it; a folder is to hold all.
    paths = {**real, **found} if isinstance(source, Mapping) else found
    origins = {port: label(source) if port in found else REAL for port in paths}
    return _complete(step, paths, origins, f"give it {where}")


def _complete(step: Step, paths: Mapping[str, Path], origins: Mapping[str, str], fix: str) -> Sourced:
    lacking = tuple(port for port, declared in step.inputs.items() if not declared.optional and port not in paths)
    if lacking:
        message = f"input {lacking[0]!r} of {step.name} has no data"
        raise InputMissing(message, fix=fix.replace("{port}", lacking[0]), step=step.name, ports=lacking)
    return Sourced(paths, origins)


def _found(step: Step, inputs: Mapping[str, FromPath | FromStep], source: Any, workspace_dir: Path) -> dict[str, Path]:
    if isinstance(source, Mapping):
        return {port: _written(step, port, source[port], workspace_dir) for port in inputs if port in source}
    folder = _folder(source, workspace_dir)
    found: dict[str, Path] = {}
    for port, declared in inputs.items():
        for place in (folder / folder_name(step.name) / folder_name(port), folder / folder_name(port), folder / port):
            if place.exists():
                found[port] = _as_declared(place, declared)
                break
    return found


def _folder(source: str | Path, workspace_dir: Path) -> Path:
    if remote.is_remote(source):
        address = str(source)
        kept = workspace_dir / _FETCHED / hashlib.sha256(address.encode()).hexdigest()[:16]
        return remote.fetch(address, kept)
    folder = workspace_dir / LOCAL if source == LOCAL else Path(source)
    if not folder.is_dir():
        fix = 'give "synthetic", "local", "real", a folder, an s3:// address, or {port: data}'
        raise InputMissing(f"there is no folder {folder.absolute()} to take data from", fix=fix)
    return folder.absolute()


def _as_declared(place: Path, declared: FromPath | FromStep) -> Path:
    """The only file of a port's folder, where the pipeline gives that port a file."""
    if isinstance(declared, FromStep) or not declared.path.is_file() or not place.is_dir():
        return place
    files = [path for path in place.iterdir() if path.is_file() and not path.name.startswith(".")]
    return files[0] if len(files) == 1 else place


def _written(step: Step, port: str, data: Any, workspace_dir: Path) -> Path:
    if isinstance(data, (str, Path)):
        path = Path(data).absolute()
        if not path.exists():
            message = f"input {port!r} of {step.name}: there is nothing at {path}"
            raise InputMissing(message, fix="mend the path", step=step.name, ports=(port,))
        return path
    declared = step.inputs.get(port)
    file = declared.path.name if isinstance(declared, FromPath) and declared.path.is_file() else ""
    folder = workspace_dir / _GIVEN / folder_name(step.name) / folder_name(port)
    target = folder / (file or _file_read(step, port))
    target.parent.mkdir(parents=True, exist_ok=True)
    write_table(data, target)
    return target if file else folder


def _file_read(step: Step, port: str) -> str:
    """The file below a port that the script reads; `data.csv` where its text does not tell."""
    used = script_use(step.script).inputs.get(port)
    patterns = [file.pattern for file in used.files if file.pattern] if used else []
    return next((pattern.replace("*", "data") for pattern in patterns), "data.csv")


def synthetic_name(pipeline: Pipeline) -> str:
    """What a pipeline is called where it runs on made-up data."""
    return f"{pipeline.name} on {SYNTHETIC} data"


def _real_inputs(step: Step, pipeline: Pipeline, workspace_dir: Path) -> dict[str, Path]:
    """What is there of a step's own inputs: the user's files, and what the steps above it last wrote.

    Where they never ran on real data, what they wrote from made-up data.
    """
    found = {p: s.path for p, s in step.inputs.items() if isinstance(s, FromPath) and s.path.exists()}
    fed = {p: s for p, s in step.inputs.items() if isinstance(s, FromStep)}
    if fed:
        workspace = Workspace.open(workspace_dir)
        try:
            for port, source in fed.items():
                names = (pipeline.name, synthetic_name(pipeline))
                history = (record for name in names for record in workspace.journal.history(name, source.step))
                keys = (record.key for record in history if record.key)
                places = (workspace.artifact_dir(key, source.port) for key in keys)
                newest = next((place for place in places if place.exists()), None)
                if newest is not None:
                    found[port] = newest
        finally:
            workspace.close()
    return found
