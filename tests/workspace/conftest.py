"""A workspace, and the shortest way to keep something in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cursus_rt_notebook.workspace.keys import step_key
from cursus_rt_notebook.workspace.store import Manifest, Staging, Workspace

Keep = Callable[..., Manifest]
Find = Callable[[Workspace, str], Manifest | None]


def commit(workspace: Workspace, staging: Staging, **given: Any) -> Manifest:
    """Commit what was staged: the port `out` of the step `train`, unless `given` says otherwise."""
    usual = {"base_key": "ab", "step": "train", "run_id": "run-1", "attempt": 1}
    usual |= {"ports": {"out": staging.out / "out"}, "ingredients": {}, "opened": {}, "facts": {}}
    return workspace.commit(staging, **(usual | given))


def in_child(body: Callable[[], None]) -> int:
    """Run `body` in a forked process and return how that ended."""
    pid = os.fork()
    if pid == 0:
        status = 99
        try:
            body()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


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
            given = {"base_key": base_key(step), "step": step, "ingredients": {"source": {"script": step}}} | facts
            return commit(ws, staging, **given)
        finally:
            staging.discard()

    return do


@pytest.fixture
def find(base_key: Callable[[str], str]) -> Find:
    """Look a step's artifact up: `find(ws, "extract")`."""
    return lambda ws, step: ws.lookup(base_key(step), ws.digest_opened)
