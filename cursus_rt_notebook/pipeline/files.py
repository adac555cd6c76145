"""Files that a document names: scripts, interpreters, schemas, data."""

from __future__ import annotations

import os
import shutil
from itertools import islice
from pathlib import Path

from cursus_rt_notebook.pipeline.document import Document, KeyPath
from cursus_rt_notebook.pipeline.faults import listed, quoted

_MAX_ENTRIES = 1_000


def absolute(base: Path, text: str) -> Path:
    """`text` as a path relative to `base`. Links stay: behind its link, a virtual environment's python is another."""
    return Path(os.path.abspath(base / os.path.expanduser(text)))  # noqa: PTH100, PTH111 - never raise, follow no link


def working_directory() -> Path:
    """The working directory, also where it has been deleted."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path(os.environ.get("PWD", "/"))


def exists(path: Path) -> bool:
    """Whether there is a file or folder; a path that no filesystem takes is not there."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises for a name that is too long


def is_folder(path: Path) -> bool:
    """Whether there is a folder."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises for a name that is too long


def folder_named(text: str | None, path: KeyPath, document: Document) -> Path | None:
    """The folder `text`; None if none is named, or if it is not there, which is noted."""
    if text is None:
        return None
    folder = absolute(document.base_dir, text)
    if is_folder(folder):
        return folder
    is_file = exists(folder)
    message = f"{quoted(folder)} is a file" if is_file else f"there is no folder {quoted(folder)}"
    document.fault(path, message, "name a folder" if is_file else names_near(folder, document))
    return None


def script_file(text: str, source_dir: Path, path: KeyPath, document: Document) -> Path:
    """The script `text` under `source_dir`, noting a fault if it is not there."""
    script = absolute(source_dir, text)
    if is_folder(script):
        document.fault(path, f"script {quoted(text)} is a folder", "name the file in it")
    elif not exists(script):
        elsewhere = absolute(document.base_dir, text)
        hint = f"it is at {quoted(elsewhere)}: mend source_dir" if exists(elsewhere) else names_near(script, document)
        document.fault(path, f"script {quoted(text)} is not in {quoted(script.parent)}", hint)
    return script


def interpreter(text: str | None, path: KeyPath, document: Document) -> Path | None:
    """The interpreter at `text`, noting a fault if it is not there or cannot be run."""
    if text is None:
        return None
    python = absolute(document.base_dir, text)
    if is_folder(python):
        inside = next(
            (f"{text.rstrip('/')}/{p}" for p in ("bin/python", "Scripts/python.exe") if exists(python / p)), ""
        )
        document.fault(
            path, f"python {quoted(text)} is a folder", f"write {inside}" if inside else "name the program in it"
        )
    elif not exists(python):
        on_path = shutil.which(text) if text and text == os.path.basename(text) else None  # noqa: PTH119 - plain text
        hint = f"write {on_path}" if on_path else names_near(python, document)
        document.fault(path, f"there is no interpreter {quoted(python)}", hint)
    elif not os.access(python, os.X_OK):
        document.fault(path, f"python {quoted(text)} cannot be executed", "name an interpreter, or chmod +x it")
    return python


def schema_file(text: str | None, path: KeyPath, document: Document) -> Path | None:
    """The schema at `text`, noting a fault if it is not there."""
    if text is None:
        return None
    schema = absolute(document.base_dir, text)
    if not exists(schema):
        document.fault(path, f"there is no schema {quoted(schema)}", names_near(schema, document))
    return schema


def names_near(path: Path, document: Document) -> str:
    """What to write instead of a path that is not there: a similar name, or what its folder holds."""
    if document.is_crowded:
        return ""
    try:
        with os.scandir(path.parent) as entries:
            found = sorted(entry.name for entry in islice(entries, _MAX_ENTRIES) if not entry.name.startswith("."))
    except (OSError, ValueError):
        return f"there is no folder {quoted(path.parent)}"
    meant = document.near(path.name, found)
    if meant:
        return f"did you mean {quoted(meant)}?"
    return f"there are {listed(found, limit=6)}" if found else "its folder is empty"
