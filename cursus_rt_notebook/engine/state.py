"""The state of a run as plain frozen data, and the words for it.

Only the driver thread (`driver`) holds a state; everybody else reads the newest one. `advance` (in `transitions`)
makes the next from the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cursus_rt_notebook import errors
from cursus_rt_notebook.data.checks.quality import CheckResult
from cursus_rt_notebook.pipeline.findings import Finding


class StepStatus(StrEnum):
    """Where a step stands. The words are those on the screen."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CACHED = "cached"
    FAILED = "failed"
    SKIPPED = "skipped"
    STALE = "stale"


class RunStatus(StrEnum):
    """Where a session stands."""

    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    STOPPED = "stopped"


class When(StrEnum):
    """Why a session paused: what the pause stands before, after or at."""

    BEFORE = "before"
    AFTER = "after"
    CONDITION = "condition"
    CHECK = "check"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    PREFLIGHT = "preflight"


SETTLED = frozenset({StepStatus.DONE, StepStatus.CACHED})


@dataclass(frozen=True)
class Table:
    """The size of one table: a port's, or one channel's of it. `rows` is None until counted.

    `former` is how many rows it had in the last run that finished, `usual` the fewest and most of the last few.
    """

    port: str
    channel: str | None
    rows: int | None
    columns: int | None
    former: int | None = None
    usual: tuple[int, int] | None = None


@dataclass(frozen=True)
class Loss:
    """Rows that an output lacks, going by the share of its input that it kept in the last good run.

    `channel` is None where the channels were counted together. It has `rows`, `expected` is what that share makes of the
    present `input` (the port it is measured by; "" where the same files came in), of which `came` rows came in;
    `kept` is the share that it kept at least in earlier good runs. `run` is the last of them, `at` when that ended.
    """

    port: str
    channel: str | None
    rows: int
    expected: int
    input: str
    came: int
    kept: float
    run: str
    at: float  # seconds since 1970

    @property
    def fewer(self) -> int:
        """How many rows are missing."""
        return self.expected - self.rows


@dataclass(frozen=True)
class Frame:
    """One frame of a failed step's stack, as its process saw it.

    `source` holds (line number, text) around `line`; `variables` the locals. `own` is False for library frames.
    """

    function: str
    file: str
    line: int
    own: bool
    source: tuple[tuple[int, str], ...] = ()
    variables: tuple[Variable, ...] = ()


@dataclass(frozen=True)
class Variable:
    """A local variable of a frame: its name, type and short safe text; columns and rows if it is a table."""

    name: str
    type: str
    value: str
    columns: tuple[str, ...] = ()
    rows: int | None = None


@dataclass(frozen=True)
class Failure:
    """Why an attempt did not succeed, told for a reader. Secrets are masked.

    `kind` is the name of the `StepError` subclass; `title` the short words for the node ("KeyError", "SIGSEGV",
    "timed out"); `message` the exception's own text; `summary` one sentence in plain words; `advice` what to do;
    `further` what to do if that does not help; `suggestion` the right spelling, where one was found.
    """

    kind: str
    title: str
    message: str
    summary: str
    advice: str = ""
    suggestion: str | None = None
    frames: tuple[Frame, ...] = ()
    traceback: str = ""
    log_tail: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    further: tuple[str, ...] = ()

    @property
    def recommendations(self) -> tuple[str, ...]:
        """What a colleague would advise, the likeliest remedy first."""
        return tuple(filter(None, (self.advice, *self.further)))

    @property
    def category(self) -> str:
        """Where it went wrong: "import", "execution" or "data flow"."""
        return getattr(errors, self.kind, errors.StepError).category


@dataclass(frozen=True)
class StepState:
    """One step of a run. Seconds and bytes.

    `reason` says in a few words what the status alone does not ("needs encode, which failed", "script changed");
    `lacks` names the failed or skipped step whose outputs it cannot get;
    `key` says what it ran with, `artifact` where its outputs are kept;
    `outputs` and `inputs` map ports to content digests;
    `estimate` and `need` are the seconds and the bytes that it took when it last succeeded;
    `began` says when its process began, from the run's first command, `memory_curve` (seconds, bytes) counts from there;
    `read_bytes` and `written_bytes` are what all its processes moved through read and write calls: files, pipes and
    sockets, its log too, but not what is mapped into memory; None where the system does not tell;
    `checks` are those of its outputs, passed and failed;
    `python` is the version of the interpreter that it ran under, `packages` what that had of what its script imports;
    `stub` says in a few words what stands in for running it: "" for a step whose script runs.
    """

    name: str
    status: StepStatus = StepStatus.WAITING
    reason: str = ""
    lacks: str | None = None
    key: str | None = None
    artifact: str | None = None
    attempt: int = 0
    started: float | None = None  # monotonic clock, while running
    began: float | None = None
    seconds: float | None = None
    cpu_seconds: float | None = None
    memory: int | None = None
    memory_curve: tuple[tuple[float, int], ...] = ()
    read_bytes: int | None = None
    written_bytes: int | None = None
    estimate: float | None = None
    need: int | None = None
    output_bytes: int | None = None
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    tables: tuple[Table, ...] = ()
    losses: tuple[Loss, ...] = ()
    log_path: str | None = None
    last_line: str = ""
    failure: Failure | None = None
    findings: tuple[Finding, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    python: str | None = None
    packages: Mapping[str, str] = field(default_factory=dict[str, str])
    edited: bool = False
    stub: str = ""
    forced: bool = False  # to be run again even if nothing changed
    former: StepStatus | None = None  # what a stale step was, and is again if it proves unchanged

    @property
    def blocked(self) -> bool:
        """Whether it waits for outputs that a failed step did not make."""
        return self.status is StepStatus.WAITING and self.lacks is not None


@dataclass(frozen=True)
class PauseInfo:
    """One pause: its number in the session, the step, why, and (for people) the reason in words."""

    number: int
    step: str | None
    when: When
    reason: str


@dataclass(frozen=True)
class Breakpoint:
    """Where to pause. `text` is as the user wrote it; `condition` is Python text or a callable, if there is one."""

    text: str
    step: str
    when: When
    condition: Any = None
    enabled: bool = True


@dataclass(frozen=True)
class Goal:
    """What the session was told to do: `step` once, `continue`, `run_to` or `rerun` a target.

    `wanted` are the steps that it may run for that; None for any.
    """

    kind: str
    target: str | None = None
    wanted: frozenset[str] | None = None
    begun: frozenset[str] = frozenset()  # steps started for this goal


@dataclass(frozen=True)
class Hit:
    """A reason to pause that was met while other steps still run."""

    step: str | None
    when: When
    reason: str


@dataclass(frozen=True)
class RunState:
    """The whole run: the steps in order, what the session is doing, and where it paused.

    `running`, `failed` and `ready` (what could start) are in order and follow from the steps, as does `unmet`: of how
    many steps each still waits. `frontier` keeps them so.
    """

    run_id: str
    pipeline_name: str
    steps: Mapping[str, StepState]
    status: RunStatus = RunStatus.READY
    pause: PauseInfo | None = None
    next_steps: tuple[str, ...] = ()
    breakpoints: tuple[Breakpoint, ...] = ()
    findings: tuple[Finding, ...] = ()
    elapsed: float = 0.0
    max_workers: int = 1
    pauses: int = 0
    goal: Goal | None = None
    hits: tuple[Hit, ...] = ()
    passed: frozenset[str] = frozenset()  # steps whose breakpoint before them has been answered
    running: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    ready: tuple[str, ...] = ()
    unmet: Mapping[str, int] = field(default_factory=dict[str, int])
    free_memory: int | None = None  # bytes, as last measured
    held: Mapping[str, str] = field(default_factory=dict[str, str])  # wait for memory; what their reason was before

    def having(self, *statuses: StepStatus) -> tuple[str, ...]:
        """The steps in one of these states, in order."""
        return tuple(name for name, step in self.steps.items() if step.status in statuses)
