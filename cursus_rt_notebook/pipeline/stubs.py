"""What stands in for a step that cannot run here, as a document says it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from cursus_rt_notebook.pipeline.addresses import below, is_address, shown, wrong_address
from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import described, listed, quoted
from cursus_rt_notebook.pipeline.files import absolute, exists, is_folder, names_near
from cursus_rt_notebook.pipeline.model import Given, Stub
from cursus_rt_notebook.pipeline.reading import read
from cursus_rt_notebook.pipeline.written import WrittenGiven

WORDS: Final = ("synthetic", "skip", "open")
_HOW: Final = f"write {', '.join(WORDS)}, a folder or s3:// address with each output below it, or {{output: path}}"


def read_stub(value: Any, path: KeyPath, document: Document, ports: Collection[str] | None) -> Stub | None:
    """The stub written at `path`: a word, one place for all outputs, or what each is; None if none is written.

    Args:
        value: As it is written.
        path: Where.
        document: The document, which notes what is wrong.
        ports: The step's outputs; None where they could not be read.
    """
    match value:
        case None:
            return None
        case "synthetic" | "skip" | "open":
            return Stub(kind=value)
        case str() if _reads_as_place(value):
            return Stub(kind="given", outputs=_all_below(value, path, document, ports or ()))
        case dict() if value:
            written: dict[Any, Any] = value  # pyright: ignore[reportUnknownVariableType]
            found = {port: _given(port, data, (*path, port), document, ports) for port, data in written.items()}
            return Stub(kind="given", outputs={port: data for port, data in found.items() if data is not None})
        case _:
            what = quoted(value) if isinstance(value, str) else described(value)
            document.fault(path, f"is {what}, not a stub", _HOW)
            return None


def places_below(place: Path | str, ports: Collection[str]) -> dict[str, Given]:
    """The data of each output, where they lie below one folder or address under their names."""
    if isinstance(place, str):
        return {port: Given(place=below(place, port), optional=True) for port in ports}
    return {port: Given(place=place / port, optional=True) for port in ports}


def _reads_as_place(text: str) -> bool:
    return "/" in text or "." in text


def _all_below(text: str, path: KeyPath, document: Document, ports: Collection[str]) -> dict[str, Any]:
    if is_address(text):
        return {} if _is_wrong(text, path, document) else dict(places_below(text, ports))
    folder = absolute(document.base_dir, text)
    if not exists(folder):
        document.fault(path, f"there is no folder {quoted(folder)}", names_near(folder, document))
    elif ports and not (is_folder(folder) and any(exists(folder / port) for port in ports)):
        message = f"{quoted(folder)} holds none of the outputs {listed(ports)}"
        document.fault(path, message, f"write {{{next(iter(ports))}: {text}}} if it is one of them")
    return dict(places_below(folder, ports))


def _given(name: str, written: Any, path: KeyPath, document: Document, ports: Collection[str] | None) -> Any:
    """The data of one output, which may be a channel of one: `processed_data/train`."""
    port = name.partition("/")[0] if isinstance(name, str) else name  # pyright: ignore[reportUnnecessaryIsInstance]
    if ports is not None and port not in ports:
        meant = document.near(str(port), ports)
        has = f"its outputs are {listed(ports)}" if ports else "the step has no outputs"
        document.fault(path, f"there is no output {quoted(str(port))}", f"write {meant}" if meant else has)
        return None
    if isinstance(written, dict):
        return _in_long_form(written, path, document)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(written, str) and written:
        return _place(written, path, document)
    document.fault(path, f"is {described(written)}, not a path", "write a path, or an s3:// address")
    return None


def _in_long_form(value: dict[str, Any], path: KeyPath, document: Document) -> Given | None:
    written = read(WrittenGiven, value, path, document)
    if document.is_faulty(path):
        return None
    if not written.path:
        document.fault(path, "says of no path what it is", "add path: FILE, or path: s3://BUCKET/KEY")
        return None
    place = _place(written.path, (*path, "path"), document)
    if written.sample is not None and not is_address(written.path):
        document.fault((*path, "sample"), "is for data at an s3:// address", "take it away")
    return Given(place=place, sample=written.sample, unpack=written.unpack) if place else None


def _place(text: str, path: KeyPath, document: Document) -> Path | str | None:
    if is_address(text):
        return None if _is_wrong(text, path, document) else text
    file = absolute(document.base_dir, text)
    if exists(file):
        return file
    document.fault(path, f"there is no file or folder {quoted(file)}", names_near(file, document))
    return None


def _is_wrong(address: str, path: KeyPath, document: Document) -> bool:
    wrong = wrong_address(address)
    if wrong:
        document.fault(path, f"{shown(address)} {wrong[0]}", wrong[1])
    return wrong is not None
