"""What lies at a script's inputs beside what the script expects there: by the schema of a port, else by what it reads."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.checks.compatibility import Level, worst
from cursus_rt_notebook.data.checks.validation import ValidationResult, validate
from cursus_rt_notebook.engine.edges import read_columns
from cursus_rt_notebook.errors import DataError
from cursus_rt_notebook.pipeline.contract import PortContract, ScriptContract


def compared(given: Mapping[str, Any], contract: ScriptContract, script: Path | None = None) -> ValidationResult:
    """How the data at a script's inputs compares with what it expects of them, all inputs together.

    Args:
        given: A path, an `Artifact` or a DataFrame for each input.
        contract: Whose schemas count.
        script: The script, for the columns that it reads by name where there is no schema.
    """
    with tempfile.TemporaryDirectory(prefix="cursus-compare-") as folder:
        found = [each for port, data in given.items() for each in _port(port, data, contract, script, Path(folder))]
    return _together(", ".join(given), found)


def _port(
    port: str, data: Any, contract: ScriptContract, script: Path | None, folder: Path
) -> Iterator[ValidationResult]:
    artifact = _artifact(port, data, folder)
    tables = _tables(artifact)
    if not tables:
        yield ValidationResult(port=port, messages=(f"{port} holds no one table to compare",))
        return
    declared = contract.inputs.get(port, PortContract())
    if declared.schema_file is not None:
        yield from (validate(table, schema=declared.schema_file) for table in tables)
        return
    expected = read_columns(script, port) if script else None
    results = [validate(table, expected) for table in tables] if expected else []
    # A script that reads several tables of a port finds its columns in one of them.
    yield min(results, key=lambda result: list(Level).index(result.level)) if results else ValidationResult(port=port)


def _artifact(port: str, data: Any, folder: Path) -> Artifact:
    if isinstance(data, Artifact):
        return data
    if isinstance(data, (str, Path)):
        return Artifact(data, port=port)
    path = folder / f"{len(list(folder.iterdir()))}.parquet"
    data.to_parquet(path)
    return Artifact(path, port=port)


def _tables(artifact: Artifact) -> list[Artifact]:
    """The artifact, or its channels, as far as each is one table."""
    parts = [artifact[channel] for channel in artifact.channels] or [artifact]
    return [part for part in parts if _is_table(part)]


def _is_table(artifact: Artifact) -> bool:
    try:
        return artifact.summary(rows=0) is not None
    except DataError:
        return False


def _together(name: str, found: Sequence[ValidationResult]) -> ValidationResult:
    if len(found) == 1:
        return found[0].model_copy(update={"port": name})
    return ValidationResult(
        port=name,
        level=worst(result.level for result in found),
        source=next((result.source for result in found if result.source), ""),
        place=next((result.place for result in found if result.place), ""),
        differences=tuple(one for result in found for one in result.differences),
        checks=tuple(one for result in found for one in result.checks),
        messages=tuple(dict.fromkeys(one for result in found for one in result.messages)),
        advice=tuple(dict.fromkeys(one for result in found for one in result.recommendations)),
    )
