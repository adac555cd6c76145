"""Data at an `s3://` address, brought here once and kept by ETag. Nothing is ever written there."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from cursus_rt_notebook.errors import RemoteUnavailable, StepInterrupted
from cursus_rt_notebook.pipeline.addresses import SCHEME, wrong_address
from cursus_rt_notebook.settings import FETCH_CHUNK, FETCH_WHOLE, WAIT_SLICE
from cursus_rt_notebook.workspace.atomic import write_text
from cursus_rt_notebook.workspace.flock import lock_now
from cursus_rt_notebook.workspace.sampled import can_sample, tables_in_parts, write_sample


@dataclass(frozen=True)
class Listener:
    """Who waits for data: hears in a few words how far it is, and may end it."""

    tell: Callable[[str], None] = lambda _: None
    cancelled: Callable[[], bool] = lambda: False

    def check(self) -> None:
        """End it here, if that was asked.

        Raises:
            StepInterrupted: it was.
        """
        if self.cancelled():
            raise StepInterrupted("it was stopped while its data was fetched", fix="continue to fetch the rest")


SILENT: Final = Listener()


def fetch(address: str, folder: Path, *, sample: int | None = None, listener: Listener = SILENT) -> Path:
    """Bring all that lies below an address into `folder`, and return it; what has the same ETag as before stays.

    Credentials come from the usual places (environment, profile, instance); they are neither shown nor kept. Whoever else
    fetches into the same folder is waited for.

    Args:
        address: The address of an object, or of a prefix.
        folder: Where to; beside it lie a list of what is in it, and a lock.
        sample: Of a large table bring only so many rows, the first; of one in several parts the first parts.
        listener: Who waits for it.

    Raises:
        RemoteUnavailable: another scheme than s3, nothing there, no permission, no connection, or an object that
            changed while it was read.
        StepInterrupted: the listener ended it.
    """
    root = address.removeprefix(SCHEME).strip("/")
    if wrong_address(address) or not root:
        raise RemoteUnavailable(f"{address} is no s3:// address", fix="give s3://BUCKET/PREFIX, or a folder")
    files = _files()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder, listener):
            found: Mapping[str, Any] = files.find(root, detail=True)
            # Consoles mark a folder by an empty object whose name ends with a slash.
            objects = {key: facts for key, facts in found.items() if not key.endswith("/")}
            folder.mkdir(exist_ok=True)
            _Bringing(files, root, folder, sample, listener).bring(objects)
    except (RemoteUnavailable, StepInterrupted):
        raise
    except Exception as error:
        raise _told(address, error) from error
    if not objects:
        raise _nothing(address)
    return folder


def kept_folder(workspace: Path, address: str, sample: int | None = None) -> Path:
    """The folder of a workspace in which what lies below an address is kept, or a sample of it."""
    name = address if sample is None else f"{address} {sample}"
    return workspace / "fetched" / hashlib.sha256(name.encode()).hexdigest()[:16]


def brought(folder: Path) -> Path | None:
    """Where the data lies that was fetched into `folder`: the one file, where its address was that of an object.

    None where nothing was, or not all of it.
    """
    known = _known(folder)
    if not known.get("whole") or not known["etags"]:
        return None
    return folder / known["object"] if known.get("object") else folder


def said(folder: Path) -> str:
    """What is to be said of the data fetched into `folder`: that it is a part of what is there; "" where it is all."""
    return str(_known(folder).get("said", ""))


def _files() -> Any:
    import fsspec

    try:
        return fsspec.filesystem("s3", skip_instance_cache=True)
    except ImportError as error:
        fix = "pip install 'cursus_rt_notebook[s3]'"
        raise RemoteUnavailable("reading s3:// addresses needs s3fs, which is not installed", fix=fix) from error


@contextmanager
def _alone(folder: Path, listener: Listener) -> Generator[None]:
    """Hold the folder's lock, so that two that want the same data bring it once."""
    fd = os.open(folder.with_name(f"{folder.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not lock_now(fd):
            listener.check()
            time.sleep(WAIT_SLICE)
        yield
    finally:
        os.close(fd)


@dataclass
class _Bringing:
    """One fetch: what it has brought so far."""

    files: Any
    root: str
    folder: Path
    sample: int | None
    listener: Listener
    _after: dict[str, str] = field(default_factory=dict[str, str])
    _bytes: int = 0
    _place: str = ""
    _cut: int = 0

    def bring(self, objects: Mapping[str, Any]) -> None:
        known = _known(self.folder)
        before: Mapping[str, str] = known.get("etags", {})
        sizes = {key: int(facts["size"]) for key, facts in objects.items()}
        try:
            for table in tables_in_parts(objects) if self.sample else [[key] for key in objects]:
                self._table(table, objects, before, sum(sizes[key] for key in table))
        except BaseException:
            self._note({**before, **self._after}, whole=False)  # what has come need not come again
            raise
        for gone in set(before) - set(self._after):
            (self.folder / gone).unlink(missing_ok=True)
        alone = _relative(self.root, self.root) if self.root in objects and len(objects) == 1 else ""
        self._note(self._after, whole=True, object=alone, said=self._part(objects))

    def _note(self, etags: Mapping[str, str], **facts: Any) -> None:
        write_text(_etags(self.folder), json.dumps({"etags": etags, **facts}))

    def _table(self, keys: list[str], objects: Mapping[str, Any], before: Mapping[str, str], size: int) -> None:
        """One file, or the parts of one table, of which the first will do where only a sample is wanted."""
        left = self.sample if self.sample and size > FETCH_WHOLE and can_sample(keys[0]) else None
        for key in keys:
            relative, facts = _relative(key, self.root), objects[key]
            etag, target = str(facts.get("ETag", "")).strip('"'), self.folder / relative
            if left is not None and left <= 0:
                self._cut += 1
                continue
            self._place = f"{len(self._after) + 1} of {len(objects)} file{'s'[: len(objects) > 1]}"
            self.listener.check()
            if left is not None:
                left -= self._rows(key, etag, target, left, before.get(relative))
                self._after[relative] = f"{etag} {left}"
                continue
            if not (etag and before.get(relative) == etag and target.is_file()):
                self._one(key, etag, target, lambda partial, key=key: self._whole(key, partial), int(facts["size"]))
            self._after[relative] = etag

    def _rows(self, key: str, etag: str, target: Path, wanted: int, before: str | None) -> int:
        """Bring the first rows of one object, unless they are here; return how many there are."""
        self._cut += 1
        same, _, left = (before or "").rpartition(" ")
        if etag and same == etag and target.is_file():
            return wanted - int(left)
        rows = 0

        def take(partial: Path) -> None:
            nonlocal rows
            with self.files.open(key, "rb", block_size=FETCH_CHUNK) as opened:
                rows = write_sample(opened, key, wanted, partial, self._progress)

        self._one(key, etag, target, take, None)
        return rows

    def _whole(self, key: str, partial: Path) -> None:
        self.files.get_file(key, str(partial), callback=_callback(self._progress))

    def _one(self, key: str, etag: str, target: Path, take: Callable[[Path], None], size: int | None) -> None:
        """Bring one object, under a name of its own until it is whole."""
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            take(partial)
            now = self.files.info(key, refresh=True)
            whole = size is None or partial.stat().st_size == size
            if not whole or str(now.get("ETag", "")).strip('"') != etag:
                raise RemoteUnavailable(f"{SCHEME}{key} changed while it was read", fix="read it again")
            self._bytes += partial.stat().st_size
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def _progress(self, read: int) -> None:
        self.listener.check()
        self.listener.tell(f"fetching {self._place}, {(self._bytes + read) / 1e6:,.0f} MB")

    def _part(self, objects: Mapping[str, Any]) -> str:
        if not self._cut:
            return ""
        of = f" ({self._cut} of {len(objects)} files are cut or left out)" if len(objects) > 1 else ""
        return f"only the first {self.sample:,} rows of each large table were fetched{of}"


def _callback(progress: Callable[[int], None]) -> Any:
    """What s3fs tells how much it has read."""
    import fsspec

    def hear(_: int, read: int, **__: Any) -> None:
        progress(read)

    return fsspec.Callback(hooks={"progress": hear})


def _etags(folder: Path) -> Path:
    """Beside the folder: what lies in it is given to steps as it is."""
    return folder.with_name(f"{folder.name}.etags.json")


def _known(folder: Path) -> dict[str, Any]:
    """What is known of a folder; nothing where an earlier version wrote it."""
    try:
        found: Any = json.loads(_etags(folder).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found.get("etags"), dict) else {}


def _relative(key: str, root: str) -> str:
    relative = key.removeprefix(root).lstrip("/") or PurePosixPath(key).name
    parts = PurePosixPath(relative).parts
    if ".." in parts or "\0" in relative or PurePosixPath(relative).is_absolute():
        raise RemoteUnavailable(f"the object {key} has a name that leads out of its folder", fix="rename it")
    return relative


def _told(address: str, error: Exception) -> RemoteUnavailable:
    if isinstance(error, FileNotFoundError):
        return _nothing(address)
    if isinstance(error, PermissionError) or type(error).__name__ in _NO_CREDENTIALS:
        fix = "see your credentials: aws sts get-caller-identity"
        return RemoteUnavailable(f"{address} may not be read with these credentials", fix=fix)
    if isinstance(error, (FileExistsError, NotADirectoryError, IsADirectoryError)):
        fix = "rename one, or give a prefix below"
        return RemoteUnavailable(f"{address} holds an object and a folder of the same name", fix=fix)
    return RemoteUnavailable(
        f"{address} cannot be read: {type(error).__name__}", fix="see the connection, and try again"
    )


def _nothing(address: str) -> RemoteUnavailable:
    return RemoteUnavailable(f"there is nothing at {address}", fix="see its bucket and prefix", missing=True)


_NO_CREDENTIALS: Final = frozenset({"NoCredentialsError", "PartialCredentialsError", "TokenRetrievalError"})
