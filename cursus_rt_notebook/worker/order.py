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


@dataclass(frozen=True)
class Order:
    """One attempt at one step: the script, how it is entered and what it is given. Paths are absolute text.

    `known_sources` are the files that count as source already; the other files under `source_dir` that the script
    opens are told in `Outcome.opened`. `profile` names a file for where the time of `main` went; none is taken if it is
    empty. What the file holds, `inside.profiling` says.
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
    file under `source_dir` that was read to its size and mtime_ns. `skipped_pip` holds the requirements that pip calls
    asked for.
    """

    ended: Ended
    exit_code: int | None = None
    signal: int | None = None
    result: str = ""
    error: Mapping[str, Any] | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory: int = 0
    opened: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    skipped_pip: tuple[str, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict[str, str])
    python_version: str = ""
    warnings: tuple[str, ...] = ()
    log_tail: str = ""
    error_lines: tuple[str, ...] = ()
    preload_problems: Mapping[str, str] = field(default_factory=dict[str, str])


OnProgress = Callable[[Progress], None]
