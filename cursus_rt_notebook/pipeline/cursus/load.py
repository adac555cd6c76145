"""Load a Cursus project: graph, configuration, interfaces and scripts, as the pipeline that they make in production.

The way, from top to bottom: the three kinds of file are read, and everything wrong with them is said at once; each node
gets its interface; the wiring rule says what feeds what; each node becomes a step of a document; that is built as any other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from cursus_rt_notebook.errors import PipelineError
from cursus_rt_notebook.pipeline.bindings import Binding
from cursus_rt_notebook.pipeline.build import build
from cursus_rt_notebook.pipeline.cursus.call import Call, check_call, read_call
from cursus_rt_notebook.pipeline.cursus.configuration import Configuration, read_configuration
from cursus_rt_notebook.pipeline.cursus.dag import Dag, read_dag
from cursus_rt_notebook.pipeline.cursus.interface import Interface
from cursus_rt_notebook.pipeline.cursus.interfaces import Interfaces, read_interfaces
from cursus_rt_notebook.pipeline.cursus.matching import Offered, Wanted, match
from cursus_rt_notebook.pipeline.cursus.nodes import interface_of
from cursus_rt_notebook.pipeline.cursus.package import installed_interfaces, is_installed, made_configs
from cursus_rt_notebook.pipeline.cursus.places import Places
from cursus_rt_notebook.pipeline.cursus.steps import Node, written_step
from cursus_rt_notebook.pipeline.cursus.variables import SECURE_PYPI
from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import Fault, pipeline_error
from cursus_rt_notebook.pipeline.files import working_directory
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.pipeline.project import Paths

T = TypeVar("T")


def load_cursus(
    dag: Any,
    config: Any = None,
    interfaces: Any = None,
    source_dirs: Paths = (),
    *,
    inputs: Mapping[str, str | os.PathLike[str]] | None = None,
    stubs: Mapping[str, Any] | None = None,
    wiring: Mapping[str, str | None] | None = None,
    entry: str | Mapping[str, str] = "main",
) -> Pipeline:
    """The pipeline of a Cursus project, unmodified: what its scripts would be given in production, with local folders.

    Nothing of it is run or imported. What is missing on this machine is a finding, node by node: `pipeline.preflight()`.

    Args:
        dag: A `.dag.json` file, its content, a networkx graph, or the cursus package's PipelineDAG.
        config: A merged `config.json`, its content, or a mapping of nodes to config objects or fields.
        interfaces: The folder of the `*.step.yaml` files; or files, their contents, a StepCatalog, the package's contracts
            by step type, or several of these, of which the first that knows a step type counts. None: those of the
            installed `cursus` package.
        source_dirs: Folders in or below which the scripts lie; a path of the configuration is looked for by its ends.
        inputs: Files and folders for ports, `{"STEP.PORT": path}`.
        stubs: What stands in for steps, as in `Pipeline.with_stubs`: `{"STEP": {port: path, s3:// address, DataFrame or
            function}}`, a folder or address with each port below it, `"synthetic"` or `"skip"`.
        wiring: What feeds ports, before any rule: `{"STEP.PORT": "OTHER.output"}`, or None for nothing.
        entry: `"main"` calls a script's `main`, `"script"` runs its `__main__` block as production does; or by step.

    Raises:
        PipelineError: the project cannot be read; `faults` lists all that is wrong, with file and line.
        NameUnknown: `stubs` names no step or output. InputMissing: there is nothing at a path in it.
    """
    faults: list[Fault] = []
    source_dirs = () if source_dirs is None else source_dirs  # pyright: ignore[reportUnnecessaryComparison]
    said = check_call(source_dirs, inputs=inputs, wiring=wiring, stubs=stubs)
    graph = _read(read_dag, dag, faults)
    configuration = _read(read_configuration, config, faults)
    known = _read(_interfaces, interfaces, faults)
    if graph is None or configuration is None or known is None:
        raise pipeline_error("the Cursus project", [*faults, *_faults(graph, configuration, known), *said.faults])
    notes = list(configuration.gaps(graph.nodes))
    configuration = _with_objects(config, configuration, notes)
    found = {node: interface_of(node, graph, known, configuration, notes) for node in graph.nodes}
    ports = {node: interface for node, interface in found.items() if interface is not None}
    complete = len(ports) == len(graph.nodes)
    call = read_call(said, ports, complete=complete, inputs=inputs, wiring=wiring, entry=entry)
    faults += [*_faults(graph, configuration, known), *call.document.faults]
    if faults:
        raise pipeline_error(graph.document.origin, faults)
    nodes = _wired(graph, ports, configuration, call)
    places = _places(source_dirs, graph, configuration)
    notes += places.doubts()
    pipeline = _built(graph, nodes, places, notes)
    return pipeline.with_stubs(stubs) if stubs else pipeline


def _interfaces(source: Any) -> Interfaces:
    """The interfaces given, or those of the installed package."""
    source = installed_interfaces() if source is None else source
    if source is None:
        message = "no interfaces are given, and no cursus package is installed that has some"
        fix = (
            "give interfaces=FOLDER, that of the *.step.yaml files; and config=FILE, source_dirs=[FOLDER] for the rest"
        )
        raise pipeline_error("the Cursus project", [Fault("", message, fix)])
    return read_interfaces(source)


def _read(reader: Callable[[Any], T], source: Any, faults: list[Fault]) -> T | None:
    try:
        return reader(source)
    except PipelineError as error:
        faults += error.faults
        return None


def _faults(graph: Dag | None, configuration: Configuration | None, known: Interfaces | None) -> list[Fault]:
    documents = [read.document for read in (graph, configuration) if read is not None]
    return [fault for document in documents for fault in document.faults] + (known.faults if known else [])


def _with_objects(config: Any, configuration: Configuration, notes: list[Finding]) -> Configuration:
    """The configuration with the installed package's own objects, which know more than the file."""
    if not isinstance(config, (str, os.PathLike)) or not is_installed():
        return configuration
    try:
        made = made_configs(config)  # pyright: ignore[reportUnknownArgumentType]
    except Exception as error:  # noqa: BLE001 - the package is asked, and may fail in any way
        message = f"the installed cursus package cannot read the configuration: {type(error).__name__}: {error}"
        notes.append(Finding("warning", message, "the values in the file are used", file=configuration.file))
        return configuration
    nodes = {node: replace(held, made=made.get(node)) for node, held in configuration.nodes.items()}
    return replace(configuration, nodes=nodes)


def _wired(graph: Dag, ports: Mapping[str, Interface], configuration: Configuration, call: Call) -> dict[str, Node]:
    """Every node with what the rule, or the caller, lets feed it."""
    nodes: dict[str, Node] = {}
    offers = {node: _offered(node, interface) for node, interface in ports.items()}
    for node, interface in ports.items():
        before = graph.before(node)
        by_hand = {port: _output(offers, source) for port, source in call.wiring.get(node, {}).items()}
        offered = [output for other in before for output in offers[other]]
        bindings = match(node, _wanted(interface), offered, by_hand)
        nodes[node] = Node(
            name=node,
            interface=interface,
            config=configuration.of(node),
            before=before,
            bindings=bindings,
            given=call.inputs.get(node, {}),
            entry=call.entry(node),
        )
    return nodes


def _wanted(interface: Interface) -> list[Wanted]:
    return [
        Wanted(port, said.type, said.taken, said.compatible_sources, said.keywords, said.data_type)
        for port, said in interface.inputs.items()
    ]


def _offered(node: str, interface: Interface) -> list[Offered]:
    return [
        Offered(node, interface.step_type, port, said.type, said.aliases, said.keywords, said.data_type)
        for port, said in interface.outputs.items()
    ]


def _output(offers: Mapping[str, Sequence[Offered]], source: tuple[str, str] | None) -> Offered | None:
    return None if source is None else next(o for o in offers[source[0]] if o.port == source[1])


def _places(source_dirs: Paths, graph: Dag, configuration: Configuration) -> Places:
    bases = [document.base_dir for document in (graph.document, configuration.document) if document.file]
    bases = [folder for base in bases for folder in (base, base.parent)]
    return Places.of(source_dirs, [*bases, working_directory()])


def _built(graph: Dag, nodes: Mapping[str, Node], places: Places, notes: list[Finding]) -> Pipeline:
    feeding = {b.chosen.step for node in nodes.values() for b in node.bindings if b.chosen}
    steps: dict[str, Any] = {}
    for name, node in nodes.items():
        steps[name], found = written_step(node, places, feeds=name in feeding)
        notes += found
    read = graph.document
    value = {"steps": steps} | ({"name": graph.name} if graph.name else {})
    document = Document(read.origin, read.name.removesuffix(".dag"), read.base_dir, value, read.file, _Lines(graph))
    pipeline = build(document)
    notes += _local(steps)
    bindings: tuple[Binding, ...] = tuple(b for node in nodes.values() for b in _kept(node))
    return pipeline.altered(notes=tuple(notes), bindings=bindings)


class _Lines(Mapping[KeyPath, int]):
    """The line of each step: that of its node in the graph, found only when something is wrong."""

    def __init__(self, graph: Dag) -> None:
        self._graph = graph

    def __getitem__(self, path: KeyPath) -> int:
        line = None
        if len(path) == 2 and path[1] in self._graph.nodes:
            line = self._graph.document.line(self._graph.at[str(path[1])])
        if line is None:
            raise KeyError(path)
        return line

    def __iter__(self) -> Iterator[KeyPath]:
        return (("steps", node) for node in self._graph.nodes)

    def __len__(self) -> int:
        return len(self._graph.nodes)


def _kept(node: Node) -> list[Binding]:
    """The bindings of the ports that edges feed in production; those that the caller fed are unbound by hand."""
    apart = {*node.interface.sources, *node.interface.skipped}
    kept = [b for b in node.bindings if b.chosen is None or b.port not in apart]
    return [replace(b, chosen=None, explicit=True) if b.port in node.given else b for b in kept]


def _local(steps: Mapping[str, Any]) -> list[Finding]:
    """What is set here otherwise than in production."""
    set_here = [name for name, step in steps.items() if SECURE_PYPI in step["env"]]
    if not set_here:
        return []
    message = f"{SECURE_PYPI}=false is applied locally: with true, or nothing, scripts ask AWS for a token"
    return [Finding("info", message, f"for {', '.join(set_here)}; set it otherwise in the session's env")]
