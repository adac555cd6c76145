"""Every error of the project, in one tree.

CursusError
├── PipelineError          the document is wrong; carries all faults at once
├── NameRefused            a name that cannot become a folder
├── WorkspaceError         the folder that keeps everything
│   ├── WorkspaceNewer     written by a newer version: nothing is touched
│   ├── WorkspaceForeign   not a workspace of ours, or somebody else's
│   └── ArtifactDamaged    a kept output no longer is what was written
├── StepError              one attempt at one step
│   ├── StepNotStarted     interpreter, script or input missing
│   ├── StepFailed         the script raised, exited or returned an error
│   ├── StepCrashed        the process ended without a word (signal, os._exit)
│   ├── StepTimedOut       over its time limit
│   ├── StepOutOfMemory    over its memory limit
│   ├── StepInterrupted    stopped by the user
│   └── OutputsMissing     ended well, but a required output is not there
├── DataError              looking at an artifact
│   ├── Unreadable         the file is not what its name says, cut, or too deep
│   ├── ReaderKilled       the file ended the process that looked at it
│   ├── QueryInvalid       a condition, sort order or column that the table cannot follow
│   └── TooLarge           would not fit into the kernel's memory
└── SessionError           a command to a session
    ├── SessionBusy        somebody else is waiting already
    ├── CommandRefused     meant for a pause that is over, or impossible now
    └── BreakpointInvalid  a breakpoint nobody can reach
"""

from __future__ import annotations

from typing import Any


class CursusError(Exception):
    """What went wrong, to what, and what to do next.

    Args:
        message: What happened, in one sentence that names file, step, port or column.
        fix: What to do about it, in the imperative; empty if there is nothing to say.
        facts: Details for programs, as attributes (`step`, `path`, `signal`, ...). They survive pickling.
    """

    fix: str

    def __init__(self, message: str, *, fix: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.fix = fix
        self.__dict__.update(facts)

    @property
    def message(self) -> str:
        """The sentence without the remedy."""
        return str(self.args[0])

    def __str__(self) -> str:
        return f"{self.message}\n  {self.fix}" if self.fix else self.message


class PipelineError(CursusError, ValueError):
    """The pipeline as written cannot run; `faults` lists every reason, with its place."""

    faults: tuple[Any, ...] = ()


class NameRefused(CursusError, ValueError):
    """A name that cannot name a step, port or channel."""


class WorkspaceError(CursusError):
    """The workspace cannot be used."""


class WorkspaceNewer(WorkspaceError):
    """The workspace was written by a newer version."""


class WorkspaceForeign(WorkspaceError):
    """The folder is not a workspace of ours, or belongs to somebody else."""


class ArtifactDamaged(WorkspaceError):
    """A kept output is not what was written."""


class StepError(CursusError):
    """One attempt at one step did not succeed; carries `step`."""

    step: str = ""


class StepNotStarted(StepError):
    """The step could not begin: interpreter, script or input missing."""


class StepFailed(StepError):
    """The script raised, exited or returned an error."""


class StepCrashed(StepError):
    """The step's process ended without reporting; `signal` or `exit_code` says how."""

    signal: int | None = None
    exit_code: int | None = None


class StepTimedOut(StepError, TimeoutError):
    """The step ran over its time limit; carries `limit` and `elapsed` in seconds."""

    limit: float = 0.0
    elapsed: float = 0.0


class StepOutOfMemory(StepError, MemoryError):
    """The step went over its memory limit; carries `limit` and `used` in bytes."""

    limit: int = 0
    used: int = 0


class StepInterrupted(StepError):
    """The user stopped the step."""


class OutputsMissing(StepError):
    """The step ended well, but a required output is missing or empty; `ports` names them."""

    ports: tuple[str, ...] = ()


class DataError(CursusError):
    """An artifact cannot be looked at; carries `path`."""

    path: str = ""


class Unreadable(DataError, ValueError):
    """The file is not what its name says, is cut, or is nested too deep."""


class ReaderKilled(DataError):
    """The file ended the process that looked at it, by memory or time."""


class QueryInvalid(DataError, ValueError):
    """A condition, a sort order or a column name that the table cannot follow."""


class TooLarge(DataError, MemoryError):
    """The table would not fit into the kernel's memory."""


class SessionError(CursusError):
    """A command that the session cannot carry out."""


class SessionBusy(SessionError):
    """Somebody else is waiting for the session already."""


class CommandRefused(SessionError):
    """The command was meant for a pause that is over, or is impossible now."""


class BreakpointInvalid(SessionError, ValueError):
    """A breakpoint that names no step, or that cannot be understood."""
