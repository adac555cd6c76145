"""A workspace, and the shortest way to keep something in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cursus_rt_notebook.workspace.keys import step_key
from cursus_rt_notebook.workspace.store import Manifest, Workspace

Keep = Callable[..., Manifest]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An open, new workspace."""
    opened = Workspace.open(tmp_path / "ws")
    yield opened
    opened.close()


@pytest.fixture
def base_key() -> Callable[[str], str]:
    """The base key of a step that differs from others by its name only."""
    return lambda step: step_key({"source": {"script": step}})


@pytest.fixture
def keep(base_key: Callable[[str], str]) -> Keep:
    """Keep files of one port as a step's output: `keep(ws, "extract", {"flights.csv": b"..."})`."""

    def do(ws: Workspace, step: str, files: dict[str, bytes], **facts: Any) -> Manifest:
        staging = ws.stage(step, "run-1", 1)
        try:
            for name, content in files.items():
                path = staging.outputs("out") / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            given: dict[str, Any] = {"opened": {}, "facts": {}, "ingredients": {"source": {"script": step}}} | facts
            ports = {"out": staging.outputs("out")}
            return ws.commit(
                staging, base_key=base_key(step), step=step, run_id="run-1", attempt=1, ports=ports, **given
            )
        finally:
            staging.discard()

    return do


@pytest.fixture
def find(base_key: Callable[[str], str]) -> Callable[[Workspace, str], Manifest | None]:
    """Look a step's artifact up: `find(ws, "extract")`."""
    return lambda ws, step: ws.lookup(base_key(step), ws.digest_opened)
