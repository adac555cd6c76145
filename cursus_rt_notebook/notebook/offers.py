"""What a word in a magic's line may be: the options, and by what each of them names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from IPython.core.error import UsageError

from cursus_rt_notebook.engine.session import InteractiveExecutionResult
from cursus_rt_notebook.errors import CursusError
from cursus_rt_notebook.notebook.starting import named_pipeline
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.model import Pipeline
from cursus_rt_notebook.pipeline.project import Project

if TYPE_CHECKING:
    from IPython.core.magic_arguments import argument

Offers = Iterable[tuple[str, str]]  # each a text and, in one word, what it is

SESSION_VARIABLE: Final = "session"
_SUFFIXES = frozenset({".yaml", ".yml", ".json"})


@dataclass(frozen=True)
class Place:
    """The end of a magic's line: what stands before the last word, and what of that has been typed."""

    magic: str
    arguments: Sequence[argument]
    before: tuple[str, ...]
    typed: str
    variables: Mapping[str, Any]

    def offers(self) -> Offers:
        """What the word may become, whether or not it begins as typed."""
        if self.typed.startswith("-") or not self._expected:
            return self._options()
        return _OFFERS[self._expected](self) if self._expected in _OFFERS else ()

    def _options(self) -> Offers:
        return ((name, "option") for given in self.arguments for name in given.args if name.startswith("--"))

    @property
    def _expected(self) -> str:
        """What the next word is for: an option that still takes one, else what the magic is about."""
        taking, own = self._read
        if taking is not None:
            return taking
        for given in self.arguments:
            if not _is_option(given) and (not own or given.kwds.get("nargs") == "*"):
                return _name(given)
        return ""

    @cached_property
    def _read(self) -> tuple[str | None, tuple[str, ...]]:
        """The option that takes the next word, if one does; and the words that belong to none."""
        options = {given.args[0]: given for given in self.arguments if _is_option(given)}
        taking: argument | None = None
        own: list[str] = []
        for word in self.before:
            if word.startswith("--"):
                found = options.get(word)
                taking = found if found and found.kwds.get("action") != "store_true" else None
            elif taking is None:
                own.append(word)
            elif taking.kwds.get("nargs") is None:
                taking = None
        return (_name(taking) if taking else None), tuple(own)

    @property
    def removing(self) -> bool:
        """Whether the line takes breakpoints away."""
        return "--remove" in self.before

    @property
    def session(self) -> InteractiveExecutionResult | None:
        """The session that the line is about."""
        name = next((b for a, b in zip(self.before, self.before[1:], strict=False) if a == "--name"), SESSION_VARIABLE)
        found = self.variables.get(name)
        return found if isinstance(found, InteractiveExecutionResult) else None

    @cached_property
    def pipeline(self) -> Pipeline | None:
        """The pipeline that the line is about, if it can be read."""
        if self.magic != "cursus_run":
            return self.session.pipeline if self.session else None
        _, own = self._read
        try:
            return load_pipeline(named_pipeline(own[0], self.variables), **self._project) if own else None
        except (UsageError, CursusError, OSError):  # told when the line is run
            return None

    @property
    def _project(self) -> Project:
        """What the line says of a Cursus project."""
        found = Project()
        for option, word in pairwise(self.before):
            match option:
                case "--config":
                    found["config"] = word
                case "--interfaces":
                    found["interfaces"] = word
                case _:
                    pass
        return found


def sessions(variables: Mapping[str, Any]) -> Iterator[str]:
    """The user's variables that hold a session."""
    for name, value in variables.items():
        if isinstance(value, InteractiveExecutionResult) and not name.startswith("_"):
            yield name


def _is_option(given: argument) -> bool:
    return given.args[0].startswith("--")


def _name(given: argument) -> str:
    return given.kwds.get("dest") or given.args[0].lstrip("-")


def _pipelines(place: Place) -> Offers:
    for name, value in place.variables.items():
        if not name.startswith("_") and _may_be_pipeline(value):
            yield name, "instance"
    yield from _files(place.typed, _SUFFIXES)


def _folders(place: Place) -> Offers:
    return _files(place.typed, frozenset())


def _json_files(place: Place) -> Offers:
    return _files(place.typed, frozenset({".json"}))


def _may_be_pipeline(value: Any) -> bool:
    return isinstance(value, Pipeline) or (isinstance(value, Mapping) and "steps" in value)


def _files(typed: str, suffixes: frozenset[str]) -> Offers:
    """The folders, and the files of these kinds, in the folder that has been typed."""
    folder, slash, start = typed.rpartition("/")
    try:
        found = sorted(Path(folder + slash or ".").expanduser().iterdir())
    except (OSError, RuntimeError):  # no such folder, or no such user
        return
    for path in found:
        if path.name.startswith(".") and not start.startswith("."):
            continue
        if path.is_dir():
            yield f"{folder}{slash}{path.name}/", "path"
        elif path.suffix in suffixes:
            yield f"{folder}{slash}{path.name}", "path"


def _breakpoints(place: Place) -> Offers:
    if place.removing:
        yield from ((b.text, "breakpoint") for b in (place.session.breakpoints if place.session else ()))
        return
    for step in place.pipeline.steps if place.pipeline else ():
        yield step, "step"
        if place.typed.startswith(f"{step}:"):
            yield from ((f"{step}:{when}", "breakpoint") for when in ("before", "after"))


def _parts(place: Place) -> Offers:
    """Steps; after a dot their ports, after a slash the channels that are there or were declared."""
    session, typed = place.session, place.typed
    for name, step in session.pipeline.steps.items() if session else ():
        yield name, "step"
        if not typed.startswith(f"{name}."):
            continue
        for port in (*step.outputs, *step.inputs):
            yield f"{name}.{port}", "port"
            if typed.startswith(f"{name}.{port}/"):
                yield from ((f"{name}.{port}/{channel}", "channel") for channel in _channels(session, name, port))


def _channels(session: InteractiveExecutionResult | None, step: str, port: str) -> Iterable[str]:
    if session is None:
        return ()
    view = session[step]
    artifact = view.outputs.get(port) or view.inputs.get(port)
    if artifact is not None:
        return artifact.channels
    declared = view.step.outputs.get(port)
    return declared.channels if declared else ()


def _sessions(place: Place) -> Offers:
    return ((name, "instance") for name in sessions(place.variables))


def _inputs(place: Place) -> Offers:
    steps = place.pipeline.steps.items() if place.pipeline else ()
    return ((f"{name}.{port}=", "port") for name, step in steps for port in step.inputs)


def _stubs(place: Place) -> Offers:
    steps = place.pipeline.steps if place.pipeline else ()
    return ((f"{name}={what}", "step") for name in steps for what in ("skip", "synthetic"))


def _environment(place: Place) -> Offers:
    steps = place.pipeline.steps.values() if place.pipeline else ()
    return ((f"{name}=", "variable") for step in steps for name in step.env)


_OFFERS: Final[Mapping[str, Callable[[Place], Offers]]] = {
    "pipeline": _pipelines,
    "breakpoints": _breakpoints,
    "place": _parts,
    "name": _sessions,
    "variable": _sessions,
    "env": _environment,
    "workspace": _folders,
    "config": _json_files,
    "interfaces": _folders,
    "source_dirs": _folders,
    "inputs": _inputs,
    "stubs": _stubs,
    "entry": lambda _: (("main", "entry"), ("script", "entry")),
}
