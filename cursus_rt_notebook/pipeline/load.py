"""Read a pipeline from any of its sources."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from cursus_rt_notebook.pipeline.build import build
from cursus_rt_notebook.pipeline.faults import Fault, pipeline_error
from cursus_rt_notebook.pipeline.model import Pipeline

if TYPE_CHECKING:
    import networkx as nx

    from cursus_rt_notebook.pipeline.document import Document


def load_pipeline(source: str | os.PathLike[str] | Mapping[str, Any] | nx.DiGraph[Any] | Pipeline) -> Pipeline:
    """The pipeline in a YAML file, a dict or a networkx graph, complete and checked; a pipeline is returned as it is.

    Nothing in it is run, imported or evaluated.

    Raises:
        PipelineError: the pipeline cannot run as written; `faults` lists every reason, with its place.
    """
    return source if isinstance(source, Pipeline) else build(_read(source))


def _read(source: Any) -> Document:
    # Each reader comes with its own imports (the YAML parser takes 0.1 s), so only the one that is needed is loaded.
    if isinstance(source, (str, os.PathLike)):
        from cursus_rt_notebook.pipeline.sources.yaml import read_yaml

        return read_yaml(cast("str | os.PathLike[str]", source))
    if isinstance(source, Mapping):
        from cursus_rt_notebook.pipeline.sources.mapping import read_mapping

        return read_mapping(cast("Mapping[Any, Any]", source))
    if _is_graph(source):
        from cursus_rt_notebook.pipeline.sources.graph import read_graph

        return read_graph(source)
    message = f"{type(source).__name__} is not a pipeline"
    fix = "give the path of a YAML file, a dict, a networkx.DiGraph or a Pipeline"
    raise pipeline_error("the source", [Fault("", message, fix)])


def _is_graph(source: object) -> TypeGuard[nx.Graph[Any]]:
    """Whether `source` is a networkx graph: if networkx was never imported, it is not."""
    networkx = sys.modules.get("networkx")
    return networkx is not None and isinstance(source, getattr(networkx, "Graph", ()))
