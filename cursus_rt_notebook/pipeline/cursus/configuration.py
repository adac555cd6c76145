"""The configuration of a project's steps: a merged `config.json`, a mapping of its form, or a config object for each node."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, cast

from cursus_rt_notebook.pipeline.cursus.asked import Asked, ask
from cursus_rt_notebook.pipeline.cursus.view import View
from cursus_rt_notebook.pipeline.document import Document
from cursus_rt_notebook.pipeline.faults import described, near, quoted
from cursus_rt_notebook.pipeline.files import working_directory
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.sources.mapping import plain_values

_KIND = "configuration"
_MODEL, _TYPE = "__model_type__", "__type_info__"
_FORM = 'write {"configuration": {"shared": {...}, "specific": {NODE: {...}}}}'


@dataclass(frozen=True)
class NodeConfig:
    """What is configured for one node: values of its own, over those that all nodes share.

    `class_name` is that of its config class, `made` the config object itself where there is one.
    """

    node: str
    own: Mapping[str, Any] = field(default_factory=dict[str, Any])
    shared: Mapping[str, Any] = field(default_factory=dict[str, Any])
    class_name: str = ""
    made: Any = None
    origin: str = ""

    def find(self, *fields: str) -> Any:
        """The value of the first of these fields that has one; its own values before shared ones. None if none has."""
        scopes = (self.own, self.shared)
        held = next((s[f] for s in scopes for f in fields if s.get(f) is not None), None)
        if held is not None or self.made is None:
            return held
        return next((value for f in fields if (value := _attribute(self.made, f)) is not None), None)

    def find_below(self, name: str, *fields: str) -> Any:
        """As `find`, in what the field `name` holds: a mapping or an object."""
        held = self.find(name)
        if isinstance(held, Mapping):
            values = cast("Mapping[str, Any]", held)
            return next((values[f] for f in fields if values.get(f) is not None), None)
        return next((value for f in fields if (value := _attribute(held, f)) is not None), None)

    def text(self, *fields: str) -> str | None:
        """The text (or path) in the first of these fields that has one, wherever it stands."""
        found = (self.find(name) for name in fields)
        return next((os.fspath(text) for text in found if isinstance(text, (str, os.PathLike)) and text), None)

    def asked(self, declared: tuple[str, ...]) -> Asked:
        """What the config object itself says of its variables and arguments; nothing where there is none."""
        return Asked() if self.made is None else ask(self.made, declared)

    @property
    def job_type(self) -> str | None:
        """The job type that the configuration names."""
        return self.text("job_type")


@dataclass(frozen=True)
class Configuration:
    """The configurations of all nodes; `given` says whether there is any."""

    document: Document
    nodes: Mapping[str, NodeConfig] = field(default_factory=dict[str, NodeConfig])
    shared: Mapping[str, Any] = field(default_factory=dict[str, Any])
    given: bool = True

    def of(self, node: str) -> NodeConfig:
        """The configuration of a node; that of a node which has none is what all share."""
        return self.nodes.get(node) or NodeConfig(node, shared=self.shared, origin=self.document.origin)

    def gaps(self, nodes: tuple[str, ...]) -> Iterator[Finding]:
        """A warning for each node that has no configuration, where others have."""
        for node in nodes if self.given else ():
            if node not in self.nodes:
                meant = near(node, (name for name in self.nodes if name not in nodes))
                fix = f"did you mean {quoted(meant)}? Else " if meant else ""
                message = f"nothing is configured for {quoted(node)}: its interface's defaults are used"
                yield Finding("warning", message, f"{fix}add configuration.specific.{node}", step=node, file=self.file)

    @property
    def file(self) -> str | None:
        """The file that it was read from."""
        return self.document.file


def read_configuration(source: Any) -> Configuration:
    """The configuration in a merged JSON file, a mapping of its form, or a mapping of nodes to config objects or fields.

    Raises:
        PipelineError: it cannot be read at all; what else is wrong is noted in the document.
    """
    document = Document("the configuration", "configuration", working_directory(), kind=_KIND)
    if source is None:
        return Configuration(document, given=False)
    if isinstance(source, (str, os.PathLike)):
        from cursus_rt_notebook.pipeline.sources.json import read_json

        document = read_json(cast("str | os.PathLike[str]", source), _KIND)
        if not (isinstance(document.value, dict) and "configuration" in document.value):
            document.fault((), "has no configuration", _FORM)
            return Configuration(document)
        return _merged(document)
    if not isinstance(source, Mapping):
        document.fault((), f"{type(source).__name__} is no configuration", "give a config.json, or {NODE: its config}")
        return Configuration(document)
    given = cast("Mapping[str, Any]", source)
    if "configuration" in given or "specific" in given:
        whole = given if "configuration" in given else {"configuration": given}
        return _merged(replace(document, value=plain_values(whole, document)))
    return Configuration(document, {str(node): _of_node(str(node), held, document) for node, held in given.items()})


def _merged(document: Document) -> Configuration:
    whole = View.of(document, document.value)
    inside = whole.inside("configuration")
    types = whole.inside("metadata").inside("config_types")
    shared = _unwrapped(inside.inside("shared").value)
    specific = inside.inside("specific")
    if "specific" not in inside.value:
        inside.fault(None, "has no specific", _FORM)
    found: dict[str, NodeConfig] = {}
    for node, view in specific.entries():
        class_name = types.text(node, "CLASS") or view.text(_MODEL) or ""
        found[node] = NodeConfig(node, _unwrapped(view.value), shared, class_name, origin=document.origin)
    return Configuration(document, found, shared)


def _of_node(node: str, held: Any, document: Document) -> NodeConfig:
    if isinstance(held, Mapping):
        own = plain_values(held, document)
        return NodeConfig(node, _unwrapped(own), class_name=str(own.get(_MODEL, "")), origin=document.origin)
    if held is None or isinstance(held, (str, bytes, int, float, list, tuple)):
        document.fault((node,), f"is {described(held)}, not a configuration", "give a config object, or its fields")
        return NodeConfig(node, origin=document.origin)
    return NodeConfig(node, class_name=type(held).__name__, made=held, origin=document.origin)


def _unwrapped(value: Any) -> Any:
    """A value as it was before it was written with its type: `{"__type_info__": "list", "value": [...]}` is the list."""
    if isinstance(value, Mapping):
        held = cast("Mapping[str, Any]", value)
        if _TYPE in held and "value" in held:
            return _unwrapped(held["value"])
        return {name: _unwrapped(item) for name, item in held.items() if name != _MODEL}
    return [_unwrapped(item) for item in value] if isinstance(value, list) else value


def _attribute(made: Any, name: str) -> Any:
    try:
        value = getattr(made, name, None)
    except Exception:  # noqa: BLE001 - a property of the user's class: what it cannot tell, it does not
        return None
    return value.value if isinstance(value, Enum) else value
