"""What a step asks of the interpreter that runs it: packages by version, and a Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from cursus_rt_notebook.pipeline.distributions import brings, distribution_of
from cursus_rt_notebook.pipeline.model import Step
from cursus_rt_notebook.pipeline.preflight.imports import outside
from cursus_rt_notebook.pipeline.script_use import ImportUse, script_use

PYTHON: Final = "python"


@dataclass(frozen=True)
class Package:
    """A distribution that is wanted, by its normalised name: its extras, its versions, or the address it comes from."""

    name: str
    versions: SpecifierSet = field(default_factory=SpecifierSet)
    extras: frozenset[str] = frozenset()
    url: str = ""

    def __str__(self) -> str:
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        return f"{self.name}{extras}{f' @ {self.url}' if self.url else self.versions}"

    def with_other(self, other: Package) -> Package | None:
        """What fulfils both; None where nothing can."""
        versions = self.versions & other.versions
        if len({self.url, other.url} - {""}) > 1 or not may_be_fulfilled(versions):
            return None
        return replace(self, versions=versions, extras=self.extras | other.extras, url=self.url or other.url)


@dataclass(frozen=True)
class Asked:
    """What one step, or several together, ask for.

    `packages` by normalised name; `python` is the versions of Python; `modules` are what their scripts import of these
    packages; `unknown` the modules of which nobody says which package brings them.
    """

    packages: Mapping[str, Package] = field(default_factory=dict[str, Package])
    python: SpecifierSet = field(default_factory=SpecifierSet)
    modules: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()

    @property
    def lines(self) -> tuple[str, ...]:
        """The packages as pip writes them."""
        return tuple(str(self.packages[name]) for name in sorted(self.packages))

    def together(self, other: Asked) -> Asked | None:
        """What fulfils both; None where they contradict each other."""
        packages = dict(self.packages)
        for name, package in other.packages.items():
            both = packages[name].with_other(package) if name in packages else package
            if both is None:
                return None
            packages[name] = both
        python = self.python & other.python
        if not may_be_fulfilled(python):
            return None
        return Asked(packages, python, self.modules | other.modules, self.unknown | other.unknown)

    @property
    def is_open(self) -> bool:
        """Whether no version of a package is asked for: any interpreter that has them will do."""
        return not any(one.versions or one.url for one in self.packages.values())

    @property
    def tightness(self) -> int:
        """How many of the packages may not be just any newer one: these say where the others go."""
        return sum(any(spec.operator in _CLOSES for spec in one.versions) for one in self.packages.values())


_CLOSES = {"==", "===", "<", "<=", "~="}


def asked_by(step: Step, more: Mapping[str, str] | None = None) -> Asked:
    """What a step asks for: what all sources say together, and where they contradict each other, what the later says.

    Args:
        step: The step; its script is read, and never run.
        more: Versions that the caller wants, by distribution, which are added to those of the sources.

    Raises:
        InvalidRequirement: `more` is not written as pip writes it.
    """
    packages: dict[str, Package] = {}
    for source in _SOURCES:
        _add(packages, source(step))
    python = packages.pop(PYTHON, Package(PYTHON)).versions
    _add(packages, [_package(Requirement(f"{name} {versions}")) for name, versions in (more or {}).items()])
    uses = tuple(outside(step))
    modules = frozenset(use.module for use in uses if _named(use, packages))
    unknown = frozenset(top(use) for use in uses if not _named(use, packages) and brings(top(use)) is None)
    return Asked(packages, python, modules, unknown)


def _add(packages: dict[str, Package], more: Iterable[Package]) -> None:
    for package in more:
        known = packages.get(package.name, package)
        packages[package.name] = known.with_other(package) or package


def _of_contract(step: Step) -> Iterator[Package]:
    for name, versions in step.requirements.items():
        try:
            yield _package(Requirement(f"{name} {versions}"))
        except InvalidRequirement:  # of a step that was made by hand: nothing that could be installed
            continue


def _of_imports(step: Step) -> Iterator[Package]:
    """What the contract leaves out and the script imports, where it is known which package brings it."""
    declared = {canonicalize_name(name.partition("[")[0]) for name in step.requirements}
    for use in outside(step):
        name = brings(top(use))
        if name is not None and canonicalize_name(name) not in declared:
            yield Package(canonicalize_name(name))


def _of_pip(step: Step) -> Iterator[Package]:
    """What the script lets pip install: in production it comes last, and counts."""
    try:
        calls = script_use(step.script, step.entry).pip
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for call in calls:
        try:
            wanted = Requirement(call.requirement)
        except InvalidRequirement:
            continue
        if wanted.marker is None or wanted.marker.evaluate():
            yield _package(wanted)


# Who may say what a step needs.
_SOURCES: Final[tuple[Callable[[Step], Iterable[Package]], ...]] = (_of_contract, _of_imports, _of_pip)


def _package(requirement: Requirement) -> Package:
    name = canonicalize_name(requirement.name)
    return Package(name, requirement.specifier, frozenset(requirement.extras), requirement.url or "")


def _named(use: ImportUse, packages: Mapping[str, Package]) -> bool:
    return (
        canonicalize_name(distribution_of(top(use))) in packages
        or canonicalize_name(brings(top(use)) or "") in packages
    )


def top(use: ImportUse) -> str:
    """The top-level module of an import."""
    return use.module.partition(".")[0]


def may_be_fulfilled(versions: SpecifierSet) -> bool:
    """Whether any version can fulfil all of it: the ends of its ranges, or what comes just after them, would."""
    ends = [end for spec in versions if (end := _version(spec.version.removesuffix(".*"))) is not None]
    if len(ends) < len(list(versions)):  # `===` some text: whether there is such a thing, only the index knows
        return True
    tried = [Version("0"), *ends, *(Version(f"{end.base_version}.0.0.0.1") for end in ends)]
    return any(versions.contains(version, prereleases=True) for version in tried)


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def is_fulfilled(asked: Asked, installed: Mapping[str, str], python: str) -> bool:
    """Whether an interpreter of this version, with these distributions (by normalised name), has all that is asked for."""
    if not asked.python.contains(python, prereleases=True):
        return False
    for name, package in asked.packages.items():
        version = _version(installed.get(name, ""))
        if version is None or package.url or not package.versions.contains(version, prereleases=True):
            return False
    return True
