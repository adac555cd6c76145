"""A folder that an exception names, or a file that was nowhere: what the inputs brought instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cursus_rt_notebook.data.files import is_hidden, walk
from cursus_rt_notebook.engine.plan import StepInput, StepPlan
from cursus_rt_notebook.names import folder_name
from cursus_rt_notebook.pipeline.model import FromStep

_SHOWN = 6  # files
_PORTS = 3
_LACKS = re.compile(r"\b(?:no|not|none|nothing|empty|missing|without)\b", re.IGNORECASE)
_REST = r"(?P<below>(?:/[^\s'\",;:()\[\]]+)?)/?(?=$|[\s'\",;:.()\[\]])"
_NOTES = frozenset({".json", ".txt", ".md", ".log", ".yaml", ".yml"})


def what_it_brought(kind: str, message: str, plan: StepPlan) -> str:
    """What is in the inputs whose folders a message names; of all of them, where a file was found in none of them.

    Of a message that names none: an input that brought no more than notes about its data.
    """
    if kind != "FileNotFoundError" and not _LACKS.search(message):
        return ""
    container = plan.step.container.inputs if plan.step.container else {}
    ports = dict.fromkeys((*plan.inputs, *container))
    named = [(port, match["below"]) for port in ports if (match := _named(port, message, plan))]
    if named:
        told = (_told(port, below.strip("/").rstrip(".…"), plan) for port, below in named[:_PORTS])
        return " ".join(filter(None, told))
    if kind == "FileNotFoundError" and "/" not in message:
        return " ".join(_told(port, "", plan) for port in [*plan.inputs][:_PORTS])
    return " ".join(filter(None, (_without_data(port, plan) for port in plan.inputs)))


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
    given = plan.inputs.get(port)
    if given is None:
        return f'Nothing feeds input {port!r}: pipeline.with_inputs({{"{plan.step.name}.{port}": PATH}}), or wire an output to it.'
    if below and (given.path / below).is_file():
        return ""  # it is there, whatever is wrong with it
    files = sorted(_files(given, below))
    if not files:
        there = _listed(sorted(_files(given, ""))) or "no file"
        return f"Input {port!r} has nothing {f'at {below}' if below else 'in it'}: {_by(port, plan)} {there}."
    where = f"{below} of input {port!r}" if below else f"input {port!r}"
    return f"In {where} {_by(port, plan)} {_listed(files)}: see which names the script looks for."


def _without_data(port: str, plan: StepPlan) -> str:
    """That a step above wrote something about its data, and nothing of them."""
    files = sorted(name for name in _files(plan.inputs[port], "") if not is_hidden(Path(name).name))
    if not isinstance(plan.step.inputs.get(port), FromStep) or not files:
        return ""
    if any(Path(name).suffix.lower() not in _NOTES for name in files):
        return ""
    return f"In input {port!r} {_by(port, plan)} only {_listed(files)}: see in its log whether it had more to write."


def _by(port: str, plan: StepPlan) -> str:
    source = plan.step.inputs.get(port)
    return f"{source.step}.{source.port} brings" if isinstance(source, FromStep) else "there is"


def _files(given: StepInput, below: str) -> Iterator[str]:
    if not given.path.is_dir():
        yield given.path.name
        return
    folder = given.path / below
    if folder.is_dir() and ".." not in Path(below).parts:
        yield from walk(folder)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
