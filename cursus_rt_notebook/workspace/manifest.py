"""What an artifact consists of, in a file beside it that can tell when it was damaged itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from blake3 import blake3

from cursus_rt_notebook.errors import ArtifactDamaged
from cursus_rt_notebook.workspace.digest import FileEntry
from cursus_rt_notebook.workspace.keys import Ingredients
from cursus_rt_notebook.workspace.records import ArtifactRecord

MANIFEST: Final = "manifest.json"
_HEAD: Final = b'{"check":"'
_MIDDLE: Final = b'","manifest":'
_HEX: Final = 64


@dataclass(frozen=True)
class PortEntry:
    """One port's output: the folder (or file) it lies in, one digest for all, bytes, files and empty folders.

    A port that is a single file has one entry, whose path is ".".
    """

    folder: str
    digest: str
    bytes: int
    files: tuple[FileEntry, ...]
    empty: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """All about one artifact. `key` names its folder, `number` is the order in which it was kept."""

    key: str
    base_key: str
    step: str
    run_id: str
    attempt: int
    created: float
    number: int
    ports: Mapping[str, PortEntry]
    ingredients: Ingredients
    opened: Mapping[str, str]
    facts: Mapping[str, Any]
    reusable: bool = True

    def record(self) -> ArtifactRecord:
        """What the journal keeps of it."""
        return ArtifactRecord(self.number, self.base_key, self.key, self.step, self.run_id, self.opened, self.reusable)


def dump_manifest(manifest: Manifest) -> bytes:
    """The manifest as JSON that holds its own checksum."""
    ports = {name: _port_facts(entry) for name, entry in manifest.ports.items()}
    # Not dataclasses.asdict, which copies ten thousand file entries one by one.
    facts = {**manifest.__dict__, "ports": ports}
    body = json.dumps(facts, sort_keys=True, separators=(",", ":"), default=_plain).encode()
    return b"".join((_HEAD, blake3(body).hexdigest().encode(), _MIDDLE, body, b"}\n"))


def load_manifest(data: bytes) -> Manifest:
    """The manifest in these bytes.

    Raises:
        ArtifactDamaged: they are not what was written.
    """
    start = len(_HEAD) + _HEX + len(_MIDDLE)
    body = data[start:-2]
    if data[:start] != b"".join((_HEAD, blake3(body).hexdigest().encode(), _MIDDLE)) or data[-2:] != b"}\n":
        raise ArtifactDamaged(f"{MANIFEST} is not what was written")
    facts: dict[str, Any] = json.loads(body)
    facts["ports"] = {name: _port_entry(entry) for name, entry in facts["ports"].items()}
    return Manifest(**facts)


def _port_facts(entry: PortEntry) -> dict[str, Any]:
    return {**entry.__dict__, "files": [(file.path, file.size, file.digest) for file in entry.files]}


def _port_entry(facts: dict[str, Any]) -> PortEntry:
    files = tuple(FileEntry(*file) for file in facts.pop("files"))
    return PortEntry(files=files, empty=tuple(facts.pop("empty")), **facts)


def _plain(value: Any) -> Any:
    return dict(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else str(value)
