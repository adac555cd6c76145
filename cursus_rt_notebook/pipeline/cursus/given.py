"""Input ports that no edge has to feed: what a script finds in its own source folder, and what the configuration names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, cast

from cursus_rt_notebook.pipeline.addresses import is_address, shown
from cursus_rt_notebook.pipeline.cursus.configuration import NodeConfig
from cursus_rt_notebook.pipeline.cursus.interface import Interface
from cursus_rt_notebook.pipeline.cursus.places import Places, Script
from cursus_rt_notebook.pipeline.faults import quoted
from cursus_rt_notebook.pipeline.files import exists
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.sagemaker import CODE

_CODE = PurePosixPath(CODE)
# What the classes make these of, where they cannot be asked.
_FIELDS = {
    "inference_scripts_source": ("inference_scripts_dir", "source_dir", "effective_source_dir"),
    "get_data_source_uri": ("data_source_uri", "data_source"),
}
_RESOLVED = "resolved_"  # of what follows: below the source folder


@dataclass(frozen=True)
class Found:
    """A port's path on this machine; None if there is none, and `note` says what production would take."""

    path: Path | None
    note: Finding | None = None


def from_code(interface: Interface, script: Script | None) -> dict[str, Path]:
    """What lies in the source folder of the ports whose path in the container is in the folder of the code."""
    found: dict[str, Path] = {}
    for port, declared in interface.inputs.items():
        place = PurePosixPath(declared.path or "/")
        if script is None or _CODE not in place.parents:
            continue
        inside = place.relative_to(_CODE)
        # Hyperparameters are a file to some scripts, and to others the folder that holds one for each region.
        options = [inside, inside.parent] if inside.suffix and inside.parent.parts else [inside]
        path = next((script.source_dir / option for option in options if exists(script.source_dir / option)), None)
        if path is not None:
            found[port] = path
    return found


def from_configuration(
    interface: Interface, config: NodeConfig, script: Script | None, places: Places
) -> dict[str, Found]:
    """Where the ports lie that production takes from what the configuration names, whatever the edges say."""
    found: dict[str, Found] = {}
    for port, attribute in interface.sources.items():
        if port in interface.inputs:
            severity = "error" if interface.inputs[port].required else "warning"
            found[port] = _found(port, attribute, severity, config, script, places)
    return found


def _found(
    port: str, attribute: str, severity: str, config: NodeConfig, script: Script | None, places: Places
) -> Found:
    written = _named(attribute, config)
    if written is None and attribute.startswith(_RESOLVED) and script is not None:
        inside = config.text(attribute.removeprefix(_RESOLVED))
        path = script.source_dir / inside if inside else None
        return Found(path if path and exists(path) else None)
    if written is None:
        return Found(None)
    path = None if is_address(written) else places.find(written, config.text("project_root_folder"))
    if path is None and script is not None:
        path = script.folder(written)
    if path is not None:
        return Found(path)
    message = f"production gives input {quoted(port)} {shown(written)}, which is not found here"
    # A folder of production's may be large: it is fetched when the caller says so.
    other = (
        f', or inputs={{"{config.node}.{port}": {shown(written)}}} to have it fetched' if is_address(written) else ""
    )
    fix = f'give it: inputs={{"{config.node}.{port}": PATH}}{other}'
    return Found(None, Finding(severity, message, fix, step=config.node, port=port))


def _named(attribute: str, config: NodeConfig) -> str | None:
    """The path or address that the configuration names by an attribute or method, or by what the class makes it of."""
    value = config.find(attribute)
    if callable(value):
        try:
            value = cast("Callable[[], Any]", value)()
        except Exception:  # noqa: BLE001 - the user's code
            value = None
    if isinstance(value, (str, Path)) and str(value):
        return str(value)
    return config.text(*_FIELDS.get(attribute, ()))
