"""The folder of artifacts: found by key, committed by rename, set aside when damaged."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cursus_rt_notebook.errors import ArtifactDamaged
from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.workspace.aside import set_aside_folder
from cursus_rt_notebook.workspace.atomic import fsync_folder, remove_tree, rename_new, write_synced
from cursus_rt_notebook.workspace.journal import Journal
from cursus_rt_notebook.workspace.keys import step_key
from cursus_rt_notebook.workspace.manifest import MANIFEST, Manifest, PortEntry, dump_manifest
from cursus_rt_notebook.workspace.sealing import seal_outputs
from cursus_rt_notebook.workspace.verifying import read_manifest, reseal, verify

Accepts = Callable[[Manifest], bool]


class Artifacts:
    """All artifacts of a workspace, in `root`. Its `journal` is given when that is open."""

    journal: Journal

    def __init__(self, root: Path, damaged: Path, notice: Callable[[str], None]) -> None:
        self.root = root
        self._damaged = damaged
        self._notice = notice
        self._told: set[str] = set()
        self._aside_lock = threading.Lock()

    def folder(self, key: str) -> Path:
        """Where the artifact of a key lies."""
        return self.root / key[:2] / key

    def key_of(self, path: Path) -> str | None:
        """The key of the artifact that a path lies in; None if it lies elsewhere."""
        if not path.is_relative_to(self.root):
            return None
        _, key, *_ = (*path.relative_to(self.root).parts, "", "")
        return key if re.fullmatch(r"[0-9a-f]+(\.\d+)?", key) else None

    def lookup(self, base_key: str, digest_of: Callable[[str], str | None], accepts: Accepts) -> Manifest | None:
        """The newest whole artifact with this base key that is accepted, whose opened files have the digests they had."""
        now: dict[str, str | None] = {}
        for record in self.journal.artifacts(base_key):
            for path in record.opened.keys() - now.keys():
                now[path] = digest_of(path)
            same = all(now[path] == digest for path, digest in record.opened.items())
            manifest = self._whole(record.key, record.step) if record.reusable and same else None
            if manifest is not None and accepts(manifest):
                return manifest
        return None

    def is_current(self, key: str, digest_of: Callable[[str], str | None]) -> bool:
        """Whether an artifact is there, whole, and its step would open the same files."""
        manifest = self._whole(key)
        return manifest is not None and all(digest_of(path) == digest for path, digest in manifest.opened.items())

    def commit(
        self,
        out: Path,
        ports: Sequence[str],
        *,
        base_key: str,
        opened: Mapping[str, str],
        accepts: Accepts,
        **facts: Any,
    ) -> Manifest:
        """Seal what lies in `out` and rename it into place, under a key that nobody has.

        An artifact of the same content takes its place if it is accepted.

        Raises:
            WorkspaceError: an output is a symlink or a special file.
            OSError: the disk is full, or the like.
        """
        self._drop_strangers(out, ports, facts["step"])
        sealed = seal_outputs(out, ports)
        first_key = step_key({"": {"base": base_key}, "opened": opened})
        for key in self._free_keys(first_key):
            if same := self._same(first_key, facts["step"], sealed.ports, accepts, reusable=facts["reusable"]):
                self.journal.add_artifact(same.record(), as_newest=True)
                return same
            number = self.journal.next_number()
            manifest = Manifest(key=key, base_key=base_key, opened=opened, number=number, ports=sealed.ports, **facts)
            if self._put(out, manifest):
                self.journal.add_artifact(manifest.record(), sealed.seal)
                return manifest
        raise AssertionError("unreachable")

    def set_aside(self, key: str, why: str, step: str = "") -> None:
        """Move a damaged artifact out of the way, and say so."""
        with self._aside_lock:
            step = step or self._step_of(key)
            moved = set_aside_folder(self.folder(key), self._damaged)
        if moved:
            self._notice(f"a kept output of {step}: {why}; it is not used, set aside as {moved}")

    def reseal(self, key: str) -> None:
        """Go on trusting an artifact whose files were linked and unlinked."""
        reseal(self.folder(key), self.journal)

    def refill(self, journal: Journal) -> None:
        """Tell the journal of artifacts that it does not know: its session died, or the journal was lost."""
        known = journal.artifact_keys()
        unknown = [folder for folder in self._folders() if folder.name not in known]
        found: list[Manifest] = []
        for folder in unknown:
            try:
                found.append(read_manifest(folder))
            except (ArtifactDamaged, OSError):
                continue  # nobody will ask for it by a key that nothing knows
        for manifest in sorted(found, key=lambda each: (each.number, each.created)):
            journal.add_artifact(manifest.record(), "")

    def _whole(self, key: str, step: str = "") -> Manifest | None:
        folder = self.folder(key)
        try:
            manifest = read_manifest(folder)
            verify(folder, manifest, self.journal)
        except FileNotFoundError:
            if key not in self._told and not any(self._damaged.glob(f"{key}-*")):
                self._told.add(key)
                self._notice(f"a kept output of {step or 'a step'} is gone: {folder}")
            return None
        except ArtifactDamaged as error:
            self.set_aside(key, error.message, step)
            return None
        return manifest

    def _same(
        self, first_key: str, step: str, ports: Mapping[str, PortEntry], accepts: Accepts, *, reusable: bool
    ) -> Manifest | None:
        """The whole artifact of the same step that has the same content, and is accepted."""
        for folder in self._generations(first_key):
            manifest = self._whole(folder.name, step)
            same = manifest is not None and manifest.ports == ports and (manifest.reusable or not reusable)
            if manifest is not None and same and accepts(manifest):
                return manifest
        return None

    def _put(self, out: Path, manifest: Manifest) -> bool:
        """Rename a sealed folder into place; False if somebody was quicker."""
        path = out / MANIFEST
        path.unlink(missing_ok=True)
        write_synced(path, dump_manifest(manifest), mode=0o444)
        target = self.folder(manifest.key)
        if not target.parent.is_dir():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            fsync_folder(self.root)
        if not rename_new(out, target):
            return False
        fsync_folder(target.parent)
        return True

    def _free_keys(self, first_key: str) -> Iterator[str]:
        """The key itself, then with numbers: outputs are never changed, a step that wrote others gets another key."""
        while True:
            taken = {folder.name for folder in self._generations(first_key)}
            number = 1 + max((_generation(name) for name in taken), default=0)
            yield first_key if number == 1 else f"{first_key}.{number}"

    def _generations(self, first_key: str) -> list[Path]:
        shard = self.root / first_key[:2]
        if not shard.is_dir():
            return []
        names = [n for n in os.listdir(shard) if n == first_key or n.startswith(f"{first_key}.")]
        return [shard / name for name in sorted(names, key=_generation, reverse=True)]

    def _folders(self) -> Iterator[Path]:
        for shard in self.root.iterdir():
            if shard.is_dir() and not shard.is_symlink():
                yield from (shard / name for name in os.listdir(shard))

    def _step_of(self, key: str) -> str:
        try:
            return read_manifest(self.folder(key)).step
        except (OSError, ArtifactDamaged):
            return "a step"

    def _drop_strangers(self, out: Path, ports: Sequence[str], step: str) -> None:
        """Delete what a script wrote beside its output folders: no port is there that could keep it."""
        for name in sorted(set(os.listdir(out)) - {folder_name(port) for port in ports}):
            path = out / name
            remove_tree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
            self._notice(f"{step} wrote {name} beside its output folders, where nothing is kept")


def _generation(name: str) -> int:
    return int(name.partition(".")[2] or 1)
