"""YAML as a small tree with lines, composed from the parser's events.

Composing it here gives each key its line, and stops at an alias bomb or bottomless nesting before it has cost anything:
the tree shares what an alias names, and counts it as often as it is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from cursus_rt_notebook import settings
from cursus_rt_notebook.pipeline.faults import quoted

if TYPE_CHECKING:
    from cursus_rt_notebook.pipeline.document import Document

_STANDARD = "tag:yaml.org,2002:"
_READ_TAGS = (None, f"{_STANDARD}str", f"{_STANDARD}map", f"{_STANDARD}seq")
_FRAME = (StreamStartEvent, DocumentStartEvent, DocumentEndEvent, StreamEndEvent)


@dataclass(slots=True)
class Node:
    """One scalar, list or mapping; `plain` is a scalar without quotes. `size` and `height` count what it holds."""

    line: int
    text: str = ""
    plain: bool = False
    items: list[Node] | None = None
    pairs: list[tuple[Node, Node]] | None = None
    size: int = 1
    height: int = 1

    def hold(self, child: Node) -> Node:
        """Count `child` in, and return it."""
        self.size += child.size
        self.height = max(self.height, child.height + 1)
        return child


def compose(events: Iterator[Event], document: Document) -> Node:
    """The tree of the only YAML document among `events`; raises all faults if it cannot be made."""
    root: Node | None = None
    composer = _Composer(events, document)
    for event in events:
        if isinstance(event, DocumentStartEvent) and root is not None:
            document.fault((), "holds a second YAML document (---)", "write one pipeline a file", line=_line(event))
            raise document.error()
        if not isinstance(event, _FRAME):
            root = composer.node(event)
    return root or Node(line=1, plain=True)


@dataclass
class _Composer:
    events: Iterator[Event]
    document: Document
    anchors: dict[str, Node | None] = field(default_factory=dict[str, "Node | None"])
    depth: int = 0

    def node(self, event: Any) -> Node:
        line = _line(event)
        if isinstance(event, AliasEvent):
            return self.alias(event, line)
        if event.anchor:
            self.anchors[event.anchor] = None  # open: an alias to it now would make it hold itself
        self.check_tag(event, line)
        if isinstance(event, ScalarEvent):
            node = Node(line, text=event.value, plain=not event.style and event.tag is None)
        else:
            node = self.collection(event, line)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def alias(self, event: Any, line: int) -> Node:
        node = self.anchors.get(event.anchor)
        if node is not None:
            return node
        # The alias is not named: it may be a password that begins with *.
        why = "stands inside what it names" if event.anchor in self.anchors else "names nothing above it"
        self.document.fault((), f"an alias (*...) {why}", "put a text that begins with * into quotes", line=line)
        return Node(line, plain=True)

    def collection(self, event: Any, line: int) -> Node:
        self.depth += 1
        if self.depth > settings.PIPELINE_DEPTH:
            self.refuse(f"is nested deeper than {settings.PIPELINE_DEPTH} levels", line)
        node = Node(line)
        if isinstance(event, MappingStartEvent):
            node.pairs = [(node.hold(self.node(key)), node.hold(self.node(next(self.events)))) for key in self.inside()]
        else:
            node.items = [node.hold(self.node(item)) for item in self.inside()]
        self.check_size(node)
        self.depth -= 1
        return node

    def inside(self) -> Iterator[Event]:
        for event in self.events:
            if isinstance(event, CollectionEndEvent):
                return
            yield event

    def check_tag(self, event: Any, line: int) -> None:
        if event.tag not in _READ_TAGS:
            shown = quoted(event.tag.replace(_STANDARD, "!!"))
            self.document.fault((), f"the tag {shown} is not read", "take it away; quote what is text", line=line)

    def check_size(self, node: Node) -> None:
        if node.size > settings.PIPELINE_VALUES:
            limit = f"{settings.PIPELINE_VALUES:,}"
            self.refuse(f"holds more than {limit} values, with its aliases written out", node.line)
        if node.height > settings.PIPELINE_DEPTH:
            limit = settings.PIPELINE_DEPTH
            self.refuse(f"is nested deeper than {limit} levels, with its aliases written out", node.line)

    def refuse(self, why: str, line: int) -> None:
        self.document.fault((), why, f"is this a {self.document.kind}?", line=line)
        raise self.document.error()


def _line(event: Any) -> int:
    return event.start_mark.line + 1
