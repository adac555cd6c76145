"""Where an attempt writes, before it is known whether that is to be kept."""

from __future__ import annotations

import itertools
import os
import stat
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.workspace.atomic import remove_tree, storing
from cursus_rt_notebook.workspace.flock import lies_at, lock_now
from cursus_rt_notebook.workspace.views import View, make_view

_LOCK: Final = ".lock"
_SPARE: Final = 4


class Staging:
    """One attempt's own folder, on the artifacts' filesystem: outputs, views of the inputs, scratch.

    Locked while its process lives, so that what a killed one left behind can be told from what is in use.
    """

    def __init__(self, area: StagingArea, root: Path, lock: int) -> None:
        self.root = root
        self.out = root / "out"
        self.views = root / "views"
        self.scratch = root / "scratch"
        self.container = root / "container"  # not there unless somebody puts something into it
        self._area = area
        self._lock = lock
        self._made: list[View] = []
        for folder in (self.out, self.views, self.scratch):
            with suppress(FileExistsError):
                os.mkdir(folder, 0o700)

    def outputs(self, port: str) -> Path:
        """The folder that becomes the artifact of a port; made when first asked for.

        Raises:
            WorkspaceError: it cannot be made.
        """
        folder = self.out / folder_name(port)
        if not os.path.lexists(folder):
            with storing("make a folder for the outputs", folder):
                os.mkdir(folder, 0o755)
        return folder

    def view(self, name: str | Path, source: Path, *, copy: bool, without: Sequence[str] = ()) -> View:
        """Make a private view of an input at `views/name`, or at a path inside `container`; `discard` removes it.

        Args:
            without: Folders and files of the source that are not to be seen in it.

        Raises:
            WorkspaceError: it cannot be made.
        """
        view = make_view(source, self.views / name, copy=copy, without=without)
        self._made.append(view)
        return view

    def discard(self, *, reuse: bool = False) -> None:
        """Delete what is left of it; nothing if that was done already.

        Args:
            reuse: Keep its folders, emptied, for the next attempt. Only after a step that ended as it should, so
                that no straggler of it can write to them.
        """
        lock, self._lock = self._lock, -1
        if lock < 0:
            return
        made, self._made = self._made, []
        for view in reversed(made):  # one may lie in another that was made before it
            with suppress(OSError):
                view.remove()
        if not (reuse and self._is_emptied() and self._area.give_back(self.root, lock)):
            with suppress(OSError):  # what cannot be deleted now is when the workspace is next opened
                _remove(self.root)
            os.close(lock)
        self._area.on_discard(made)

    def _is_emptied(self) -> bool:
        with suppress(OSError):
            for folder in (self.out, self.container):  # outputs that were not renamed: the same was kept already
                if os.path.lexists(folder):
                    _delete(folder)
            for folder in (self.scratch, self.views):
                for name in os.listdir(folder):
                    _delete(folder / name)
            plain = all(stat.S_IMODE(os.lstat(f).st_mode) == 0o700 for f in (self.scratch, self.views))
            return plain and set(os.listdir(self.root)) == {_LOCK, "scratch", "views"}
        return False


class StagingArea:
    """The folder of all staging folders.

    They are numbered, and the lowest free number is taken: a step that writes the path of its outputs into them, run
    again, writes the same.

    Args:
        folder: Where they lie.
        on_discard: Told of the views that are gone.
    """

    def __init__(self, folder: Path, on_discard: Callable[[Sequence[View]], None]) -> None:
        self.folder = folder
        self.on_discard = on_discard
        self._spare: list[tuple[int, Path, int]] = []
        self._guard = threading.Lock()

    def take(self) -> Staging:
        """A staging folder that nobody else has."""
        while spare := self._take_spare():
            _, root, lock = spare
            with suppress(FileNotFoundError):  # somebody deleted it meanwhile
                return self._begin(root, lock)
        for number in itertools.count(1):
            root = self.folder / str(number)
            try:
                os.mkdir(root, 0o700)
                lock = os.open(root / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            except FileExistsError:
                continue
            except FileNotFoundError:
                if not self.folder.is_dir():
                    raise
                continue  # a session that opens the workspace just now took it for a dead one's
            # A session that opened the workspace between the two calls has deleted it as a dead one's.
            if lock_now(lock) and lies_at(lock, root / _LOCK):
                return self._begin(root, lock)
            os.close(lock)
        raise AssertionError("unreachable")

    def _begin(self, root: Path, lock: int) -> Staging:
        try:
            return Staging(self, root, lock)
        except OSError:
            with suppress(OSError):
                _remove(root)
            os.close(lock)
            raise

    def give_back(self, root: Path, lock: int) -> bool:
        """Keep an emptied folder for the next attempt; False if there are enough."""
        with self._guard:
            if len(self._spare) >= _SPARE:
                return False
            self._spare.append((int(root.name), root, lock))
            self._spare.sort()
            return True

    def sweep(self) -> None:
        """Delete the staging folders of processes that are gone."""
        for name in os.listdir(self.folder):
            with suppress(OSError):
                _remove_if_dead(self.folder / name)

    def close(self) -> None:
        """Delete the spare folders."""
        while spare := self._take_spare():
            with suppress(OSError):
                _remove(spare[1])
            os.close(spare[2])

    def _take_spare(self) -> tuple[int, Path, int] | None:
        with self._guard:
            return self._spare.pop(0) if self._spare else None


def _remove_if_dead(root: Path) -> None:
    try:
        lock = os.open(root / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        os.rmdir(root)  # its maker died between two calls; one that lives makes itself another
        return
    try:
        if lock_now(lock):
            _remove(root)
    finally:
        os.close(lock)


def _remove(root: Path) -> None:
    """Delete a staging folder, its lock last: what is left of it when that is cut short can be told as such."""
    for name in os.listdir(root):
        if name != _LOCK:
            _delete(root / name)
    with suppress(FileNotFoundError):
        os.unlink(root / _LOCK)
    os.rmdir(root)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        remove_tree(path)
    else:
        os.unlink(path)
