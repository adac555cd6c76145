"""What flows between steps: outputs mapped to inputs, captured, compared with what their reader expects, and traced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.checks.validation import ValidationResult
from cursus_rt_notebook.data.files import is_hidden
from cursus_rt_notebook.data.kinds import TABLE_KINDS, mistaken
from cursus_rt_notebook.data.packing import PACKED_SUFFIXES
from cursus_rt_notebook.data.reader import get_reader
from cursus_rt_notebook.engine.testing.compared import compared
from cursus_rt_notebook.engine.testing.lineage import DataLineage, LineageEdge
from cursus_rt_notebook.engine.testing.results import ExecutionResult
from cursus_rt_notebook.errors import DataError, FormatMismatch, InputMissing, OutputsMissing, Unreadable
from cursus_rt_notebook.pipeline.contract import ScriptContract
from cursus_rt_notebook.pipeline.faults import near
from cursus_rt_notebook.settings import FILES_LOOKED_INTO
from cursus_rt_notebook.workspace.digest import digest_tree
from cursus_rt_notebook.workspace.folder import absolute_folder


class DataFlowManager:
    """Maps, captures, compares and traces the data of steps, outside of a run or after one.

    Args:
        workspace_dir: The folder below which relative paths are looked up.
    """

    def __init__(self, workspace_dir: str | Path) -> None:
        self.workspace_dir = absolute_folder(workspace_dir)
        self.data_lineage: list[LineageEdge] = []

    def setup_step_inputs(
        self, step_name: str, upstream_outputs: Mapping[str, Any], step_contract: ScriptContract
    ) -> dict[str, str]:
        """The path for each input that a step declares, among what the steps above it wrote.

        `upstream_outputs` maps ports to paths, `"step.port"` to paths, or steps to such mappings. An input takes the
        output of its own name; where there is none, and one output and one input are left, these two.

        Raises:
            InputMissing: a required input has no data, or nothing lies at its path; names what there is.
        """
        offered = dict(_offered(upstream_outputs))
        found: dict[str, tuple[str, Path]] = {}
        for port in step_contract.inputs:
            name = next((name for name in offered if name == port or name.rpartition(".")[2] == port), None)
            if name is not None:
                found[port] = name, offered[name]
        left = [port for port in step_contract.inputs if port not in found]
        spare = [name for name in offered if name not in {taken for taken, _ in found.values()}]
        if len(left) == len(spare) == 1:
            found[left[0]] = spare[0], offered[spare[0]]
        paths = {port: self._checked(step_name, port, *found[port]) for port in found}
        for port in step_contract.inputs:
            if port not in found and step_contract.inputs[port].required:
                raise _no_input(step_name, port, tuple(offered))
        self.data_lineage += [_edge(name, step_name, port, paths[port]) for port, (name, _) in found.items()]
        return {port: str(path) for port, path in paths.items()}

    def capture_step_outputs(self, step_name: str, output_paths: Mapping[str, str | Path]) -> dict[str, Any]:
        """What a step wrote to each port, as plain data.

        For each port `path`, `digest` (of the content), `bytes`, `files` (path, kind, size), and `tables`: for each
        channel (`""` where there are none) `rows`, `columns`, `schema` (a type a column) and `missing` (a share a column).

        Raises:
            OutputsMissing: nothing was written to a port; names all of them.
            FormatMismatch: a file is not what its name says, or cannot be read as the table that its name promises; names
                the file and its port, and says what it is.
        """
        paths = {port: self._absolute(path) for port, path in output_paths.items()}
        empty = tuple(port for port, path in paths.items() if not _holds_files(path))
        if empty:
            names = ", ".join(map(repr, empty))
            fix = "see which path the script writes to: it must lie under output_paths[port]"
            raise OutputsMissing(f"{step_name} wrote nothing to {names}", fix=fix, step=step_name, ports=empty)
        return {port: _captured(step_name, port, path) for port, path in paths.items()}

    def validate_data_compatibility(self, producer_output: Any, consumer_contract: ScriptContract) -> ValidationResult:
        """How what one step wrote compares with what another expects.

        `producer_output` is a path, an `Artifact` or a DataFrame for the consumer's only input, or a mapping from its
        inputs to these. What is expected is the pandera schema that the contract gives for the port.

        Raises:
            InputMissing: it is not for an input that the contract declares, or a required one has none.
        """
        return compared(self._by_port(producer_output, consumer_contract), consumer_contract)

    def create_data_lineage(self, execution_history: Sequence[ExecutionResult]) -> DataLineage:
        """Which data went from where to where in these executions, by the digests of what they read and wrote.

        An input whose digest no step wrote comes from a file of the user's, and is named by its path.
        """
        wrote = {
            data.digest: (result.step_name, port)
            for result in execution_history
            for port, data in result.outputs.items()
            if data.digest
        }
        edges: dict[LineageEdge, None] = {}
        for result in execution_history:
            for port, data in result.inputs.items():
                by_digest = wrote.get(data.digest, (data.path, ""))
                told = (data.producer, data.producer_port or "") if data.producer else by_digest
                edges[
                    LineageEdge(
                        producer=told[0],
                        producer_port=told[1],
                        consumer=result.step_name,
                        consumer_port=port,
                        digest=data.digest,
                    )
                ] = None
        return DataLineage(edges=tuple(edges))

    def _absolute(self, path: str | Path) -> Path:
        return Path(path) if Path(path).is_absolute() else (self.workspace_dir / path).absolute()

    def _checked(self, step: str, port: str, name: str, path: Path) -> Path:
        path = self._absolute(path)
        if path.exists() and (path.is_file() or _holds_files(path)):
            return path
        lack = "is empty" if path.exists() else "is missing"
        message = f"input {port!r} of {step} {lack}: {path}, from {name}"
        raise InputMissing(message, fix=f"see why nothing was written to {name}", step=step, ports=(port,))

    def _by_port(self, output: Any, contract: ScriptContract) -> dict[str, Any]:
        if isinstance(output, Mapping):
            given: dict[str, Any] = dict(output)  # pyright: ignore[reportUnknownArgumentType]
            strange = next((port for port in given if port not in contract.inputs), None)
            if strange is not None:
                raise _no_input(contract.entry_point, strange, tuple(contract.inputs), declared=False)
            lacking = next((p for p, said in contract.inputs.items() if said.required and p not in given), None)
            if lacking is not None:
                raise _no_input(contract.entry_point, lacking, tuple(given))
            return {port: self._located(each) for port, each in given.items()}
        if len(contract.inputs) != 1:
            ports = ", ".join(contract.inputs) or "none"
            message = (
                f"{contract.entry_point} has {len(contract.inputs)} inputs ({ports}), so which is meant is not known"
            )
            raise InputMissing(message, fix="give a mapping: {port: output}", ports=tuple(contract.inputs))
        return {next(iter(contract.inputs)): self._located(output)}

    def _located(self, output: Any) -> Any:
        return self._absolute(output) if isinstance(output, (str, Path)) else output


def _offered(outputs: Mapping[str, Any], above: str = "") -> list[tuple[str, Path]]:
    found: list[tuple[str, Path]] = []
    for name, value in outputs.items():
        full = f"{above}.{name}" if above else str(name)
        found += _offered(value, full) if isinstance(value, Mapping) else [(full, _path_of(value))]  # pyright: ignore[reportUnknownArgumentType]
    return found


def _path_of(value: Any) -> Path:
    return value.path if isinstance(value, Artifact) else Path(value)


def _no_input(step: str, port: str, there: tuple[str, ...], *, declared: bool = True) -> InputMissing:
    meant = near(port, there)
    listed = f"there is {', '.join(there)}" if there else "there is nothing"
    fix = f"did you mean {meant}?" if meant else listed
    message = f"input {port!r} of {step} has no data" if declared else f"{step} declares no input {port!r}"
    return InputMissing(message, fix=fix, step=step, ports=(port,))


def _edge(name: str, step: str, port: str, path: Path) -> LineageEdge:
    producer, _, output = name.rpartition(".")
    return LineageEdge(
        producer=producer or str(path), producer_port=output, consumer=step, consumer_port=port, digest=_digest(path)
    )


def _digest(path: Path) -> str:
    return digest_tree(path).digest


def _holds_files(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(found.is_file() for found in path.rglob("*")))


def _captured(step: str, port: str, path: Path) -> dict[str, Any]:
    artifact = Artifact(path, step=step, port=port)
    files = artifact.files
    for file in files[:FILES_LOOKED_INTO]:
        _check_name(step, port, file.path, path / file.path if path.is_dir() else path)
    tables = {
        channel or "": _table(artifact[channel] if channel else artifact) for channel in artifact.channels or (None,)
    }
    return {
        "path": str(path),
        "digest": _digest(path),
        "bytes": sum(file.size for file in files),
        "files": [asdict(file) for file in files],
        "tables": {channel: told for channel, told in tables.items() if told is not None},
    }


def _check_name(step: str, port: str, name: str, file: Path) -> None:
    is_instead = None if is_hidden(file.name) else mistaken(str(file))
    if is_instead is not None:
        unpacked = ", not packed" if file.suffix.lower() in PACKED_SUFFIXES and is_instead.packing is None else ""
        told = f"it is {is_instead.described}{unpacked}"
        message = f"{step} wrote {name} to {port!r}, which is not what its name says: {told}"
        raise _mismatch(step, port, file, message, "name it as what it is, or write it in the format of its name")


def _mismatch(step: str, port: str, file: Path, message: str, fix: str) -> FormatMismatch:
    return FormatMismatch(message, fix=fix, step=step, ports=(port,), path=str(file))


def _check_readable(step: str, port: str, artifact: Artifact) -> None:
    """Make sure that each file can be read that promises a table; JSON promises none."""
    for file in artifact.files[:FILES_LOOKED_INTO]:
        path = artifact.path / file.path if artifact.path.is_dir() else artifact.path
        if is_hidden(path.name) or file.kind not in TABLE_KINDS - {"json"}:
            continue
        try:
            get_reader().summary(path, rows=0)
        except Unreadable as error:
            message = f"{step} wrote {path.name} to {port!r}, which cannot be read: {error.message}"
            fix = error.fix or f"see where it is written: it is no whole {file.kind}"
            raise _mismatch(step, port, path, message, fix) from error


def _table(artifact: Artifact) -> dict[str, Any] | None:
    try:
        summary = artifact.summary(rows=0)
        if summary is None:
            return None
        schema = artifact.schema
    except DataError as error:
        _check_readable(artifact.step or "", artifact.port or "", artifact)
        return {"rows": None, "columns": None, "schema": {}, "missing": {}, "problem": error.message}
    return {
        "rows": summary.rows,
        "columns": summary.column_count,
        "schema": schema,
        "missing": {column.name: column.missing for column in summary.columns},
    }
