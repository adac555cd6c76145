"""What a script does with what it is given, as far as its text tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cursus_rt_notebook.pipeline.scripts.block.found import MainBlock


@dataclass(frozen=True)
class ColumnUse:
    """A column that is read by its name; `surely` where nothing decides whether that line is reached."""

    name: str
    line: int
    surely: bool = True


@dataclass(frozen=True)
class FileUse:
    """What is read below a port: `pattern` relative to it ("" is the port itself, `*` what the text does not tell).

    `kind` is one of csv, parquet, json, jsonl, text and other.
    """

    pattern: str
    kind: str
    line: int


@dataclass(frozen=True)
class NameUse:
    """Where a name is taken from a mapping.

    `demanded` is a use that fails without it; `surely` says that every way through the script, but one that fails
    earlier, comes to such a use. `instead_of` is the name that it stands in for: `paths.get("a", paths.get("b"))`;
    `default` is what the script takes where the name is not there, as text.
    """

    lines: tuple[int, ...]
    demanded: bool = False
    surely: bool = False
    instead_of: str = ""
    default: str | None = None


@dataclass(frozen=True)
class PortUse(NameUse):
    """Where a port is used, the columns read from its tables, and the files read below it."""

    columns: tuple[ColumnUse, ...] = ()
    files: tuple[FileUse, ...] = ()


@dataclass(frozen=True)
class ImportUse:
    """One import: the dots before it (`level`), the module, the names taken from it.

    `optional` where the script goes on without it; `surely` where importing the script comes to it.
    """

    module: str
    line: int
    names: tuple[str, ...] = ()
    level: int = 0
    optional: bool = False
    surely: bool = True


@dataclass(frozen=True)
class TypedUse:
    """A variable that the script takes as it comes, and that it wants as a "bool" or a "number": its default says so."""

    line: int
    kind: str
    default: bool | float


@dataclass(frozen=True)
class PipUse:
    """A requirement that the script asks pip for, as it writes it: `lightgbm>=3.3,<4`."""

    requirement: str
    line: int


@dataclass(frozen=True)
class MainFound:
    """The script's `main`: its line, its parameters as written, and what each of the four is called, by its kind.

    `fits` is whether it can be called with what a step is given; None where that cannot be told. `further` are those of
    its parameters that need a value beside the four; `silent` those loggers that are None where none is given, and are
    used all the same, each with the line.
    """

    line: int
    signature: str = ""
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    fits: bool | None = None
    further: tuple[str, ...] = ()
    silent: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class ScriptUse:
    """What one script does with its contract.

    `main` is None where no statement could define it. `dynamic` holds those of "inputs", "outputs", "env" and "args"
    whose uses cannot be known in full. `moves_path` is the first line that may change where modules are looked for, 0 for
    none. `block` is what runs where the file is started, None where there is nothing; `pip` is what the script asks pip
    for. Of `env`, `handed` are the names that `main` takes from what it is given, `typed` those that it wants to be no text.
    """

    main: MainFound | None = None
    inputs: Mapping[str, PortUse] = field(default_factory=dict[str, PortUse])
    outputs: Mapping[str, PortUse] = field(default_factory=dict[str, PortUse])
    env: Mapping[str, NameUse] = field(default_factory=dict[str, NameUse])
    args: Mapping[str, NameUse] = field(default_factory=dict[str, NameUse])
    imports: tuple[ImportUse, ...] = ()
    dynamic: frozenset[str] = frozenset()
    moves_path: int = 0
    block: MainBlock | None = None
    pip: tuple[PipUse, ...] = ()
    handed: frozenset[str] = frozenset()
    typed: Mapping[str, TypedUse] = field(default_factory=dict[str, TypedUse])
