"""Environments made for steps, one folder each, named by what was asked for; a half-made one is made again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cursus_rt_notebook.errors import WorkspaceForeign
from cursus_rt_notebook.workspace.atomic import remove_tree, storing, write_atomic
from cursus_rt_notebook.workspace.folder import LOCKS, open_folder
from cursus_rt_notebook.workspace.lock import Holder, hold

ENVIRONMENTS: Final = "environments"
_MARKER: Final = "cursus-environment.json"


@dataclass(frozen=True)
class EnvironmentFolder:
    """The place of one environment, held by whoever has this; `facts` are None until it is whole."""

    path: Path
    facts: Mapping[str, Any] | None

    def clear(self) -> None:
        """Remove what is there, whole or not."""
        with storing("remove an environment", self.path):
            # First what says that it is whole.
            (self.path / _MARKER).unlink(missing_ok=True)
            if self.path.exists():
                remove_tree(self.path)

    def finish(self, facts: Mapping[str, Any]) -> None:
        """Say that it is whole, and what is in it."""
        with storing("keep an environment", self.path):
            write_atomic(self.path / _MARKER, json.dumps(facts).encode())

    @property
    def bytes(self) -> int:
        """What it takes, each file once."""
        sizes: dict[int, int] = {}
        for folder, _, names in os.walk(self.path):
            for name in names:
                info = os.lstat(os.path.join(folder, name))
                sizes[info.st_ino] = info.st_size
        return sum(sizes.values())


@contextmanager
def environment_folder(
    workspace_dir: str | os.PathLike[str], key: str, *, on_wait: Callable[[Holder], None]
) -> Generator[EnvironmentFolder]:
    """Hold the place of the environment `key` in a workspace, waiting while another session makes it.

    What is left without having been finished is removed: now, or by whoever comes next.

    Raises:
        WorkspaceError: the workspace cannot be used.
    """
    folder = open_folder(workspace_dir, create=True)
    home = folder / ENVIRONMENTS
    with storing("keep environments", home):
        home.mkdir(mode=0o700, exist_ok=True)
        if home.is_symlink():
            raise WorkspaceForeign(f"{home} is a link", fix="remove it, or give another workspace_dir", path=str(home))
    lock = hold(
        folder / LOCKS / f"environment-{key}",
        step="an environment",
        run_id="build_envs",
        on_wait=on_wait,
        cancelled=lambda: False,
    )
    with lock:
        place = EnvironmentFolder(home / key, _facts(home / key))
        if place.facts is None:
            place.clear()
        yield place


def _facts(path: Path) -> Mapping[str, Any] | None:
    try:
        facts = json.loads((path / _MARKER).read_bytes())
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None
