"""On what kind of filesystem a folder lies."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

_NETWORK: Final = {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afs", "9p", "ceph", "lustre", "gpfs", "glusterfs"}
_MOUNTS: Final = Path("/proc/self/mountinfo")


def is_network(folder: Path) -> bool:
    """Whether a folder lies on a filesystem that other machines share; False where nothing can be known."""
    try:
        lines = _MOUNTS.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return False
    kind = _kind_at(os.path.realpath(folder), lines)
    # The files of any FUSE filesystem may come from elsewhere, and few of them can share memory.
    return kind in _NETWORK or kind.startswith("fuse")


def _kind_at(path: str, lines: list[str]) -> str:
    best, kind = "", ""
    for line in lines:
        left, _, right = line.partition(" - ")
        point = _unescaped(left.split()[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):  # of two at one place the later covers the earlier
            best, kind = point, right.split()[0]
    return kind


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
