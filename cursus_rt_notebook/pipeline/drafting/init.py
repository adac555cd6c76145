"""`init`: begin a pipeline with what a folder of scripts tells."""

from __future__ import annotations

import os
from pathlib import Path

from cursus_rt_notebook.errors import NameRefused, PipelineError
from cursus_rt_notebook.names import check_name
from cursus_rt_notebook.pipeline.arguments import path_of
from cursus_rt_notebook.pipeline.drafting.scripts import read_folder
from cursus_rt_notebook.pipeline.drafting.wiring import wired
from cursus_rt_notebook.pipeline.drafting.written import draft_text
from cursus_rt_notebook.pipeline.faults import quoted
from cursus_rt_notebook.pipeline.files import absolute, exists, is_folder, working_directory

_GENERAL = {"scripts", "src", "steps", "code"}  # says nothing of what the scripts are for


def init(
    folder: str | os.PathLike[str], file: str | os.PathLike[str] | None = None, *, name: str | None = None
) -> Path:
    """Draft a pipeline from the scripts in a folder, and return the path of its YAML file.

    Each script with a `main`, or with a `__main__` block alone, becomes a step, with the ports, variables and arguments that
    its text shows. An input is fed by the output of the same name, where just one script has that; else it stays open.
    Comments in the file say what was guessed and what is to be filled in. Nothing is run or imported.

    Args:
        folder: Where the scripts are; folders in it are searched, too.
        file: Where to write; by default `pipeline.yaml` in the folder. What is there is never overwritten.
        name: The pipeline's name; by default the folder's.

    Raises:
        PipelineError: a path is none, there is no such folder, no script in it, or a file where the draft is to be written.
        NameRefused: `name` cannot name a pipeline.
    """
    where = absolute(working_directory(), path_of("folder", folder))
    if not is_folder(where):
        raise PipelineError(f"there is no folder {where}", fix="give the folder that your scripts are in")
    target = absolute(working_directory(), path_of("file", file)) if file is not None else where / "pipeline.yaml"
    if exists(target):
        raise PipelineError(f"{target} is there already", fix='give another file: init(folder, "draft.yaml")')
    found = read_folder(where)
    if not found.steps:
        unread = f"; {len(found.unread)} files cannot be read" if found.unread else ""
        message = f"no Python file in {where} has a main, or a __main__ block{unread}"
        raise PipelineError(message, fix="give the folder that your scripts are in")
    title = check_name(name, "pipeline") if name is not None else _name_of(where)
    source_dir = os.path.relpath(where, target.parent)
    text = draft_text(title, source_dir, target.parent, wired(found.steps), found)
    _write(target, text)
    return target


def _name_of(folder: Path) -> str:
    own = folder.parent.name if folder.name in _GENERAL else folder.name
    try:
        return check_name(own)
    except NameRefused:
        return "pipeline"


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        message = f"{quoted(path)} cannot be written: {error.strerror}"
        raise PipelineError(message, fix="name a file in a folder that you can write to") from None
