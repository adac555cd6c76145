"""Look into a document whose keys we do not all know: what is of a wrong type is a fault at its place, all else is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import described

Origins = Mapping[KeyPath, KeyPath]


@dataclass(frozen=True)
class View:
    """A mapping in a document. `origins` say where its parts were written, if not at their own path (see `merged`)."""

    document: Document
    value: Mapping[str, Any]
    path: KeyPath = ()
    origins: Origins = field(default_factory=dict[KeyPath, KeyPath])

    @classmethod
    def of(cls, document: Document, value: Any, path: KeyPath = (), origins: Origins | None = None) -> View:
        """A view of `value`; of what is no mapping that of an empty one, and a fault."""
        if not isinstance(value, dict | None):
            written = _written((origins or {}), path)
            document.fault(written, f"is {described(value)}, not a mapping", "write NAME: VALUE pairs")
        return cls(document, value if isinstance(value, dict) else {}, path, origins or {})

    def inside(self, key: str) -> View:
        """The mapping at `key`; an empty one where there is none."""
        return View.of(self.document, self.value.get(key), (*self.path, key), self.origins)

    def entries(self) -> Iterator[tuple[str, View]]:
        """Its entries, each a mapping of its own."""
        yield from ((name, self.inside(name)) for name in self.value)

    def text(self, key: str, example: str = "text") -> str | None:
        """The text at `key`, a number as it was written; None where there is none."""
        value = self.value.get(key)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, (bool, int, float)):
            path = _written(self.origins, (*self.path, key))
            return self.document.written.get(path, str(value).lower() if isinstance(value, bool) else str(value))
        self.fault(key, f"is {described(value)}, not text", f"write {key}: {example}")
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts in the list at `key`."""
        value = self.value.get(key)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        if value is not None:
            what = "holds what is no text" if isinstance(value, list) else f"is {described(value)}, not a list"
            self.fault(key, what, f"write {key}: [NAME, NAME]")
        return ()

    def flag(self, key: str, *, default: bool) -> bool:
        """The truth value at `key`."""
        value = self.value.get(key)
        if isinstance(value, bool):
            return value
        if value is not None:
            self.fault(key, f"is {described(value)}, not true or false", f"write {key}: {str(default).lower()}")
        return default

    def items(self, key: str) -> tuple[View, ...]:
        """The mappings in the list at `key`."""
        value = self.value.get(key)
        if isinstance(value, list):
            path = (*self.path, key)
            return tuple(View.of(self.document, item, (*path, i), self.origins) for i, item in enumerate(value))
        if value is not None:
            self.fault(key, f"is {described(value)}, not a list", f"write {key}: [...]")
        return ()

    def fault(self, key: str | int | None, message: str, fix: str) -> None:
        """Note that something is wrong with the value at `key`, or with the whole."""
        path = self.path if key is None else (*self.path, key)
        self.document.fault(_written(self.origins, path), message, fix)


def merged(
    base: Mapping[str, Any], over: Mapping[str, Any], at: KeyPath, from_: KeyPath, origins: dict[KeyPath, KeyPath]
) -> dict[str, Any]:
    """`base` with `over` laid over it: mappings key by key, everything else (lists too) replaced.

    The result stands at the path `at`, `over` was written at `from_`; what came from there is noted in `origins`.
    """
    result = dict(base)
    for key, value in over.items():
        known = result.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            result[key] = merged(known, value, (*at, key), (*from_, key), origins)  # pyright: ignore[reportUnknownArgumentType]
        else:
            result[key] = value
            origins[*at, key] = (*from_, key)
    return result


def _written(origins: Origins, path: KeyPath) -> KeyPath:
    """Where what stands at `path` was written."""
    for end in range(len(path), 0, -1):
        if path[:end] in origins:
            return (*origins[path[:end]], *path[end:])
    return path
