"""A folder that an exception names, or a file that was nowhere: what the inputs brought instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cursus_rt_notebook.data.files import walk
from cursus_rt_notebook.engine.plan import StepInput, StepPlan
from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.pipeline.model import FromStep

_SHOWN = 6  # files
_PORTS = 3
_LACKS = re.compile(r"\b(?:no|not|none|nothing|empty|missing|without)\b", re.IGNORECASE)
_REST = r"(?P<below>(?:/[^\s'\",;:()\[\]]+)?)/?(?=$|[\s'\",;:.()\[\]])"


def what_it_brought(kind: str, message: str, plan: StepPlan) -> str:
    """What is in the inputs whose folders a message names; of all of them, where a file was found in none of them."""
    if kind != "FileNotFoundError" and not _LACKS.search(message):
        return ""
    named = [(port, match["below"]) for port in plan.inputs if (match := _named(port, message, plan))]
    if not named and kind == "FileNotFoundError" and "/" not in message:
        named = [(port, "") for port in plan.inputs]
    return " ".join(filter(None, (_told(port, below.strip("/").rstrip(".…"), plan) for port, below in named[:_PORTS])))


def _named(port: str, message: str, plan: StepPlan) -> re.Match[str] | None:
    """Where a message has the folder of a port, as the script was told of it, and what it has below that."""
    container = plan.step.container.inputs if plan.step.container else {}
    place = str(container[port]).rstrip("/") if port in container else f"/views/{folder_name(port)}"
    match = re.search(re.escape(place) + _REST, message)
    if match is None or any(_is_nearer(str(other), place, match) for other in container.values()):
        return None
    return match


def _is_nearer(other: str, place: str, match: re.Match[str]) -> bool:
    """Whether what is named lies in another port's folder, which lies in this one's."""
    whole = place + match["below"]
    return other.startswith(f"{place}/") and (whole == other or whole.startswith(f"{other}/"))


def _told(port: str, below: str, plan: StepPlan) -> str:
    given, source = plan.inputs[port], plan.step.inputs.get(port)
    if below and (given.path / below).is_file():
        return ""  # it is there, whatever is wrong with it
    files = sorted(_files(given, below))
    where = f"{below} of input {port!r}" if below else f"input {port!r}"
    by = f"{source.step}.{source.port} brings" if isinstance(source, FromStep) else "there is"
    if not files:
        return f"Nothing is in {where}: {by} {_listed(sorted(_files(given, ''))) or 'no file'}."
    return f"In {where} {by} {_listed(files)}: see which names the script looks for."


def _files(given: StepInput, below: str) -> Iterator[str]:
    if not given.path.is_dir():
        yield given.path.name
        return
    folder = given.path / below
    if folder.is_dir() and Path(below).name != "..":
        yield from walk(folder)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
