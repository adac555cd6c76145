"""Data given by hand for an input: a DataFrame, written as its script reads it; a path; or an address, brought here."""

from __future__ import annotations

import re
import shutil
from pathlib import Path, PurePosixPath
from typing import Any, Final

from cursus_rt_notebook.data.frames import write_table
from cursus_rt_notebook.errors import InputMissing
from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.pipeline.addresses import is_address
from cursus_rt_notebook.pipeline.model import FromAddress, FromPath, FromStep, Input, Step
from cursus_rt_notebook.pipeline.script_use import script_use
from cursus_rt_notebook.workspace import remote

GIVEN: Final = "given"
_UNTOLD = re.compile(r"\*+|\?|\[[^]]*\]")
_SUFFIXES: Final = {"csv": ".csv", "parquet": ".parquet", "json": ".json", "jsonl": ".jsonl"}


def given_data(step: Step, port: str, data: Any, workspace_dir: Path) -> Path:
    """Where the data given for an input lies, once it is written or brought here.

    Raises:
        InputMissing: there is nothing at the path, or it is neither path nor table.
        RemoteUnavailable: the address cannot be read.
    """
    if is_address(data):
        return fetched(data, workspace_dir)
    if isinstance(data, (str, Path)):
        path = Path(data).expanduser().absolute()
        if not path.exists():
            message = f"input {port!r} of {step.name}: there is nothing at {path}"
            raise InputMissing(message, fix="mend the path", step=step.name, ports=(port,))
        return path
    if not hasattr(data, "to_csv"):
        message = f"input {port!r} of {step.name}: a {type(data).__name__} is neither a DataFrame nor a path"
        raise InputMissing(message, fix="give a pandas DataFrame, or a path", step=step.name, ports=(port,))
    return _written(step, port, data, workspace_dir)


def fetched(address: str, workspace_dir: Path) -> Path:
    """The folder of the workspace in which all that lies below an address is kept, brought up to date."""
    return remote.fetch(address, remote.kept_folder(workspace_dir, address))


def is_file(declared: Input) -> bool:
    """Whether an input is given as a file; by its name, where it is not there."""
    if isinstance(declared, FromAddress):
        return "." in declared.name
    if not isinstance(declared, FromPath) or declared.path.is_dir():
        return False
    return declared.path.is_file() or bool(declared.path.suffix)


def file_name(declared: FromPath | FromAddress) -> str:
    """What the file is called that an input is."""
    return declared.path.name if isinstance(declared, FromPath) else declared.name


def _written(step: Step, port: str, data: Any, workspace_dir: Path) -> Path:
    folder = workspace_dir / GIVEN / folder_name(step.name) / folder_name(port)
    shutil.rmtree(folder, ignore_errors=True)  # what was given before under another name is not to be read as well
    declared = step.inputs.get(port)
    whole, below = _file_read(step, port)
    if isinstance(declared, FromPath | FromAddress) and is_file(declared):
        whole, below = True, file_name(declared)
    target = folder / below
    target.parent.mkdir(parents=True, exist_ok=True)
    write_table(data, target)
    return target if whole else folder


def _file_read(step: Step, port: str) -> tuple[bool, str]:
    """Whether the script reads the port itself as a file, and the file's name; else the file that it reads below.

    `data.csv` where its text does not tell.
    """
    used = script_use(step.script, step.entry).inputs.get(port)
    files = used.files if used else ()
    below = next((_plain(file.pattern) for file in files if file.pattern), None)
    if below is not None:
        return False, below
    whole = next((file for file in files if file.kind in _SUFFIXES), None)
    if whole is not None and not isinstance(step.inputs.get(port), FromStep):
        return True, f"data{_SUFFIXES[whole.kind]}"
    return False, "data.csv"


def _plain(pattern: str) -> str:
    """A path that a pattern finds."""
    if pattern.endswith(".*"):
        pattern = f"{pattern[:-1]}csv"
    parts = [part for part in PurePosixPath(pattern).parts if part not in {"**", ".", "/"}]
    return str(PurePosixPath(*(_UNTOLD.sub("data", part) for part in parts or ["data.csv"])))
