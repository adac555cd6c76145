"""Whether a kept artifact still is what was written. Quick where nothing touched it."""

from __future__ import annotations

import os
from pathlib import Path

from cursus_rt_notebook.errors import ArtifactDamaged
from cursus_rt_notebook.workspace.digest import digest_file
from cursus_rt_notebook.workspace.journal import Journal
from cursus_rt_notebook.workspace.known import KNOWN, is_settled, seal_of
from cursus_rt_notebook.workspace.manifest import MANIFEST, Manifest, PortEntry, load_manifest
from cursus_rt_notebook.workspace.sealing import list_port, port_file
from cursus_rt_notebook.workspace.walk import Listing


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the artifact in a folder.

    Raises:
        FileNotFoundError: there is no such folder.
        ArtifactDamaged: the manifest is missing, or not what was written.
    """
    try:
        data = (folder / MANIFEST).read_bytes()
    except FileNotFoundError:
        if folder.is_dir():
            raise ArtifactDamaged(f"{MANIFEST} is missing") from None
        raise
    except OSError as error:
        raise ArtifactDamaged(f"{MANIFEST} cannot be read ({error.strerror})") from error
    manifest = load_manifest(data)
    if manifest.key != folder.name:
        raise ArtifactDamaged(f"{MANIFEST} is another artifact's")
    return manifest


def verify(folder: Path, manifest: Manifest, journal: Journal) -> None:
    """Check every file of an artifact: by its signature, and if that is new, by its content.

    Raises:
        ArtifactDamaged: names the file.
    """
    try:
        statuses = _statuses(folder, manifest)
        seal = seal_of({name: info for name, (_, info) in statuses.items()})
        unchanged = journal.seal(manifest.key) == seal
        for name, (digest, info) in statuses.items():
            if unchanged:
                KNOWN.learn(info, digest)
            elif KNOWN.digest(info) != digest:
                _reread(folder, name, digest, info)
    except OSError as error:
        raise ArtifactDamaged(f"{error.filename} cannot be read ({error.strerror})") from error
    if not unchanged and all(KNOWN.digest(info) for _, info in statuses.values()):
        journal.set_seal(manifest.key, seal)


def reseal(folder: Path, journal: Journal) -> None:
    """Write down anew the signature of an artifact whose files were linked or unlinked, if all are known as whole."""
    try:
        manifest = read_manifest(folder)
        statuses = _statuses(folder, manifest)
    except (OSError, ArtifactDamaged):
        return  # found when it is next looked up
    if all(KNOWN.digest(info) == digest for digest, info in statuses.values()):
        seal = seal_of({name: info for name, (_, info) in statuses.items()})
        if journal.seal(manifest.key) != seal:
            journal.set_seal(manifest.key, seal)


def _statuses(folder: Path, manifest: Manifest) -> dict[str, tuple[str, os.stat_result]]:
    """Digest and present status of each file, if names and sizes are those in the manifest."""
    found: dict[str, tuple[str, os.stat_result]] = {}
    for port, entry in manifest.ports.items():
        listing = list_port(folder / entry.folder)
        for name, kind in listing.odd.items():
            raise ArtifactDamaged(f"{port}/{name} is {kind}")
        _check_names(port, entry, listing)
        for file in entry.files:
            info = listing.files[file.path]
            if info.st_size != file.size:
                raise ArtifactDamaged(f"{port}/{file.path} has another size than was written")
            found[f"{entry.folder}/{file.path}"] = file.digest, info
    return found


def _check_names(port: str, entry: PortEntry, listing: Listing) -> None:
    expected = {file.path for file in entry.files}
    if expected == listing.files.keys() and entry.empty == listing.empty:
        return
    for name in sorted(expected - listing.files.keys()):
        raise ArtifactDamaged(f"{port}/{name} is missing")
    for name in sorted(listing.files.keys() - expected):
        raise ArtifactDamaged(f"{port}/{name} was not written by the step")
    names = ", ".join(sorted(set(entry.empty).symmetric_difference(listing.empty)))
    raise ArtifactDamaged(f"{port} has or lacks an empty folder: {names}")


def _reread(folder: Path, name: str, digest: str, before: os.stat_result) -> None:
    port_folder, _, file = name.partition("/")
    path = port_file(folder, port_folder, file)
    if digest_file(path) != digest:
        raise ArtifactDamaged(f"{name} is not what was written")
    if is_settled(before):
        KNOWN.learn(before, digest)
