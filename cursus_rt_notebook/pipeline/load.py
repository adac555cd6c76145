"""Read a pipeline from any of its sources."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeGuard, Unpack, cast

from cursus_rt_notebook.pipeline.arguments import check_keywords
from cursus_rt_notebook.pipeline.build import build
from cursus_rt_notebook.pipeline.faults import Fault, listed, pipeline_error
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.pipeline.project import Project

if TYPE_CHECKING:
    import networkx as nx

    from cursus_rt_notebook.pipeline.document import Document

_ANY = ("inputs", "stubs")  # keywords for any pipeline; the others are for what Cursus wrote


def load_pipeline(
    source: str | os.PathLike[str] | Mapping[str, Any] | nx.DiGraph[Any] | Pipeline, **project: Unpack[Project]
) -> Pipeline:
    """The pipeline in a YAML file, a dict or a networkx graph, complete and checked; a pipeline is returned as it is.

    A `.dag.json` file, or another graph of a Cursus project, is loaded by `load_cursus`, whose keywords are taken here:
    `config`, `interfaces`, `source_dirs`, `wiring`, `entry`; `inputs` and `stubs` also for any other pipeline.

    Nothing in it is run, imported or evaluated.

    Raises:
        PipelineError: the pipeline cannot run as written; `faults` lists every reason, with its place.
        NameUnknown: `inputs` or `stubs` names what there is not. InputMissing: there is nothing at a path in them.
    """
    check_keywords("load_pipeline", project)
    given: dict[str, Any] = {name: value for name, value in project.items() if value is not None}
    of_cursus = [name for name in given if name not in _ANY]
    if not isinstance(source, Pipeline) and _is_cursus(source, of_cursus):
        from cursus_rt_notebook.pipeline.cursus.load import load_cursus

        return load_cursus(source, **given)
    if of_cursus:
        message = f"{listed(of_cursus)} cannot be given with this pipeline"
        fix = "they are for a Cursus graph: a .dag.json file, its content, a networkx graph or a PipelineDAG"
        raise pipeline_error("the source", [Fault("", message, fix)])
    loaded = source if isinstance(source, Pipeline) else build(_read(source))
    loaded = loaded.with_inputs(given["inputs"]) if "inputs" in given else loaded
    return loaded.with_stubs(given["stubs"]) if "stubs" in given else loaded


def _is_cursus(source: Any, keywords: Sequence[str]) -> bool:
    """Whether a source is a graph that Cursus wrote: by its file's name, its keys, or what is given with it."""
    if isinstance(source, (str, os.PathLike)):
        return os.fsdecode(source).endswith(".json")
    if isinstance(source, Mapping):
        return "steps" not in source and ("dag" in source or {"nodes", "edges"} <= source.keys())
    is_graph = hasattr(source, "nodes") and hasattr(source, "edges")
    return is_graph and (bool(keywords) or not _is_graph(source))


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
    fix = "give the path of a YAML or .dag.json file, a dict, a networkx.DiGraph or a Pipeline"
    raise pipeline_error("the source", [Fault("", message, fix)])


def _is_graph(source: object) -> TypeGuard[nx.Graph[Any]]:
    """Whether `source` is a networkx graph: if networkx was never imported, it is not."""
    networkx = sys.modules.get("networkx")
    return networkx is not None and isinstance(source, getattr(networkx, "Graph", ()))
