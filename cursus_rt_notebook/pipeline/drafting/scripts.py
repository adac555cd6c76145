"""What each script of a folder takes and makes, as a step of a draft."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from cursus_rt_notebook.errors import NameRefused
from cursus_rt_notebook.names import check_name
from cursus_rt_notebook.pipeline.drafting.defaults import constants, defaults_of
from cursus_rt_notebook.pipeline.environment import is_given
from cursus_rt_notebook.pipeline.sagemaker import CHANNELS, MODEL, OUTPUT
from cursus_rt_notebook.pipeline.script_use import NameUse, PortUse, ScriptUse, script_use
from cursus_rt_notebook.pipeline.scripts import text
from cursus_rt_notebook.pipeline.scripts.main_block import MainBlock, PortGiven
from cursus_rt_notebook.redact import is_secret_name
from cursus_rt_notebook.settings import DRAFT_SCRIPTS

_SKIPPED: Final = {"__pycache__", "node_modules", "site-packages"}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# A port's folder in the container, and what it is called there: of a processing job, or a channel of a training job.
_PROCESSING = re.compile(r"/opt/ml/processing/(?P<kind>input|output)(?:/(?P<name>\w[\w./-]*))?/?")
_CHANNEL = re.compile(rf"{CHANNELS}/(?P<name>\w[\w.-]*)/?")
_MADE = {MODEL: "model", OUTPUT: "output"}
_SOURCES = {"code"}  # of the job itself: no data


@dataclass(frozen=True)
class Taken:
    """A port, variable or argument that a script takes: the lines, whether it fails without, what it is where known.

    `value` is a default, for an argument; `channels` are the subfolders of a port; `choices` those of an argument.
    """

    lines: tuple[int, ...]
    demanded: bool = False
    value: Any = None
    channels: tuple[str, ...] = ()
    choices: tuple[Any, ...] = ()

    @property
    def where(self) -> str:
        """`line 12`."""
        return f"line {self.lines[0]}" if self.lines else "its __main__ block"


@dataclass(frozen=True)
class DraftStep:
    """One script as a step; `places` are the container paths of its ports, by kind; `unsure` is what its text hides."""

    name: str
    script: str
    entry: Literal["main", "script"] = "main"
    line: int = 1
    inputs: Mapping[str, Taken] = field(default_factory=dict[str, Taken])
    outputs: Mapping[str, Taken] = field(default_factory=dict[str, Taken])
    env: Mapping[str, Taken] = field(default_factory=dict[str, Taken])
    args: Mapping[str, Taken] = field(default_factory=dict[str, Taken])
    places: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    unsure: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Folder:
    """The steps that a folder's scripts make, and the files that cannot be read, with the reason."""

    steps: tuple[DraftStep, ...]
    unread: Mapping[str, str]


def read_folder(folder: Path) -> Folder:
    """The scripts below a folder; modules without a `main` and a `__main__` block are no steps."""
    steps: list[DraftStep] = []
    unread: dict[str, str] = {}
    names: set[str] = set()
    for path in _files(folder):
        written = path.relative_to(folder).as_posix()
        try:
            step = _step(path, written, names)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            unread[written] = f"{type(error).__name__}{line}"
            continue
        if step is not None:
            names.add(step.name)
            steps.append(step)
    return Folder(tuple(steps), unread)


def _files(folder: Path) -> list[Path]:
    """The Python files, by name; not those of hidden folders and of environments that lie there."""
    found: list[Path] = []
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if _is_searched(Path(root, name)))
        found += [Path(root, name) for name in sorted(files) if name.endswith(".py")]
        if len(found) > DRAFT_SCRIPTS:
            break
    return found[:DRAFT_SCRIPTS]


def _is_searched(folder: Path) -> bool:
    return not (folder.name.startswith(".") or folder.name in _SKIPPED or (folder / "pyvenv.cfg").exists())


def _step(path: Path, written: str, names: set[str]) -> DraftStep | None:
    use = script_use(path)
    block = use.block
    name = _name(written, names)
    if name is None:
        return None
    if use.main is not None and use.main.fits is not False:
        return _called(path, written, name, use, block)
    return _as_production(path, written, name, block) if block is not None else None


def _name(written: str, taken: set[str]) -> str | None:
    """The file's name; with its folders' where another step has that."""
    stem = written.removesuffix(".py")
    for name in (stem.rpartition("/")[2], stem.replace("/", "_")):
        if name not in taken and _is_name(name):
            return name
    return None


def _is_name(name: str) -> bool:
    try:
        check_name(name)
    except NameRefused:
        return False
    return True


def _called(path: Path, written: str, name: str, use: ScriptUse, block: MainBlock | None) -> DraftStep:
    """A script whose `main` is called: its ports are those that `main` takes."""
    assert use.main is not None
    tree = text.parse(text.decode(text.content(path)), str(path))
    known = defaults_of(tree)
    shown = block or MainBlock(0)
    ports = {kind: {n: u for n, u in uses.items() if _is_name(n)} for kind, uses in _ports(use)}
    places = {kind: _places(getattr(shown, kind), ports[kind]) for kind in ports}
    return DraftStep(
        name,
        written,
        line=use.main.line,
        inputs={port: _taken(u, shown.inputs.get(port)) for port, u in ports["inputs"].items()},
        outputs={port: Taken(u.lines, u.demanded) for port, u in ports["outputs"].items()},
        env={n: _variable(n, u, shown, known) for n, u in use.env.items() if _is_declared(n)},
        args={n: _argument(n, u, shown, known) for n, u in use.args.items() if n},
        places={kind: found for kind, found in places.items() if found},
        unsure=use.dynamic,
    )


def _ports(use: ScriptUse) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "inputs", use.inputs
    yield "outputs", use.outputs


def _places(given: Mapping[str, Any], ports: Mapping[str, Any]) -> dict[str, str]:
    return {n: one.path for n, one in given.items() if n in ports and one.path and one.path.startswith("/")}


def _taken(use: PortUse, shown: PortGiven | None) -> Taken:
    # What fails on some ways only is needed where production always gives it.
    needed = use.surely or (use.demanded and shown is not None and shown.always)
    return Taken(use.lines, needed, channels=_channels(use))


def _channels(use: PortUse) -> tuple[str, ...]:
    """The subfolders of an input that the script reads, where it reads nothing beside them."""
    tops = [file.pattern.partition("/") for file in use.files]
    if not tops or any(not rest or "*" in top or not _is_name(top) for top, _, rest in tops):
        return ()
    return tuple(dict.fromkeys(top for top, _, _ in tops))


def _is_declared(name: str) -> bool:
    return _VARIABLE.fullmatch(name) is not None and not is_given(name)


def _variable(name: str, use: NameUse, block: MainBlock, known: Mapping[str, Any]) -> Taken:
    shown = block.env.get(name)
    value = shown.default if shown is not None and shown.default is not None else known.get(name)
    demanded = use.surely or (shown is None and use.demanded) or name in block.needs
    return Taken(use.lines, demanded, None if is_secret_name(name) else _as_text(value))


def _as_text(value: Any) -> str | None:
    """A default as the environment holds it."""
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
        case _:
            return None


def _argument(name: str, use: NameUse, block: MainBlock, known: Mapping[str, Any]) -> Taken:
    shown = block.args.get(name)
    value = known.get(name) if shown is None or shown.default is None else shown.default
    choices = tuple(shown.choices or ()) if shown is not None else ()
    return Taken(use.lines, use.demanded, value if _is_plain(value) else None, choices=choices)


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool)) and value == value  # noqa: PLR0124 - nan is no value to write


def _as_production(path: Path, written: str, name: str, block: MainBlock) -> DraftStep:
    """A script that has only its `__main__` block: its ports are the container's folders that it names."""
    tree = text.parse(text.decode(text.content(path)), str(path))
    ports: dict[str, dict[str, Taken]] = {"inputs": {}, "outputs": {}}
    places: dict[str, dict[str, str]] = {"inputs": {}, "outputs": {}}
    for place, line in constants(tree):
        kind, port = _port_at(place)
        if port and port not in ports[kind]:
            ports[kind][port] = Taken((line,), demanded=True)
            places[kind][port] = place.rstrip("/")
    known = defaults_of(tree)
    use = script_use(path, "script")
    args = {n: Taken((a.line,), a.required, a.default if _is_plain(a.default) else None, (), tuple(a.choices or ()))
            for n, a in block.args.items()}  # fmt: skip
    env = {n: _variable(n, u, block, known) for n, u in use.env.items() if _is_declared(n)}
    return DraftStep(name, written, "script", block.line, ports["inputs"], ports["outputs"], env, args, places)


def _port_at(place: str) -> tuple[str, str]:
    """The kind and name of the port that lies at a container's path; no name where it is none."""
    if place.rstrip("/") in _MADE:
        return "outputs", _MADE[place.rstrip("/")]
    channel = _CHANNEL.fullmatch(place)
    found = _PROCESSING.fullmatch(place) or channel
    if found is None:
        return "inputs", ""
    kind = "input" if channel else found["kind"]
    name = (found["name"] or kind).strip("/").replace("/", "_")
    usable = _is_name(name) and not Path(name).suffix and name not in _SOURCES
    return f"{kind}s", name if usable else ""
