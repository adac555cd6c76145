"""Digests of files that need not be read again, known to this process or written in the journal by an earlier one."""

from __future__ import annotations

import os
from pathlib import Path

from cursus_rt_notebook.workspace.digest import TreeDigest, digest_file, digest_tree
from cursus_rt_notebook.workspace.journal import Journal
from cursus_rt_notebook.workspace.known import KNOWN, is_settled, signature_text


class DigestCache:
    """Digests of the user's files and folders, each read once for as long as it stays as it is."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def file(self, path: str | Path) -> str:
        """The digest of one file.

        Raises:
            OSError: it cannot be read.
        """
        name = os.path.abspath(path)
        fresh: dict[str, str] = {}
        digest = _digest(name, self._journal.digests(name, below=False), fresh)
        self._journal.set_digests(fresh)
        return digest

    def tree(self, path: Path) -> TreeDigest:
        """The digest of a file or a folder.

        Raises:
            OSError: something in it cannot be read.
        """
        root = Path(os.path.abspath(path))
        known = self._journal.digests(os.fspath(root), below=root.is_dir())
        fresh: dict[str, str] = {}
        tree = digest_tree(root, lambda name: _digest(name, known, fresh))
        self._journal.set_digests(fresh)
        return tree

    def refresh(self, paths: list[str]) -> None:
        """Write down anew what is known of these files, whose times changed as links to them came and went."""
        fresh: dict[str, str] = {}
        for path in paths:
            info = os.stat(path)
            if digest := KNOWN.digest(info):
                fresh[path] = f"{signature_text(info)} {digest}"
        self._journal.set_digests(fresh)


def _digest(path: str, known: dict[str, str], fresh: dict[str, str]) -> str:
    before = os.stat(path)
    if digest := KNOWN.digest(before):
        return digest
    written, _, digest = known.get(path, "").partition(" ")
    if written != signature_text(before):
        digest = digest_file(path)
        after = os.stat(path)
        # Changed while it was read, or so lately that a change to come might not show: read it again next time.
        if signature_text(after) != signature_text(before) or not is_settled(after):
            return digest
        fresh[path] = f"{signature_text(after)} {digest}"
    KNOWN.learn(before, digest)
    return digest
