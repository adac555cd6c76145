"""The workspace: artifacts by key, staged and committed whole; what is damaged is set aside, never used.

<workspace>/
  cursus-workspace.json     the marker, with the format's version
  journal.sqlite            runs, attempts, ingredients, digests; can be made again from the manifests
  artifacts/ab/ab12.../     one artifact: manifest.json and a folder a port
  staging/ locks/           of sessions that run now
  runs/<run>/<step>/<n>/    log and failure of each attempt
  sources/                  the texts of scripts as they ran
  packed/                   artifacts as the archives that production hands on; made when they are needed
  damaged/                  what was set aside
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import ArtifactDamaged
from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.workspace import folder as layout
from cursus_rt_notebook.workspace import lock
from cursus_rt_notebook.workspace.artifacts import Artifacts
from cursus_rt_notebook.workspace.aside import DAMAGED
from cursus_rt_notebook.workspace.atomic import storing
from cursus_rt_notebook.workspace.cache import DigestCache
from cursus_rt_notebook.workspace.digest import TreeDigest
from cursus_rt_notebook.workspace.journal import Journal
from cursus_rt_notebook.workspace.keys import Ingredients
from cursus_rt_notebook.workspace.lock import Holder
from cursus_rt_notebook.workspace.manifest import Manifest, PortEntry
from cursus_rt_notebook.workspace.mounts import is_network
from cursus_rt_notebook.workspace.packed import Packed
from cursus_rt_notebook.workspace.source_texts import SourceTexts
from cursus_rt_notebook.workspace.staging import Staging, StagingArea
from cursus_rt_notebook.workspace.views import View

__all__ = ["Holder", "Manifest", "PortEntry", "Staging", "Workspace"]


class Workspace:
    """An open workspace. Make one with `open`; every method may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._notices: list[str] = []
        self._notices_lock = threading.Lock()
        self._artifacts = Artifacts(path / layout.ARTIFACTS, path / DAMAGED, self._notice)
        with storing("open the journal", path):
            self.journal = Journal(
                path / layout.JOURNAL, wal=not is_network(path), notice=self._notice, refill=self._artifacts.refill
            )
        self._artifacts.journal = self.journal
        self._digests = DigestCache(self.journal)
        self._staging = StagingArea(path / layout.STAGING, self._refresh)
        self._sources = SourceTexts(path / layout.SOURCES)
        self._packed = Packed(path / layout.PACKED, self._digests)

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, create: bool = True) -> Workspace:
        """Open the workspace in a folder; make it if there is none, and if `create` allows.

        Raises:
            WorkspaceNewer: a newer version wrote it; nothing was touched.
            WorkspaceForeign: the folder is somebody else's, or holds other things.
            WorkspaceError: it cannot be used: not there, read-only, full.
        """
        folder = layout.open_folder(path, create=create)
        workspace = cls(folder)
        with storing("tidy the workspace", folder):
            workspace._staging.sweep()
            lock.prune(folder / layout.LOCKS, settings.LOCK_FILES)
            workspace._artifacts.refill(workspace.journal)
        return workspace

    def close(self) -> None:
        """Close the journal. Artifacts stay readable."""
        self._staging.close()
        self.journal.close()

    def take_notices(self) -> list[str]:
        """What the user should know of since this was last asked: damaged artifacts, lost history."""
        with self._notices_lock:
            notices, self._notices = self._notices, []
        return notices

    # Artifacts

    def lookup(
        self,
        base_key: str,
        digest_of: Callable[[str], str | None],
        accepts: Callable[[Manifest], bool] = lambda _: True,
    ) -> Manifest | None:
        """The newest whole, reusable artifact with this base key whose step would open the same files.

        Args:
            digest_of: The digest that a file has now; None if it cannot be read.
            accepts: Which artifacts will do.

        Raises:
            WorkspaceError: the workspace is gone.
        """
        layout.still_there(self.path)
        with storing("look for a kept artifact", self.path):
            return self._artifacts.lookup(base_key, digest_of, accepts)

    def is_current(self, key: str) -> bool:
        """Whether an artifact is there, whole, and the other files that its step opened are what they were."""
        with storing("look at a kept artifact", self.path):
            return self._artifacts.is_current(key, self.digest_opened)

    def stage(self, step: str, run_id: str, attempt: int) -> Staging:
        """A place for an attempt to write to.

        Raises:
            WorkspaceError: the workspace is gone, full or read-only.
        """
        layout.still_there(self.path)
        with storing(f"prepare attempt {attempt} at {step} (run {run_id})", self.path):
            return self._staging.take()

    def commit(
        self,
        staging: Staging,
        *,
        base_key: str,
        step: str,
        run_id: str,
        attempt: int,
        ports: Mapping[str, Path],
        ingredients: Ingredients,
        opened: Mapping[str, str],
        facts: Mapping[str, Any],
        reusable: bool = True,
        accepts: Callable[[Manifest], bool] = lambda _: True,
    ) -> Manifest:
        """Keep what an attempt wrote: whole and on disk when this returns, not there at all if it fails.

        Where the same step has written the same before, that is returned.

        Args:
            ports: The ports to keep, each where `staging.outputs` said.
            ingredients: What `base_key` is the digest of.
            opened: The other files that the script opened, and their digests: part of the artifact's own key.
            facts: Anything else worth keeping that JSON can say. Secrets must be masked already.
            reusable: Whether `lookup` may return it.
            accepts: Which artifacts that hold the same will do in its place.

        Raises:
            WorkspaceError: an output is a symlink or a special file; the disk is full; the workspace is gone.
        """
        _check_ports(staging, ports)
        layout.still_there(self.path)
        with storing(f"keep the outputs of {step}", self.path):
            manifest = self._artifacts.commit(
                staging.out,
                list(ports),
                base_key=base_key,
                step=step,
                run_id=run_id,
                attempt=attempt,
                created=time.time(),
                ingredients=ingredients,
                opened=opened,
                facts=facts,
                reusable=reusable,
                accepts=accepts,
            )
        staging.discard(reuse=True)
        return manifest

    def artifact_dir(self, key: Manifest | str, port: str) -> Path:
        """The folder that a port's files lie in."""
        if isinstance(key, Manifest):
            key = key.key
        return self._artifacts.folder(key) / folder_name(port)

    def set_aside(self, paths: Sequence[str]) -> None:
        """Move artifacts that turned out damaged under `damaged/`, by the path of any port of theirs."""
        for path in paths:
            with storing("set aside a damaged artifact", path):
                if key := self._artifacts.key_of(Path(path)):
                    self._artifacts.set_aside(key, "was changed in place by a step that reads it")

    def packed(self, artifact: Path, digest: str, name: str) -> Path:
        """The folder that holds an artifact's files as one archive; the artifact itself where that is such a folder.

        Made once for each content, and again if somebody changed it.

        Args:
            artifact: Where its files lie.
            digest: That of its content.
            name: Of the archive.

        Raises:
            WorkspaceError: it cannot be made.
        """
        with storing("pack an artifact", artifact):
            return self._packed.folder(artifact, digest, name)

    # What a step is made of, and what stays of its attempts

    def digest_path(self, path: Path) -> TreeDigest:
        """The content digest of a user's file or folder; read again only if it was touched.

        Raises:
            WorkspaceError: something in it cannot be read.
        """
        with storing("read", path):
            return self._digests.tree(path)

    def digest_opened(self, path: str) -> str | None:
        """The content digest of a file that a script opened; None if it cannot be read."""
        try:
            return self._digests.file(path)
        except OSError:
            return None

    def keep_source(self, digest: str, path: Path) -> None:
        """Keep the text of a source by its digest, to show later what changed."""
        self._sources.keep(digest, path)

    def kept_source(self, digest: str | None) -> str | None:
        """The text of a source that was kept."""
        return self._sources.text(digest)

    def attempt_dir(self, run_id: str, step: str, attempt: int) -> Path:
        """The folder for what stays of an attempt, whatever became of it: log, failure.

        Raises:
            WorkspaceError: it cannot be made.
        """
        folder = self.path / layout.RUNS / folder_name(run_id) / folder_name(step) / str(attempt)
        with storing("make a folder for the attempt", folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def lock_key(
        self,
        base_key: str,
        *,
        step: str,
        run_id: str,
        on_wait: Callable[[Holder], None],
        cancelled: Callable[[], bool],
    ) -> AbstractContextManager[None]:
        """Hold a key, so that nobody else runs it meanwhile, here or in another process; wait while somebody does.

        Args:
            on_wait: Told who holds it, once for each holder that is waited for.
            cancelled: Asked at least every `WAIT_SLICE` seconds.

        Raises:
            StepInterrupted: `cancelled` said so.
            WorkspaceError: a process on another machine left the lock behind.
        """
        path = self.path / layout.LOCKS / folder_name(base_key)
        return lock.hold(path, step=step, run_id=run_id, on_wait=on_wait, cancelled=cancelled)

    def _refresh(self, views: Sequence[View]) -> None:
        """After views are gone: the files they showed have new times, and are known to be the same."""
        users: list[str] = []
        artifacts: set[str] = set()
        for view in views:
            if not view.shared:
                continue
            if key := self._artifacts.key_of(view.source):
                artifacts.add(key)
            else:
                users += [file.original for file in view.shared]
        with suppress(OSError, ArtifactDamaged):
            self._digests.refresh(users)
        for key in artifacts:
            self._artifacts.reseal(key)

    def _notice(self, text: str) -> None:
        with self._notices_lock:
            self._notices.append(text)


def _check_ports(staging: Staging, ports: Mapping[str, Path]) -> None:
    for port, path in ports.items():
        if path != staging.out / folder_name(port):
            raise ValueError(f"port {port!r} lies at {path}, not where staging.outputs said")
