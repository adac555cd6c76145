"""Data put by hand in the place of what a step wrote."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook.data.frames import WRITERS, write_table
from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.plan import Planner
from cursus_rt_notebook.engine.state import StepState, StepStatus
from cursus_rt_notebook.errors import CommandRefused
from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.pipeline.standin import is_table
from cursus_rt_notebook.workspace import keys
from cursus_rt_notebook.workspace.digest import digest_tree

if TYPE_CHECKING:
    import pandas as pd


def replaced(view: StepView, port: str, data: pd.DataFrame | str | Path, planner: Planner) -> StepState:
    """How the step stands once `data` is kept as its output `port`; its other ports stay as they are.

    Raises:
        CommandRefused: no such port or channel, or nothing at the path, or data is neither DataFrame nor path.
    """
    port, _, channel = str(port).partition("/")
    if port not in view.step.outputs:
        ports = ", ".join(view.step.outputs) or "none"
        raise CommandRefused(f"{view.name} has no output {port!r}", fix=f"its outputs are {ports}")
    workspace, run_id = planner.workspace, view.run.run_id
    number = view.state.attempt + 1
    staging = workspace.stage(view.name, run_id, number)
    try:
        for other in view.step.outputs:
            _keep(view, other, staging.outputs(other), leave_out=(port, channel))
        target = staging.outputs(port) / channel
        _put(data, target, view, port, channel)
        ports = {name: staging.outputs(name) for name in view.step.outputs}
        content = {name: digest_tree(folder).digest for name, folder in ports.items()}
        key = keys.step_key({"by hand": content})
        manifest = workspace.commit(
            staging,
            base_key=key,
            step=view.name,
            run_id=run_id,
            attempt=number,
            ports=ports,
            ingredients={"by hand": content},
            opened={},
            facts={"by_hand": True, "port": port},
            reusable=False,
        )
    finally:
        staging.discard()
    return replace(
        view.state,
        status=StepStatus.DONE,
        reason="data replaced",
        key=key,
        artifact=manifest.key,
        attempt=number,
        outputs={name: entry.digest for name, entry in manifest.ports.items()},
        output_bytes=sum(entry.bytes for entry in manifest.ports.values()),
        tables=tuple(t for t in view.state.tables if t.port != port),
        losses=tuple(loss for loss in view.state.losses if loss.port != port),
        failure=None,
        findings=(),
        checks=(),
        edited=True,
    )


def _keep(view: StepView, port: str, target: Path, leave_out: tuple[str, str]) -> None:
    """Copy what the step wrote to `port`, except the part that is replaced."""
    artifact = view.outputs.get(port)
    if artifact is None:
        return
    gone, channel = leave_out
    for source in artifact.path.iterdir():
        if port == gone and (not channel or source.name == folder_name(channel)):
            continue
        if source.is_dir():
            shutil.copytree(source, target / source.name)
        else:
            shutil.copyfile(source, target / source.name)


def _put(data: Any, target: Path, view: StepView, port: str, channel: str) -> None:
    target.mkdir(parents=True, exist_ok=True)
    if isinstance(data, (str, Path)):
        source = Path(data)
        if not source.exists():
            raise CommandRefused(f"nothing at {source}", fix="give a DataFrame, or the path of a file or folder")
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, target / source.name)
        return
    if not is_table(data):
        raise CommandRefused(
            f"data of type {type(data).__name__} is neither a DataFrame nor a path", fix="give one of them"
        )
    before = _files(view, port, channel)
    folders = sorted({str(Path(name).parent) for name in before})
    if not channel and len(folders) > 1:
        first = next(name for name in folders if name != ".")
        raise CommandRefused(
            f"{view.name}.{port} has tables in several folders, and one DataFrame is given",
            fix=f'replace one of them, "{port}/{first}", or give a folder that holds all: {", ".join(folders)}',
        )
    file = target / (before[0] if before else "data.csv")
    file.parent.mkdir(parents=True, exist_ok=True)
    write_table(data, file)


def _files(view: StepView, port: str, channel: str) -> Sequence[str]:
    """The table files that the port had, of which the first gives name and format."""
    artifact = view.outputs.get(port)
    if artifact is None or (channel and channel not in artifact.channels):
        return ()
    files = (artifact[channel] if channel else artifact).files
    return [file.path for file in files if file.kind in WRITERS]
