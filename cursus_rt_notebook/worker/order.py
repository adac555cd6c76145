"""What a step is asked to do, and what is known of it while it runs and when it has ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Ended = Literal[
    "succeeded",
    "raised",
    "returned_error",
    "exited",
    "crashed",
    "timed_out",
    "out_of_memory",
    "killed",
    "not_started",
]


Effects = Literal["record", "refuse", "allow"]


@dataclass(frozen=True)
class Order:
    """One attempt at one step: the script, how it is entered and what it is given. Paths are absolute text.

    `known_sources` are the files that count as source already; the other files under `source_dir` that the script
    opens are told in `Outcome.opened`. `profile` names a file for where the time of `main` went; none is taken if it is
    empty. What the file holds, `inside.profiling` says. `effects` says what becomes of connections, processes, and writes
    outside the step's own folders, which are `cwd`, `scratch`, its inputs and outputs, and `own`.

    `moves` are places of the container that the script was written for, longest first, with the path that stands for
    each: texts of the script and of the user's modules that begin with one are compiled so. What the script's `__main__`
    block shows of how it calls `main` is Python, evaluated in the script's own namespace: `conversions` make the values
    of variables, those with one of the `conditions` only where it holds; `arguments` have a `type` and a `default`
    (either may be missing), `extra` are further parameters.
    """

    step: str
    script: str
    source_dir: str
    cwd: str
    entry: Literal["main", "script"] = "main"
    input_paths: Mapping[str, str] = field(default_factory=dict[str, str])
    output_paths: Mapping[str, str] = field(default_factory=dict[str, str])
    environ_vars: Mapping[str, str] = field(default_factory=dict[str, str])
    job_args: Mapping[str, Any] = field(default_factory=dict[str, Any])
    scratch: str = ""
    known_sources: tuple[str, ...] = ()
    profile: str = ""
    effects: Effects = "record"
    own: tuple[str, ...] = ()
    moves: tuple[tuple[str, str], ...] = ()
    conversions: Mapping[str, str] = field(default_factory=dict[str, str])
    conditions: Mapping[str, str] = field(default_factory=dict[str, str])
    arguments: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    extra: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Effect:
    """Something that a step did beyond its own folders, and where: at least `count` times.

    `kind` is network, process, write or remove; `target` a host and port, a command or a path, or "more" for those
    that are too many to name. `file` and `line` are of the user's own code, where any was at work. `refused` says that
    it did not happen.
    """

    kind: str
    target: str
    file: str
    line: int
    count: int = 1
    refused: bool = False


@dataclass(frozen=True)
class Progress:
    """How a running step stands: seconds since it started, bytes it holds, the last line it printed."""

    seconds: float
    memory: int
    last_line: str


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended and what is known of it. Seconds and bytes; secrets are masked.

    `error` tells why, as plain data: `type`, `message`, `traceback`, `frames`, `cause` and what the exception carries
    (`name`, `filename`, `lineno`, ...); `phase` is "import" until the script's `main` was reached. `opened` maps each
    file under `source_dir` that was read to its size and mtime_ns. `read` are the files of its inputs that Python saw being
    opened; none where it started processes of which nothing is seen. `skipped_pip` holds the requirements that pip calls
    asked for. `effects` are those seen, in order; none are looked for where all are allowed.

    `read_bytes` and `written_bytes` count what passed through the read and write calls of all the step's processes:
    files (from the disk or from memory), pipes and sockets, its log too, but not what is mapped into memory. None where
    the system does not tell (macOS).
    """

    ended: Ended
    exit_code: int | None = None
    signal: int | None = None
    result: str = ""
    error: Mapping[str, Any] | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory: int = 0
    read_bytes: int | None = None
    written_bytes: int | None = None
    effects: tuple[Effect, ...] = ()
    opened: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    read: frozenset[str] = frozenset()
    skipped_pip: tuple[str, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict[str, str])
    python_version: str = ""
    warnings: tuple[str, ...] = ()
    log_tail: str = ""
    error_lines: tuple[str, ...] = ()
    preload_problems: Mapping[str, str] = field(default_factory=dict[str, str])


OnProgress = Callable[[Progress], None]
