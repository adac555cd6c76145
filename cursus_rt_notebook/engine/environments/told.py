"""What `build_envs` says: in words, for the notebook, and as findings of the steps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cursus_rt_notebook.display import Shown
from cursus_rt_notebook.engine.environments.make import Environment, Refused
from cursus_rt_notebook.pipeline.asked import Asked
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.settings import MIB

_REASON = 300
# Of uv's words, and of pip's.
_WHEELS = re.compile(
    r"Because (?:only )?([a-z0-9][a-z0-9-]*)[^ ]* has no usable wheels|No matching distribution found for ([\w.-]+)"
)


@dataclass(frozen=True, repr=False)
class Environments(Shown):
    """The environments of a pipeline's steps, as they were chosen, and those that could not be made."""

    made: tuple[Environment, ...]
    refused: tuple[Refused, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every step has one."""
        return not self.refused

    @property
    def headline(self) -> str:
        """How it went, in a sentence."""
        own = [one for one in self.made if one.python is not None]
        steps = sum(len(one.group.steps) for one in own)
        kernels = sum(len(one.group.steps) for one in self.made) - steps
        said = f"{_count(steps, 'step')} in {_count(len(own), 'environment')} made for {'it' if steps == 1 else 'them'}"
        if kernels:
            said += f"; for {_count(kernels, 'step')} the kernel's will do"
        if self.refused:
            said += f"; for {', '.join(name for one in self.refused for name in one.group.steps)} none could be made"
        return said

    @property
    def recommendations(self) -> tuple[str, ...]:
        """What to do about those that could not be made."""
        return tuple(refusal(one) for one in self.refused)

    def rows(self) -> Iterator[Mapping[str, object]]:
        """One row for each environment."""
        for one in self.made:
            yield {
                "steps": ", ".join(one.group.steps),
                "python": one.version if one.python else f"{one.version} (the kernel's)",
                "packages": versions(one),
                "why": why(one),
                "size": f"{one.bytes / MIB:,.0f} MB" if one.bytes else "",
                "made": "" if one.python is None else "kept from before" if one.reused else f"in {one.seconds:,.0f} s",
            }


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def versions(one: Environment) -> str:
    """The packages that were asked for, with the versions that are there."""
    return _versions(one, one.group.asked)


def _versions(one: Environment, asked: Asked) -> str:
    return ", ".join(f"{name} {one.packages[name]}" for name in asked.packages if name in one.packages)


def why(one: Environment) -> str:
    """Why this interpreter, and these versions."""
    if one.python is None:
        return "the kernel has all of it"
    newer = [each for each in one.tried if each.version != one.version]
    parts: list[str] = []
    if lacking := [each for each in newer if _WHEELS.search(each.reason)]:
        names = dict.fromkeys(
            name for each in lacking for found in _WHEELS.findall(each.reason) for name in found if name
        )
        parts.append(
            f"no wheels of {_and(list(names))} in these versions for Python {_and([e.version for e in lacking])}"
        )
    parts += [f"Python {each.version}: {each.reason[:_REASON]}" for each in newer if each not in lacking]
    if one.added:
        parts.append(f"{_and(one.added)}, without which what was installed could not be imported")
    return "; ".join(parts)


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def notes(one: Environment) -> Iterator[Finding]:
    """What preflight says of the steps that run in an environment made for them."""
    if one.python is None:
        return
    for step in one.group.steps:
        own = _versions(one, one.group.each[step])
        yield Finding("info", f"it runs under Python {one.version}, with {own}", why(one), step=step)
        for module in sorted(one.group.each[step].unknown):
            message = f"the script imports {module!r}, and nobody says which package brings it"
            fix = f'name it in the requirements of {step}: {{PACKAGE: ">=1"}}, or set python: to an environment that has it'
            yield Finding("warning", message, fix, step=step)


def refusal(one: Refused) -> str:
    """Which steps, what they ask for, which interpreters were tried and why they do not do."""
    asked: Asked = one.group.asked
    wanted = ", ".join([*asked.lines, *([f"python{asked.python}"] if asked.python else [])])
    tried = "; ".join(f"Python {each.version}: {each.reason[:_REASON]}" for each in one.tried)
    return f"{', '.join(one.group.steps)}: nothing here fulfils {wanted}. Tried: {tried or 'no interpreter was found'}"


def failed(refused: Sequence[Refused]) -> str:
    """The message of the error for those that could not be made."""
    return "no environment for " + "\n".join(refusal(one) for one in refused)
