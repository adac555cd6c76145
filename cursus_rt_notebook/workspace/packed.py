"""Artifacts as archives: each made once, kept by the content that is in it, given to steps as a folder with one file."""

from __future__ import annotations

import itertools
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.workspace.archives import pack_folder
from cursus_rt_notebook.workspace.atomic import write_atomic
from cursus_rt_notebook.workspace.cache import DigestCache
from cursus_rt_notebook.workspace.digest import digest_file
from cursus_rt_notebook.workspace.known import KNOWN

_DIGEST: Final = "digest"
_counter = itertools.count()


class Packed:
    """The archives below `root`: `<content>/<name>/files/<name>`, with the archive's own digest beside `files`."""

    def __init__(self, root: Path, digests: DigestCache) -> None:
        self._root = root
        self._digests = digests

    def folder(self, artifact: Path, digest: str, name: str) -> Path:
        """The folder that holds `artifact`, whose content has this digest, as the archive `name` and nothing else.

        What is no folder, or holds that one archive already, is given as it is.

        Raises:
            OSError: it cannot be made.
        """
        if not artifact.is_dir() or os.listdir(artifact) == [name]:
            return artifact
        place = self._root / digest / folder_name(name)
        archive = place / "files" / name
        if not self._is_whole(archive, place / _DIGEST):
            self._make(artifact, archive, place / _DIGEST)
        return archive.parent

    def _is_whole(self, archive: Path, written: Path) -> bool:
        with suppress(OSError):
            return self._digests.file(archive) == written.read_text("ascii")
        return False

    def _make(self, artifact: Path, archive: Path, written: Path) -> None:
        archive.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = written.with_name(f"{os.getpid()}-{next(_counter)}.tmp")
        try:
            pack_folder(artifact, new)
            os.chmod(new, 0o444)
            os.replace(new, archive)
        except BaseException:
            with suppress(OSError):
                new.unlink()
            raise
        digest = digest_file(archive)
        KNOWN.learn(os.stat(archive), digest)
        write_atomic(written, digest.encode("ascii"))
