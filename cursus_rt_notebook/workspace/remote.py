"""Data at an `s3://` address, brought here once and kept by ETag. Nothing is ever written there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from cursus_rt_notebook.errors import RemoteUnavailable
from cursus_rt_notebook.workspace.atomic import write_text

SCHEME: Final = "s3://"


def is_remote(source: object) -> bool:
    """Whether a data source is an address, which has to be fetched."""
    return isinstance(source, str) and "://" in source


def fetch(address: str, folder: Path) -> Path:
    """Bring all that lies below an address into `folder`, and return it; what has the same ETag as before stays.

    Credentials come from the usual places (environment, profile, instance); they are neither shown nor kept.

    Raises:
        RemoteUnavailable: another scheme than s3, nothing there, no permission, no connection, or an object that
            changed while it was read.
    """
    root = address.removeprefix(SCHEME).strip("/")
    if not address.startswith(SCHEME) or "::" in address or not root:
        raise RemoteUnavailable(f"{address} is no s3:// address", fix="give s3://BUCKET/PREFIX, or a folder")
    files = _files()
    try:
        found: Mapping[str, Any] = files.find(root, detail=True)
        # Consoles mark a folder by an empty object whose name ends with a slash.
        objects = {key: facts for key, facts in found.items() if not key.endswith("/")}
        folder.mkdir(parents=True, exist_ok=True)
        _bring(files, root, objects, folder)
    except RemoteUnavailable:
        raise
    except Exception as error:
        raise _told(address, error) from error
    if not objects:
        raise _nothing(address)
    return folder


def _files() -> Any:
    import fsspec

    try:
        return fsspec.filesystem("s3", skip_instance_cache=True)
    except ImportError as error:
        fix = "pip install 'cursus_rt_notebook[s3]'"
        raise RemoteUnavailable("reading s3:// addresses needs s3fs, which is not installed", fix=fix) from error


def _bring(files: Any, root: str, objects: Mapping[str, Any], folder: Path) -> None:
    before = _known(folder)
    after: dict[str, str] = {}
    for key, facts in objects.items():
        relative = _relative(key, root)
        etag, target = str(facts.get("ETag", "")).strip('"'), folder / relative
        if not (etag and before.get(relative) == etag and target.is_file()):
            _one(files, key, etag, int(facts["size"]), target)
        after[relative] = etag
    for gone in set(before) - set(after):
        (folder / gone).unlink(missing_ok=True)
    write_text(_etags(folder), json.dumps(after))


def _etags(folder: Path) -> Path:
    """Beside the folder: what lies in it is given to steps as it is."""
    return folder.with_name(f"{folder.name}.etags.json")


def _known(folder: Path) -> dict[str, str]:
    try:
        return json.loads(_etags(folder).read_text())
    except (OSError, ValueError):
        return {}


def _relative(key: str, root: str) -> str:
    relative = key.removeprefix(root).lstrip("/") or PurePosixPath(key).name
    parts = PurePosixPath(relative).parts
    if ".." in parts or "\0" in relative or PurePosixPath(relative).is_absolute():
        raise RemoteUnavailable(f"the object {key} has a name that leads out of its folder", fix="rename it")
    return relative


def _one(files: Any, key: str, etag: str, size: int, target: Path) -> None:
    """Bring one object, under a name of its own until it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        files.get_file(key, str(partial))
        now = files.info(key, refresh=True)
        if partial.stat().st_size != size or str(now.get("ETag", "")).strip('"') != etag:
            raise RemoteUnavailable(f"{SCHEME}{key} changed while it was read", fix="read it again")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


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
    return RemoteUnavailable(f"there is nothing at {address}", fix="see its bucket and prefix")


_NO_CREDENTIALS: Final = frozenset({"NoCredentialsError", "PartialCredentialsError", "TokenRetrievalError"})
