"""A Cursus graph: which steps there are, and which come before which."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from cursus_rt_notebook.pipeline.dag import check_cycles
from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import described, listed, quoted
from cursus_rt_notebook.pipeline.files import working_directory
from cursus_rt_notebook.pipeline.sources.mapping import plain_values

_KIND = "graph"
_FORM = 'write {"dag": {"nodes": ["A", "B"], "edges": [["A", "B"]]}}'


@dataclass(frozen=True)
class Dag:
    """The nodes and edges of a graph, in the order in which they are written.

    `document` is what they were read from; `at` says where in it each node and each edge stands.
    """

    name: str | None
    nodes: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    document: Document
    at: Mapping[str | tuple[str, str], KeyPath]

    def before(self, node: str) -> tuple[str, ...]:
        """The nodes that edges lead from to `node`, in the order of the edges."""
        return tuple(dict.fromkeys(first for first, second in self.edges if second == node))


def read_dag(source: Any) -> Dag:
    """The graph in a `.dag.json` file, in a mapping of its form, or in an object with `nodes` and `edges`.

    Such objects are networkx graphs and the `cursus` package's own PipelineDAG. What is wrong is noted in the document.

    Raises:
        PipelineError: it cannot be read at all.
    """
    document = _document(source)
    whole: Any = document.value
    if not isinstance(whole, dict):
        document.fault((), f"is {described(whole)}, not a graph", _FORM)
        raise document.error()
    path: KeyPath = ("dag",) if "dag" in whole else ()
    inside: Any = whole.get("dag", whole)
    if not isinstance(inside, dict):
        document.fault(path, f"is {described(inside)}, not a graph", _FORM)
        raise document.error()
    at: dict[str | tuple[str, str], KeyPath] = {}
    nodes = _nodes(inside.get("nodes"), (*path, "nodes"), document, at)
    edges = _edges(inside.get("edges", []), (*path, "edges"), document, at)
    return Dag(_name(whole), nodes, edges, document, at)


def _document(source: Any) -> Document:
    if isinstance(source, (str, os.PathLike)):
        from cursus_rt_notebook.pipeline.sources.json import read_json

        return read_json(cast("str | os.PathLike[str]", source), _KIND)
    document = Document(origin="the graph", name="pipeline", base_dir=working_directory(), kind=_KIND)
    if isinstance(source, Mapping):
        return replace(document, value=plain_values(source, document))
    if not (hasattr(source, "nodes") and hasattr(source, "edges")):
        fix = "give the path of a .dag.json file, its content, a networkx graph or a PipelineDAG"
        document.fault((), f"{type(source).__name__} is not a graph", fix)
        raise document.error()
    # A multigraph's edges have a third part, its key.
    value = {
        "nodes": [str(node) for node in source.nodes],
        "edges": [[str(end) for end in edge[:2]] for edge in source.edges],
        "name": getattr(source, "name", None) or None,
    }
    return replace(document, value=plain_values(value, document))


def _name(whole: dict[str, Any]) -> str | None:
    metadata = whole.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else whole.get("name")
    return name if isinstance(name, str) and name else None


def _nodes(value: Any, path: KeyPath, document: Document, at: dict[str | tuple[str, str], KeyPath]) -> tuple[str, ...]:
    if not isinstance(value, list):
        document.fault(path if value is not None else path[:-1], _not_a_list("nodes", value), _FORM)
        return ()
    for index, node in enumerate(value):
        where = (*path, index)
        if not document.check_name(where, node, "node"):
            continue
        if node in at:
            document.fault(where, f"node {quoted(node)} is there twice", "take one of them away, or rename it")
        at.setdefault(node, where)
    if not value:
        document.fault(path, "there are no nodes", _FORM)
    return tuple(cast("Iterable[str]", at))


def _edges(
    value: Any, path: KeyPath, document: Document, at: dict[str | tuple[str, str], KeyPath]
) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        document.fault(path, _not_a_list("edges", value), 'write [["A", "B"], ["B", "C"]]')
        return ()
    nodes = tuple(cast("Iterable[str]", at))
    known = set(nodes)
    waits: dict[str, dict[str, tuple[KeyPath, ...]]] = {node: {} for node in nodes}
    for index, edge in enumerate(value):
        where = (*path, index)
        if not (isinstance(edge, list) and len(edge) == 2 and all(isinstance(end, str) for end in edge)):
            document.fault(where, f"is {described(edge)}, not two nodes", 'write ["BEFORE", "AFTER"]')
            continue
        before, after = edge
        for end in (e for e in edge if e not in known):
            meant = document.near(end, nodes)
            fix = f"write {quoted(meant)}" if meant else f"the nodes are {listed(nodes)}"
            document.fault(where, f"names {quoted(end)}, which is no node", fix)
        if {before, after} <= known:
            at.setdefault((before, after), where)
            waits[after].setdefault(before, (where,))
    check_cycles(waits, document)
    return tuple(key for key in at if isinstance(key, tuple))


def _not_a_list(what: str, value: Any) -> str:
    return f"has no {what}" if value is None else f"is {described(value)}, not the list of {what}"
