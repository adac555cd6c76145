"""An error from inside a package that is there in another version than the step asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from packaging.utils import canonicalize_name
from packaging.version import Version

from cursus_rt_notebook.engine.state import Frame
from cursus_rt_notebook.pipeline.distributions import distribution_of
from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.pipeline.preflight.installed import Installed, installed_of
from cursus_rt_notebook.pipeline.preflight.versions import BUILD, misfits, parsed
from cursus_rt_notebook.pipeline.script_use import script_use

_PACKAGE = re.compile(r"[/\\](?:site|dist)-packages[/\\]([A-Za-z_]\w*)")
# What a package no longer has, or no longer takes, fails in the script's own line.
_NAMED = re.compile(
    r"module '([A-Za-z_]\w*)[\w.]*' has no attribute|from '([A-Za-z_]\w*)[\w.]*'|No module named '([A-Za-z_]\w*)\."
)
# What a new major version does not take any more ends in one of these.
_OF_CHANGES = frozenset({"TypeError", "AttributeError", "ImportError"})
_OF_PANDAS = re.compile(r"'(?:DataFrame|Series|Index|DataFrameGroupBy|SeriesGroupBy)' object has no attribute")


def other_version(kind: str, message: str, frames: Sequence[Frame], step: Step) -> str:
    """What the step asks for of the packages that an error came from, and what there is; empty where these fit."""
    packages = list(dict.fromkeys(distribution_of(module).lower() for module in _involved(message, frames)))
    if not packages:
        return ""
    installed = installed_of(step.python)
    if installed is None:
        return ""
    asked = _asked(step)
    found = misfits(asked, installed)
    told = [each for name in packages for each in found if each.has and each.name == name]
    if not told:
        return _later_major(packages, asked, installed, step) if kind in _OF_CHANGES else ""
    wants = ", ".join(dict.fromkeys(f"{each.name} {each.wants}, and {each.has} is installed" for each in told))
    return f"The step asks for {wants}: {BUILD}."


def _later_major(packages: Sequence[str], asked: Sequence[str], installed: Installed, step: Step) -> str:
    """What fits what the step asks for, but is of a later major version than the least that it asks for."""
    bounds = {str(canonicalize_name(each.name)): each.specifier for each in filter(None, map(parsed, asked))}
    for name in packages:
        least = [Version(each.version) for each in bounds.get(name, ()) if each.operator in {">=", "~=", ">"}]
        has = Version(installed.versions[name]) if name in installed.versions else None
        if least and has is not None and max(least).major < has.major:
            call = f'crt.build_envs(pipeline, steps=["{step.name}"], require={{"{name}": "<{has.major}"}})'
            return f"The step asks for {name} {bounds[name]}, and {has} is of a later major version: try {call}."
    return ""


def _involved(message: str, frames: Sequence[Frame]) -> Iterator[str]:
    """The top-level modules that an error came through, the innermost first; then those that its message names."""
    for frame in reversed(frames):
        match = _PACKAGE.search(frame.file)
        if frame.own:
            break
        if match is not None:
            yield match[1]
    for groups in _NAMED.findall(message):
        yield from filter(None, groups)
    if _OF_PANDAS.search(message):
        yield "pandas"


def _asked(step: Step) -> list[str]:
    """What the contract and the script's calls of pip ask for, as pip writes it."""
    try:
        calls = script_use(step.script, step.entry).pip
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        calls = ()
    return [*(f"{name}{asked}" for name, asked in step.requirements.items()), *(call.requirement for call in calls)]
