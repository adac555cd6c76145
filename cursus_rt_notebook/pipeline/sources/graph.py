"""Read a pipeline from a networkx graph, without importing networkx: whoever made the graph has.

Nodes carry a step's keys as attributes, the graph carries those of the pipeline. References say which output feeds which
input, and edges have to agree with them: a reference without its edge is a fault, an edge without a reference is an
order without data, as `after`. A graph without any edges takes them from its references.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.pipeline.document import Document
from cursus_rt_notebook.pipeline.files import working_directory
from cursus_rt_notebook.pipeline.sources.mapping import plain_values

if TYPE_CHECKING:
    import networkx as nx


def read_graph(graph: nx.Graph[Any]) -> Document:
    """The document in a graph; relative paths are relative to the working directory.

    Raises:
        PipelineError: its edges have no direction; what else is wrong is noted in the document.
    """
    document = Document(origin="graph", name="pipeline", base_dir=working_directory())
    if not graph.is_directed():
        document.fault((), "the edges of this graph have no direction", "make a networkx.DiGraph")
        raise document.error()
    # A graph that networkx made without a name has an empty one.
    head = {key: value for key, value in graph.graph.items() if (key, value) != ("name", "")}
    if "steps" in head:
        document.fault(("steps",), "is an attribute of the graph", "make each step a node")
    written = plain_values({**head, "steps": dict(graph.nodes(data=True))}, document)
    edges = tuple((str(before), str(after)) for before, after, *_ in graph.edges())
    return replace(document, value=written, edges=edges)
