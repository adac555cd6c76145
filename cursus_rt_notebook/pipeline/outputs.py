"""The output ports of a step: a list of names, or a mapping from names to what they promise."""

from __future__ import annotations

from typing import Any

from cursus_rt_notebook.pipeline.checks import read_checks
from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import described, quoted
from cursus_rt_notebook.pipeline.files import schema_file
from cursus_rt_notebook.pipeline.model import Output
from cursus_rt_notebook.pipeline.reading import read
from cursus_rt_notebook.pipeline.written import WrittenOutput

_ARCHIVES = (".tar.gz", ".tgz")


def read_outputs(value: Any, path: KeyPath, document: Document) -> dict[str, Output] | None:
    """The outputs written at `path`; None if they cannot be read at all."""
    if value is None:
        return {}
    if isinstance(value, list):
        return {name: Output() for name in names(value, path, "output", document)}
    if isinstance(value, dict):
        ports: dict[str, Any] = value
        for port in ports:
            document.check_name((*path, port), port, "output")
        return {port: _output(written, (*path, port), document) for port, written in ports.items()}
    document.fault(path, f"is {described(value)}, not a list or a mapping", f"write [{value}]")
    return None


def names(values: list[Any], path: KeyPath, kind: str, document: Document) -> tuple[str, ...]:
    """The names in a list, each once; others are noted and left out."""
    found: dict[str, int] = {}
    for index, value in enumerate(values):
        where = (*path, index)
        if isinstance(value, (dict, list)):
            fix = "write a mapping, without -" if kind == "output" else "write [train, val]"
            document.fault(where, f"{kind} is {described(value)}, not a name", fix)  # pyright: ignore[reportUnknownArgumentType]
        elif not document.check_name(where, value, kind):
            continue
        elif value in found:
            document.fault(where, f"{kind} {quoted(value)} is there twice", "take one of them away")
        else:
            found[value] = index
    return tuple(found)


def _output(value: Any, path: KeyPath, document: Document) -> Output:
    written = read(WrittenOutput, value, path, document)
    return Output(
        channels=names(list(written.channels), (*path, "channels"), "channel", document),
        required=written.required,
        schema_file=schema_file(written.schema_file, (*path, "schema"), document),
        checks=read_checks(written.checks, (*path, "checks"), document),
        packed=_packed(written.packed, (*path, "packed"), document),
    )


def _packed(name: str | None, path: KeyPath, document: Document) -> str | None:
    if name is not None and not (document.check_name(path, name, "archive") and name.endswith(_ARCHIVES)):
        document.fault(path, f"{quoted(name)} is no archive that can be made", "write model.tar.gz")
    return name
