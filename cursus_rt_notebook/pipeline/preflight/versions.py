"""The versions that a step asks for beside those that its interpreter has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.pipeline.preflight.installed import Installed
from cursus_rt_notebook.pipeline.script_use import ScriptUse

BUILD = "make an environment that has them: crt.build_envs(pipeline)"


@dataclass(frozen=True)
class Misfit:
    """A distribution that is asked for in other versions than the one that is there; `has` is empty where none is."""

    name: str
    wants: str
    has: str = ""

    def __str__(self) -> str:
        wants = f"{self.name} {self.wants}".strip()
        return f"{wants} (has {self.has})" if self.has else f"{wants} (not installed)"


def versions(step: Step, use: ScriptUse | None, installed: Installed | None) -> Iterator[Finding]:
    """What the contract and the script's calls of pip ask for, and the step's interpreter does not have."""
    if installed is None:
        return
    file = str(step.script) if use is not None else None
    found = misfits((f"{name}{asked}" for name, asked in step.requirements.items()), installed)
    if found:
        message = f"the step asks for {_listed(found)} in Python {installed.python}"
        yield Finding("warning", message, BUILD, step=step.name)
    calls = use.pip if use is not None else ()
    by_pip = [each for each in misfits((call.requirement for call in calls), installed) if each not in found]
    if by_pip:
        line = next(call.line for call in calls if _named(call.requirement) in {each.name for each in by_pip})
        yield Finding("warning", asked_of_pip(by_pip), BUILD, step=step.name, file=file, line=line)


def asked_of_pip(found: Iterable[Misfit]) -> str:
    """That a script asks pip for these, in the same words before a run and after."""
    return f"the script asks pip for {_listed(found)}, and pip is not run here"


def _listed(found: Iterable[Misfit]) -> str:
    return ", ".join(map(str, found))


def misfits(requirements: Iterable[str], installed: Installed) -> list[Misfit]:
    """The requirements, as pip writes them, that are not fulfilled; what is none, or depends on more, is left out."""
    found: list[Misfit] = []
    for text in requirements:
        wanted = parsed(text)
        if wanted is None or wanted.url or (wanted.marker is not None and not wanted.marker.evaluate()):
            continue
        name = str(canonicalize_name(wanted.name))
        if name == "python":
            found += (
                [] if _fits_python(wanted, installed.python) else [Misfit("Python", _shown(wanted), installed.python)]
            )
            continue
        there = _there(name, installed.versions)
        if there is None or not _fits(wanted, there):
            found.append(Misfit(name, _shown(wanted), there or ""))
    return found


# Distributions that bring the same modules as the one without the ending, built otherwise.
_OTHER_BUILDS = ("-cpu", "-gpu", "-binary", "-headless")


def _there(name: str, versions: Mapping[str, str]) -> str | None:
    """The version of a distribution that is installed, or of another build of it."""
    return next((versions[each] for each in (name, *(name + end for end in _OTHER_BUILDS)) if each in versions), None)


def parsed(text: str) -> Requirement | None:
    """A requirement as pip writes it; None for what is none."""
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def _named(text: str) -> str:
    wanted = parsed(text)
    return str(canonicalize_name(wanted.name)) if wanted is not None else ""


def _shown(wanted: Requirement) -> str:
    # packaging sorts them as text; the lower end first is how they are written.
    parts = sorted((str(each) for each in wanted.specifier), key=lambda part: (part[0] not in ">~=", part))
    return ",".join(parts)


def _fits(wanted: Requirement, version: str) -> bool:
    try:
        return wanted.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return True  # nothing can be said of it


def _fits_python(wanted: Requirement, version: str) -> bool:
    """Whether a Python fits; where its last number is not known, whether any of them could."""
    if not version:
        return True
    tried = [version] if version.count(".") > 1 else [f"{version}.0", f"{version}.99"]
    return any(_fits(wanted, each) for each in tried)
