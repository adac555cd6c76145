"""Any pipeline as the document that our own YAML format has for it: what is loaded from it is equal."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.arguments import path_of
from cursus_rt_notebook.pipeline.files import absolute, exists, is_folder, working_directory
from cursus_rt_notebook.pipeline.model import (
    NO_SCRIPT,
    Breaker,
    Checks,
    FromAddress,
    FromPath,
    FromStep,
    Given,
    Input,
    Output,
    Pipeline,
    Retry,
    Step,
    Stub,
)
from cursus_rt_notebook.pipeline.packages import NotInPackage, find_in_package
from cursus_rt_notebook.pipeline.yaml_text import KeyPath, yaml_text

_HOW = 'save it to a file: pipeline.with_stubs({{"{step}": {{"{port}": "FILE.csv"}}}})'


def to_yaml(pipeline: Pipeline, path: str | os.PathLike[str] | None = None) -> str:
    """The text of the pipeline's YAML document, which is also written to `path`, if given.

    Paths below the folder of `path` are relative to it; without `path` all are absolute.

    Raises:
        PipelineError: a stub's data is a DataFrame or a function, which no text can hold; or the file cannot be written.
    """
    file = None if path is None else absolute(working_directory(), path_of("path", path))
    writer = _Writer(pipeline, file.parent if file else None)
    text = yaml_text(writer.document(), writer.comments())
    if file is not None:
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise PipelineError(f"{file} cannot be written: {error.strerror}", fix="name a file in a folder") from None
    return text


@dataclass(frozen=True)
class _Writer:
    pipeline: Pipeline
    folder: Path | None

    @cached_property
    def source_dir(self) -> Path:
        """The source folder of most steps, which the others name themselves."""
        scripts = (step for step in self.pipeline.steps.values() if step.script != NO_SCRIPT)
        there = (step.source_dir for step in scripts if is_folder(step.source_dir))
        most = Counter(there).most_common(1)
        return most[0][0] if most else self.folder or Path("/")

    def document(self) -> dict[str, Any]:
        """The document in plain values."""
        head = {
            "name": self.pipeline.name,
            "source_dir": self.path(self.source_dir),
            "effects": self.pipeline.effects if self.pipeline.effects != "record" else None,
            "steps": {name: self.step(step) for name, step in self.pipeline.steps.items()},
            "breakpoints": list(self.pipeline.breakpoints),
            "checks": _checks(self.pipeline.checks),
        }
        return _filled(head)

    def comments(self) -> dict[KeyPath, str]:
        """What a rule scored each input, by its place."""
        return {
            ("steps", binding.step, "inputs", binding.port): f"{binding.chosen.score:.2f} by the wiring rule"
            for binding in self.pipeline.bindings
            if binding.chosen is not None and not binding.explicit
        }

    def step(self, step: Step) -> dict[str, Any]:
        written = {
            **self.script(step),
            "entry": step.entry if step.entry != "main" else None,
            "python": self.path(step.python) if step.python else None,
            "inputs": {port: self.input(source) for port, source in step.inputs.items()},
            "outputs": self.outputs(step.outputs),
            "env": dict(step.env),
            "args": dict(step.args),
            "after": list(step.after),
            "timeout": step.timeout,
            "memory": step.memory,
            "cache": None if step.cache else False,
            "effects": step.effects,
            "on_error": step.on_error if step.on_error != "pause" else None,
            "retry": _differing(step.retry, Retry()),
            "circuit_breaker": _breaker(step.circuit_breaker),
            "container": _container(step),
            "requirements": dict(step.requirements),
            "stub": self.stub(step.name, step.stub) if step.stub else None,
        }
        kept = ("container",) if step.container is not None else ()
        return _filled(written, *kept)

    def script(self, step: Step) -> dict[str, Any]:
        if step.script == NO_SCRIPT:
            return {}
        source = {"source_dir": self.path(step.source_dir)} if step.source_dir != self.source_dir else {}
        missing = None if exists(step.script) else True
        return {"script": _below(step.source_dir, step.script), "script_missing": missing, **source}

    def input(self, source: Input) -> Any:
        common = {"copy": source.copy_files or None, "schema": self.path(source.schema_file)}
        common["optional"] = source.optional or None
        match source:
            case FromStep():
                text = f"{source.step}.{source.port}"
                if not any(common.values()) and text.count(".") == 1 and not exists(self.base / text):
                    return text
                return _filled({"step": source.step, "port": source.port, **common})
            case FromPath(package=str(package)) if inside := _in_package(package, source.path):
                return _filled({"package": package, "path": inside, **common})
            case FromPath():
                return _filled({"path": self.path(source.path), **common})
            case FromAddress():
                return _filled({"path": source.address, "sample": source.sample, **common})
            case _:
                return _filled({"open": True, **common})

    @property
    def base(self) -> Path:
        """What relative paths are relative to."""
        return self.folder or working_directory()

    def outputs(self, outputs: dict[str, Output]) -> Any:
        said = {
            port: _filled(
                {
                    "channels": list(output.channels),
                    "required": output.required or None,
                    "schema": self.path(output.schema_file),
                    "checks": _checks(output.checks),
                    "packed": output.packed,
                }
            )
            for port, output in outputs.items()
        }
        return said if any(said.values()) else list(said)

    def stub(self, name: str, stub: Stub) -> Any:
        if stub.recorded is not None:
            message = f"{name} stands as a run in the cloud recorded it, which a document cannot say"
            raise PipelineError(message, fix="give what stands in: pipeline.with_stubs")
        if stub.kind != "given":
            return stub.kind
        return self.one_place(stub) or {port: self.data(name, port, data) for port, data in stub.outputs.items()}

    def one_place(self, stub: Stub) -> str | None:
        """The folder or address below which each output lies under its name, if they were given so."""
        places: set[str | Path] = set()
        for port, data in stub.outputs.items():
            if not (isinstance(data, Given) and data == Given(place=data.place, optional=True)):
                return None
            place = data.place
            places.add(place.parent if isinstance(place, Path) else place.removesuffix(f"/{port}"))
        if len(places) != 1:
            return None
        place = places.pop()
        text = self.path(place) if isinstance(place, Path) else place
        return text if text and ("/" in text or "." in text) else f"./{text}"

    def data(self, name: str, port: str, data: Any) -> Any:
        if isinstance(data, Given):
            place = self.path(data.place) if isinstance(data.place, Path) else data.place
            return _filled({"path": place, "sample": data.sample, "unpack": data.unpack or None})
        if isinstance(data, Path):
            return self.path(data)
        if isinstance(data, str):
            return data
        what = "nothing" if data is None else f"a {type(data).__name__}"
        message = f"output {port!r} of {name} is given as {what}, which a document cannot hold"
        raise PipelineError(message, fix=_HOW.format(step=name, port=port))

    def path(self, path: Path | None) -> str | None:
        """A path as it is written: relative where it lies below the folder of the file."""
        if path is None or self.folder is None or not path.is_relative_to(self.folder):
            return None if path is None else str(path)
        return _plain(path.relative_to(self.folder))


def _below(folder: Path, path: Path) -> str:
    return _plain(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _plain(relative: Path) -> str:
    """A relative path that reads as one: `~` at its beginning would be somebody's home."""
    text = relative.as_posix()
    return f"./{text}" if text.startswith("~") else text


def _in_package(package: str, path: Path) -> str | None:
    """Where a file lies in its package, so that it is found again in any environment."""
    for start in range(1, len(path.parts)):
        inside = Path(*path.parts[start:]).as_posix()
        try:
            if find_in_package(package, inside) == path:
                return inside
        except NotInPackage:
            continue
    return None


def _container(step: Step) -> dict[str, Any] | None:
    if step.container is None:
        return None
    return _filled({"inputs": dict(step.container.inputs), "outputs": dict(step.container.outputs)})


def _breaker(breaker: Breaker | None) -> dict[str, Any] | None:
    return None if breaker is None else _differing(breaker, Breaker()) or {"failures": breaker.failures}


def _differing(value: Retry | Breaker, default: Retry | Breaker) -> dict[str, Any]:
    """The fields in which a value is not the default."""
    named = {name: getattr(value, name) for name in type(value).model_fields}
    given = {name: held for name, held in named.items() if held != getattr(default, name)}
    return {name: list(held) if isinstance(held, tuple) else held for name, held in given.items()}


def _checks(checks: Checks) -> dict[str, Any]:
    return _filled(
        {
            "rows": checks.rows_drift,
            "missing": dict(checks.missing) or checks.missing_drift,
            "range": {name: list(ends) for name, ends in checks.ranges.items()} or checks.range_drift,
            "unique": [list(names) for names in checks.unique] or checks.unique_drift,
            "key": list(checks.key),
            "on_failure": checks.on_failure,
        }
    )


def _filled(written: dict[str, Any], *kept: str) -> dict[str, Any]:
    """Without what says nothing; an empty mapping, too, unless it is `kept`."""
    return {key: value for key, value in written.items() if key in kept or not (value is None or value in ({}, []))}
