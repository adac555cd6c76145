"""What a Cursus project is loaded with, beside its graph: as keywords, and as the options of a command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from cursus_rt_notebook.errors import PipelineError

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


class Project(TypedDict, total=False):
    """The keywords of `load_cursus`, which tells them one by one. `inputs` and `stubs` are for any pipeline."""

    config: Any
    interfaces: Any
    source_dirs: Paths
    inputs: Mapping[str, Any] | None
    stubs: Mapping[str, Any] | None
    wiring: Mapping[str, str | None] | None
    entry: str | Mapping[str, str]


# The options of `%cursus_run` and of the command line, with what argparse needs of each.
PROJECT_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "--config": {"metavar": "FILE", "help": "of a Cursus graph: its config.json"},
    "--interfaces": {"metavar": "DIR", "help": "of a Cursus graph: the folder of the *.step.yaml files"},
    "--source-dir": {
        "dest": "source_dirs",
        "action": "append",
        "default": [],
        "metavar": "DIR",
        "help": "of a Cursus graph: a folder in or below which scripts lie; may be given several times",
    },
    "--input": {
        "dest": "inputs",
        "action": "append",
        "default": [],
        "metavar": "STEP.PORT=PATH",
        "help": "data for an input; may be given several times",
    },
    "--stub": {
        "dest": "stubs",
        "action": "append",
        "default": [],
        "metavar": "STEP=WHAT",
        "help": "what stands in for a step: skip, synthetic, or a path; may be given several times",
    },
    "--entry": {"choices": ("main", "script"), "help": "of a Cursus graph: call main, or run the __main__ blocks"},
}


def project_of(options: Any) -> Project:
    """The keywords that a parsed line's options make; those that were not given are left out.

    Raises:
        PipelineError: `--input` or `--stub` is not of the form NAME=WHAT.
    """
    found = Project()
    if options.config:
        found["config"] = os.path.expanduser(options.config)  # noqa: PTH111  pathlib raises where there is no such user
    if options.interfaces:
        found["interfaces"] = os.path.expanduser(options.interfaces)  # noqa: PTH111
    if options.source_dirs:
        found["source_dirs"] = [os.path.expanduser(folder) for folder in options.source_dirs]  # noqa: PTH111
    if options.inputs:
        found["inputs"] = _pairs(options.inputs, "--input", "STEP.PORT=PATH")
    if options.stubs:
        found["stubs"] = _pairs(options.stubs, "--stub", "STEP=skip, STEP=synthetic or STEP=PATH")
    if options.entry:
        found["entry"] = options.entry
    return found


def _pairs(words: Sequence[str], option: str, form: str) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    wrong = next(
        (word for word, (name, sign, what) in zip(words, pairs, strict=True) if not (name and sign and what)), ""
    )
    if wrong:
        raise PipelineError(f"{option} {wrong} says not what for what", fix=f"write {option} {form}")
    return {name: what for name, _, what in pairs}
