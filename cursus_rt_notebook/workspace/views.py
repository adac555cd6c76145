"""Private views of a step's inputs: real folders, whose files are shared with the original, never copied needlessly.

What a step adds, deletes or replaces in its view stays there. What it changes *in* a shared file changes the original
too; that cannot always be prevented (root is stopped by no permission), so it is noticed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cursus_rt_notebook import settings
from cursus_rt_notebook.workspace.atomic import remove_tree, storing
from cursus_rt_notebook.workspace.digest import digest_file
from cursus_rt_notebook.workspace.known import KNOWN, Signature, is_fine, signature
from cursus_rt_notebook.workspace.sharing import copy_file, share_file
from cursus_rt_notebook.workspace.walk import list_folder


@dataclass(frozen=True, slots=True)
class Shared:
    """One file of a view that is the original's own: its name, both paths, and how the original was then."""

    name: str
    path: str
    original: str
    inode: int
    signature: Signature
    digest: str | None


@dataclass(frozen=True)
class View:
    """A view that was made: where it lies, of what, and the files it shares with that."""

    path: Path
    source: Path
    shared: tuple[Shared, ...]

    def changed(self) -> tuple[str, ...]:
        """The names of originals that were changed in place since the view was made."""
        left = settings.VERIFY_BY_DIGEST
        names: list[str] = []
        for file in self.shared:
            try:
                info = os.stat(file.original)
            except OSError:
                continue  # deleted or hidden by its owner: the view's link could not do that
            if info.st_ino != file.inode or _untouched(file, info):
                continue
            left -= info.st_size
            if _differs(file, info, by_digest=left >= 0):
                names.append(file.name)
        return tuple(names)

    def remove(self) -> None:
        """Delete the view. The originals go on being known for what they are."""
        for file in self.shared:
            with suppress(OSError):
                if os.lstat(file.path).st_ino == file.inode:
                    KNOWN.carried(file.original, file.path, os.unlink)
        if self.path.is_dir() and not self.path.is_symlink():
            remove_tree(self.path)
        else:
            self.path.unlink(missing_ok=True)


def make_view(source: Path, target: Path, *, copy: bool, without: Sequence[str] = ()) -> View:
    """Make a private view of a file or a folder at `target`, which must not be there yet, or be an empty folder.

    Files are reflinked where the filesystem can, else hard-linked; across filesystems they are symlinked.

    Args:
        copy: Copy the files instead, so that the step may change them.
        without: Folders and files of the source that are not to be seen in it.

    Raises:
        WorkspaceError: the source cannot be read, or the view not be made.
    """
    with storing("lay out an input", source):
        if source.is_dir():
            return _view_of_folder(source, target, copy=copy, without=tuple(without))
        target.parent.mkdir(parents=True, exist_ok=True)
        shared = _place(source.name, os.path.realpath(source), os.fspath(target), copy=copy)
        return View(target, source, (shared,) if shared else ())


def _view_of_folder(source: Path, target: Path, *, copy: bool, without: tuple[str, ...]) -> View:
    listing = list_folder(source, follow=True)
    target.mkdir(parents=True, exist_ok=True)
    for folder in _seen(listing.folders, without):
        os.mkdir(target / folder)
    base, view = os.path.join(source, ""), os.path.join(target, "")
    files = _seen(listing.files, without)
    placed = (_place(name, os.path.realpath(base + name), view + name, copy=copy) for name in files)
    return View(target, source, tuple(shared for shared in placed if shared))


def _seen(names: Iterable[str], without: tuple[str, ...]) -> Iterable[str]:
    if not without:
        return names
    hidden = {*without}, tuple(f"{name}/" for name in without)
    return [name for name in names if name not in hidden[0] and not name.startswith(hidden[1])]


def _place(name: str, original: str, path: str, *, copy: bool) -> Shared | None:
    """Put one file into a view; None if it is the view's own then."""
    if copy:
        copy_file(original, path)
        return None
    info = share_file(original, path)
    if info is None:
        return None
    # Not known is what was changed only just now: read it, or a change with the times set back would not show.
    digest = KNOWN.digest(info) or (digest_file(original) if info.st_size <= settings.VERIFY_BY_DIGEST else None)
    return Shared(name, path, original, info.st_ino, signature(info), digest)


def _untouched(file: Shared, info: os.stat_result) -> bool:
    """Whether the file's times alone prove that nobody wrote to it."""
    if not is_fine(info):
        return False
    return signature(info) == file.signature or (file.digest is not None and KNOWN.digest(info) == file.digest)


def _differs(file: Shared, info: os.stat_result, *, by_digest: bool) -> bool:
    if (info.st_size, info.st_mtime_ns) != file.signature[:2]:
        # Touched, but perhaps written back as it was.
        return file.digest is None or not by_digest or digest_file(file.original) != file.digest
    return file.digest is not None and by_digest and digest_file(file.original) != file.digest
