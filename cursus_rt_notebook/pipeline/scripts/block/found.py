"""What a script's `__main__` block does, as far as its text tells.

Its expressions are to be evaluated in the script's own module: they speak of the module's names, of the built-in ones, of
`os` and `json`, and of `job_args`, the parsed arguments. Those of an ending speak of `result`, too: what `main` returned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "bool", "int", "float", "other"]


@dataclass(frozen=True)
class PortGiven:
    """One port that the block passes: its path in the container, None where that is not constant.

    `always` is whether it is passed on every way to `main`; if not, `when` is the condition, where it can be told.
    `others` are the paths that it may have instead.
    """

    line: int
    path: str | None = None
    always: bool = True
    when: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Converted:
    """One variable that the block passes: the expression that makes its value; empty where it cannot be evaluated alone.

    `kind` is what the expression makes, `reads` the variables of the environment that it reads, `default` the text that
    stands in for the one of this name; `when` as for a port.
    """

    line: int
    expression: str
    default: str | None = None
    kind: Kind = "other"
    reads: tuple[str, ...] = ()
    always: bool = True
    when: str = ""


@dataclass(frozen=True)
class ArgUse:
    """One argument that the block parses; `type` is the name of what makes its value, "bool" for a switch."""

    flag: str
    type: str = "str"
    default: Any = None
    choices: tuple[Any, ...] | None = None
    required: bool = False
    line: int = 1


@dataclass(frozen=True)
class Ending:
    """One way in which the block ends: with an exit code, None where that is not constant.

    `after` is "returned" for a `main` that came back (`when` says with what, if that decides) and "raised" for one that
    did not; then `kinds` names the exceptions.
    """

    line: int
    code: int | None
    after: Literal["returned", "raised"]
    kinds: tuple[str, ...] = ()
    when: str = ""


@dataclass(frozen=True)
class MainBlock:
    """What a script's `__main__` block passes to `main`, and how it ends.

    `args` are those that the block's parser takes, by the attribute; `strict` is whether it fails for any other.
    `job_args` is what `main` gets as arguments: "parsed", "empty" (a namespace without any), "none" (None) or "other".
    `extra` holds further parameters by name, each with its expression, empty where that cannot be evaluated alone.
    `prefixes` are those of the variables that are passed on as they are, "" for all. `needs` are the variables without
    which the block itself fails, each with its line. `dynamic` holds those of "inputs", "outputs", "env" and "args" that
    cannot be known in full.
    """

    line: int
    calls_main: bool = False
    inputs: Mapping[str, PortGiven] = field(default_factory=dict[str, PortGiven])
    outputs: Mapping[str, PortGiven] = field(default_factory=dict[str, PortGiven])
    env: Mapping[str, Converted] = field(default_factory=dict[str, Converted])
    prefixes: tuple[str, ...] = ()
    needs: Mapping[str, int] = field(default_factory=dict[str, int])
    args: Mapping[str, ArgUse] = field(default_factory=dict[str, ArgUse])
    strict: bool = False
    job_args: Literal["parsed", "empty", "none", "other"] = "other"
    extra: Mapping[str, str] = field(default_factory=dict[str, str])
    exits: tuple[Ending, ...] = ()
    dynamic: frozenset[str] = frozenset()
