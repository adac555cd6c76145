"""Each node as a document would write its step, and what was noticed on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from cursus_rt_notebook.pipeline.bindings import Binding
from cursus_rt_notebook.pipeline.cursus.configuration import NodeConfig
from cursus_rt_notebook.pipeline.cursus.given import Found, from_code, from_configuration
from cursus_rt_notebook.pipeline.cursus.interface import Interface
from cursus_rt_notebook.pipeline.cursus.places import Places, Script, find_script
from cursus_rt_notebook.pipeline.cursus.stubpoints import gpu_finding, stub_finding, why_not_here
from cursus_rt_notebook.pipeline.cursus.variables import SECURE_PYPI, arguments, environment
from cursus_rt_notebook.pipeline.faults import quoted
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.sagemaker import PACKED

_TRAINS = ("Training", "Tuning")
_SCRIPT_BYTES = 4 * 1024 * 1024  # of a script are looked through for a word


@dataclass(frozen=True)
class Node:
    """A node of the graph with all that is known of it."""

    name: str
    interface: Interface
    config: NodeConfig
    before: tuple[str, ...]
    bindings: tuple[Binding, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict[str, Any])
    entry: str = "main"


def written_step(node: Node, places: Places, *, feeds: bool) -> tuple[dict[str, Any], list[Finding]]:
    """The step as a document would write it, and the findings.

    Args:
        node: The node.
        places: Where its files may lie.
        feeds: Whether another step takes an output of it.
    """
    why = why_not_here(node.interface)
    script = find_script(node.interface, node.config, places)
    notes: list[Finding] = []
    step: dict[str, Any] = _script(script, optional=bool(why))
    inputs, said = _inputs(node, script, places)
    step |= {
        "entry": node.entry,
        "inputs": inputs,
        "outputs": _outputs(node.interface),
        "after": _after(node),
        "container": _container(node.interface),
        "requirements": _requirements(node, notes),
    }
    step |= _values(node, script, notes)
    if why:
        step["stub"] = "open" if feeds else "skip"
        notes.append(stub_finding(node.name, why, feeds=feeds))
    else:
        notes += said + ([script.missing] if script and script.missing else [])
        gpu = gpu_finding(node.config)
        notes += [gpu] if gpu else []
    return step, notes


def _script(script: Script | None, *, optional: bool) -> dict[str, Any]:
    """A step that a stub stands in for needs no script."""
    if script is None or (script.missing and optional):
        return {}
    found = {"script": str(script.path), "source_dir": str(script.source_dir)}
    return found | ({"script_missing": True} if script.missing else {})


def _inputs(node: Node, script: Script | None, places: Places) -> tuple[dict[str, Any], list[Finding]]:
    """What feeds each port: the caller, else the configuration, else an edge, else the source folder."""
    code = from_code(node.interface, script)
    named = from_configuration(node.interface, node.config, script, places)
    fed = {binding.port: binding.chosen for binding in node.bindings}
    inputs: dict[str, Any] = {}
    for port, declared in node.interface.inputs.items():
        optional = {} if declared.required else {"optional": True}
        path = _path(port, code, named)
        chosen = fed.get(port) if port not in named and port not in node.interface.skipped else None
        if port in node.given:
            inputs[port] = node.given[port]
        elif chosen is not None:
            inputs[port] = {"step": chosen.step, "port": chosen.port, **optional}
        elif path is not None:
            inputs[port] = {"path": str(path), "optional": True}
        elif declared.required:
            inputs[port] = {"open": True}
    return inputs, [found.note for port, found in named.items() if found.note and port not in node.given]


def _path(port: str, code: Mapping[str, Path], named: Mapping[str, Found]) -> Path | None:
    return named[port].path if port in named else code.get(port)


def _outputs(interface: Interface) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for port, declared in interface.outputs.items():
        packed = PACKED.get((declared.path or "").rstrip("/")) if interface.sagemaker_type in _TRAINS else None
        found[port] = {"channels": list(declared.channels)} if declared.channels else {}
        found[port] |= {"packed": packed} if packed else {}
    return found


def _after(node: Node) -> list[str]:
    """The steps that edges lead from without any data."""
    skipped = {*node.interface.sources, *node.interface.skipped, *node.given}
    fed = {b.chosen.step for b in node.bindings if b.chosen and b.port not in skipped}
    return [other for other in node.before if other not in fed]


def _container(interface: Interface) -> dict[str, Any]:
    return {
        "inputs": {port: declared.path for port, declared in interface.inputs.items() if declared.path},
        "outputs": {port: declared.path for port, declared in interface.outputs.items() if declared.path},
    }


def _requirements(node: Node, notes: list[Finding]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, versions in node.interface.requirements.items():
        try:
            Requirement(f"{name}{versions}")
        except InvalidRequirement:
            message = f"its interface asks for {quoted(f'{name} {versions}'.strip())}, which pip cannot read"
            fix = 'write NAME: ">=1.2,<2" in framework_requirements'
            notes.append(Finding("warning", message, fix, step=node.name, file=node.interface.origin))
        else:
            found[name] = versions
    return found


def _values(node: Node, script: Script | None, notes: list[Finding]) -> dict[str, Any]:
    """Environment and arguments."""
    asked = node.config.asked(node.interface.variables)
    if asked.trouble:
        message = f"its configuration cannot be asked: {asked.trouble}"
        notes.append(Finding("warning", message, "its fields are used", step=node.name))
    env, found = environment(node.interface, node.config, asked, reads_pypi=_reads(script, SECURE_PYPI))
    notes += found
    return {"env": env, "args": arguments(node.interface, node.config, asked)}


def _reads(script: Script | None, word: str) -> bool:
    """Whether a script speaks of `word`."""
    if script is None or script.missing:
        return False
    try:
        with script.path.open("rb") as file:
            return word.encode() in file.read(_SCRIPT_BYTES)
    except OSError:
        return False
