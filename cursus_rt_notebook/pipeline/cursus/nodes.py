"""What kind of step a node is: its name is a step type, and may end in a job type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cursus_rt_notebook.pipeline.cursus.configuration import Configuration
from cursus_rt_notebook.pipeline.cursus.dag import Dag
from cursus_rt_notebook.pipeline.cursus.interface import Interface
from cursus_rt_notebook.pipeline.cursus.interfaces import Interfaces
from cursus_rt_notebook.pipeline.faults import listed, near, quoted
from cursus_rt_notebook.pipeline.findings import Finding


@dataclass(frozen=True)
class Kind:
    """A node's step type, by the name that its interface is known by, and its job type."""

    step_type: str
    job_type: str | None


def interface_of(
    node: str, dag: Dag, interfaces: Interfaces, configuration: Configuration, notes: list[Finding]
) -> Interface | None:
    """The interface of a node; None if there is none, which is noted as a fault of the graph."""
    kind = _by_name(node, interfaces) or _by_class(node, interfaces, configuration)
    if kind is None:
        _unknown(node, dag, interfaces)
        return None
    interface = interfaces.get(kind.step_type, kind.job_type or configuration.of(node).job_type)
    if interface is not None:
        notes += _doubts(node, interface, configuration)
    return interface


def _by_name(node: str, interfaces: Interfaces) -> Kind | None:
    for step_type, job_type in splits(node):
        if known := interfaces.find(step_type):
            return Kind(known, job_type)
    return None


def _by_class(node: str, interfaces: Interfaces, configuration: Configuration) -> Kind | None:
    """The step type that the configuration's class is named after, for nodes with names of their own."""
    config = configuration.of(node)
    known = (
        interfaces.find(config.class_name.removesuffix("Config").removesuffix("Step")) if config.class_name else None
    )
    return Kind(known, config.job_type) if known else None


def splits(node: str) -> Iterator[tuple[str, str | None]]:
    """The name itself, then every way to cut a job type off it, the longest step type first."""
    yield node, None
    at = node.rfind("_")
    while at > 0:
        yield node[:at], node[at + 1 :]
        at = node.rfind("_", 0, at)


def _unknown(node: str, dag: Dag, interfaces: Interfaces) -> None:
    if dag.document.is_crowded:
        message, fix = f"{quoted(node)} is no step type that is known from {interfaces.places}", ""
    elif interfaces.known or interfaces.catalogs:
        meant = list(dict.fromkeys(m for m in (near(part, interfaces.known) for part, _ in splits(node)) if m))
        there = f"add its interface; there are {listed(sorted(interfaces.known))}"
        fix = f"did you mean {listed(meant, limit=3)}? Else {there}" if meant else there
        message = f"{quoted(node)} is no step type that is known from {interfaces.places}"
    elif interfaces.faults:
        return  # why there are none is said already
    else:
        fix = "give interfaces=FOLDER, the folder of the *.step.yaml files"
        message = f"{quoted(node)} has no interface: there is none in {interfaces.places}"
    dag.document.fault(dag.at[node], message, fix)


def _doubts(node: str, interface: Interface, configuration: Configuration) -> Iterator[Finding]:
    if interface.has_variant is False:
        message = f"{interface.step_type} has no variant for job type {quoted(interface.job_type)}: its base is used"
        fix = f"its variants are {listed(interface.variants)}"
        yield Finding("info", message, fix, step=node, file=interface.origin)
    config = configuration.of(node)
    said = config.job_type
    if said and interface.job_type and said != interface.job_type:
        message = f"the configuration says job type {quoted(said)}, the node's name says {quoted(interface.job_type)}"
        yield Finding("warning", message, "rename the node, or mend job_type", step=node)
    expected = interface.config_class or f"{interface.step_type}Config"
    if config.class_name and config.class_name.casefold() != expected.casefold():
        message = f"the configuration is a {config.class_name}, and {quoted(node)} is a {interface.step_type}"
        yield Finding("warning", message, f"expected {expected}: is this the right node?", step=node)
