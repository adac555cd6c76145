"""Read a pipeline from a plain dict."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import quoted
from cursus_rt_notebook.pipeline.files import working_directory

_TOO_LARGE = 10**300  # no float holds it, and Python refuses to print ten times as many digits


def read_mapping(source: Mapping[Any, Any]) -> Document:
    """The document in a dict; relative paths are relative to the working directory.

    Raises:
        PipelineError: it is too deep, or holds itself; what else is wrong is noted in the document.
    """
    document = Document(origin="dict", name="pipeline", base_dir=working_directory())
    return replace(document, value=plain_values(source, document))


def plain_values(value: Any, document: Document) -> Any:
    """A copy of `value` in the types of a document: dicts with text keys, lists, text, numbers.

    Tuples become lists, paths become text; what is none of these stays, for the place that it stands in to refuse.
    """
    return _Copier(document).value(value, ())


@dataclass
class _Copier:
    document: Document
    count: int = 0

    def value(self, value: Any, path: KeyPath) -> Any:
        self.check_size(path)
        match value:
            case None | bool():
                return value
            case str():
                return str.__str__(value)  # of a subclass, an enumeration for example, the text itself
            case int():
                return self.whole(value, path)
            case float():
                return float(value)
            case Mapping():
                return self.mapping(value, path)  # pyright: ignore[reportUnknownArgumentType]
            case list() | tuple():
                return [self.value(item, (*path, index)) for index, item in enumerate(value)]  # pyright: ignore[reportUnknownArgumentType]
            case os.PathLike():
                return os.fsdecode(value)  # pyright: ignore[reportUnknownArgumentType]
            case _:
                return value

    def mapping(self, value: Mapping[Any, Any], path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                message = f"the key {quoted(str(key))} is {type(key).__name__}, not text"
                self.document.fault((*path, str(key)), message, f'quote it: "{key}"')
            name = str.__str__(key) if isinstance(key, str) else str(key)
            result[name] = self.value(item, (*path, name))
        return result

    def whole(self, value: int, path: KeyPath) -> int:
        if abs(value) < _TOO_LARGE:
            return int(value)
        self.document.fault(path, "is a number of hundreds of digits", "write it as text")
        return 0

    def check_size(self, path: KeyPath) -> None:
        self.count += 1
        if len(path) > settings.PIPELINE_DEPTH:
            message = f"is nested deeper than {settings.PIPELINE_DEPTH} levels"
            fix = f"is this a {self.document.kind}, and does it hold itself?"
            self.document.fault(path[:5], message, fix)
            raise self.document.error()
        if self.count > settings.PIPELINE_VALUES:
            message = f"holds more than {settings.PIPELINE_VALUES:,} values"
            self.document.fault((), message, f"is this a {self.document.kind}?")
            raise self.document.error()
