"""The texts of scripts as they ran, by digest: an aid to explaining, which nothing depends on."""

from __future__ import annotations

import re
import shutil
import threading
from contextlib import suppress
from pathlib import Path


class SourceTexts:
    """Source files kept in a folder, each once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._kept: set[str] = set()

    def keep(self, digest: str, path: Path) -> None:
        """Keep a file under its digest. One that cannot be kept is not: a diff less to show."""
        target = self._path(digest)
        if target is None or digest in self._kept:
            return
        with suppress(OSError):
            if not target.exists():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                temporary = target.with_name(f"{target.name}.{threading.get_ident()}.tmp")
                shutil.copyfile(path, temporary)
                temporary.replace(target)
            self._kept.add(digest)

    def text(self, digest: str | None) -> str | None:
        """The text kept under a digest."""
        target = self._path(digest)
        try:
            return None if target is None else target.read_text(errors="replace")
        except OSError:
            return None

    def _path(self, digest: str | None) -> Path | None:
        # What is no digest (an unreadable file has a word instead) is not made into a path.
        if digest is None or not re.fullmatch(r"[0-9a-f]{16,128}", digest):
            return None
        return self._root / digest[:2] / digest
