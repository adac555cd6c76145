"""The plain values of a YAML tree, with the line of each and what may have been meant otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.pipeline.faults import quoted
from cursus_rt_notebook.pipeline.sources.scalars import alternatives, taken_for, value_of

if TYPE_CHECKING:
    from cursus_rt_notebook.pipeline.document import Document, KeyPath
    from cursus_rt_notebook.pipeline.sources.nodes import Node

_MERGE = "<<"


@dataclass(frozen=True)
class Places:
    """By key path: lines, texts as written, what unquoted names are taken for, and what to write for doubtful values."""

    lines: dict[KeyPath, int] = field(default_factory=dict["KeyPath", int])
    written: dict[KeyPath, str] = field(default_factory=dict["KeyPath", str])
    unquoted: dict[KeyPath, str] = field(default_factory=dict["KeyPath", str])
    doubtful: dict[KeyPath, str] = field(default_factory=dict["KeyPath", str])


def plain(root: Node, document: Document) -> tuple[Any, Places]:
    """The plain value of the tree and its places; a key written twice is a fault of the document."""
    reader = _Reader(Places(), document)
    return reader.value(root, ()), reader.places


@dataclass(frozen=True)
class _Reader:
    places: Places
    document: Document

    def value(self, node: Node, path: KeyPath) -> Any:
        self.places.lines.setdefault(path, node.line)
        if node.pairs is not None:
            return self.mapping(node.pairs, path)
        if node.items is not None:
            return [self.item(item, (*path, index)) for index, item in enumerate(node.items)]
        return self.scalar(node.text, path) if node.plain else node.text

    def item(self, node: Node, path: KeyPath) -> Any:
        self.mark_name(node, path)
        return self.value(node, path)

    def scalar(self, text: str, path: KeyPath) -> Any:
        value = value_of(text)
        if not isinstance(value, str):
            self.places.written[path] = text
        if instead := alternatives(text):
            self.places.doubtful[path] = instead
        return value

    def mapping(self, pairs: list[tuple[Node, Node]], path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, node in pairs:
            if key.items is not None or key.pairs is not None:
                self.document.fault(path, "a key is a list or a mapping", "write a text as key", line=key.line)
            elif key.text in lines:
                self.twice((*path, key.text), lines[key.text], key.line)
            elif not _is_merge(key):
                lines[key.text] = key.line
                result[key.text] = self.entry(key, node, (*path, key.text))
        for key, node in self.merged(pairs, path):
            if key.text not in result:
                result[key.text] = self.entry(key, node, (*path, key.text))
        return result

    def entry(self, key: Node, node: Node, path: KeyPath) -> Any:
        self.places.lines[path] = key.line
        self.mark_name(key, path)
        return self.value(node, path)

    def mark_name(self, node: Node, path: KeyPath) -> None:
        if node.plain and (taken := taken_for(node.text)):
            self.places.unquoted[path] = taken

    def twice(self, path: KeyPath, first: int, line: int) -> None:
        kind = "step" if path[:-1] == ("steps",) else "key"
        message = f"{kind} {quoted(path[-1])} is written twice, in lines {first} and {line}"
        self.document.fault(path, message, "give one of the two another name, or take it away", line=line)

    def merged(self, pairs: list[tuple[Node, Node]], path: KeyPath) -> Iterator[tuple[Node, Node]]:
        """The pairs that `<<: *name` lays under a mapping's own, the nearest first."""
        for source in (source for key, node in pairs if _is_merge(key) for source in node.items or [node]):
            if source.pairs is None:
                self.document.fault(path, "<< names no mapping", "name one: <<: *defaults", line=source.line)
                continue
            yield from (pair for pair in source.pairs if not _is_merge(pair[0]) and pair[0].pairs is pair[0].items)
            yield from self.merged(source.pairs, path)


def _is_merge(key: Node) -> bool:
    return key.plain and key.text == _MERGE
