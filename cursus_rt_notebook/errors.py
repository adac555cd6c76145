"""Every error of the project, in one tree.

CursusError
├── PipelineError          the document is wrong; carries all faults at once
├── NameRefused            a name that cannot become a folder
├── NameUnknown            a name that no step, script or pipeline has
├── WorkspaceError         the folder that keeps everything
│   ├── WorkspaceNewer     written by a newer version: nothing is touched
│   ├── WorkspaceForeign   not a workspace of ours, or somebody else's
│   └── ArtifactDamaged    a kept output no longer is what was written
├── EnvironmentsMissing    nothing on this machine has what some steps ask for
├── StepError              one attempt at one step; its `category` is one of three
│   ├── StepNotStarted     interpreter or environment missing
│   │   └── StubFailed         what stands in for the step could not be had
│   ├── ScriptImportError  "import": the script has no main to call
│   │   ├── ScriptNotFound     there is no such file
│   │   ├── ScriptSyntaxError  it is no Python; names the line
│   │   ├── DependencyMissing  it imports a package that is not installed
│   │   ├── MainMissing        it has no function main
│   │   └── WrongSignature     main takes other parameters than a step is given
│   ├── ExecutionError     "execution": main ran
│   │   ├── StepFailed         the script raised, exited or returned an error
│   │   ├── StepCrashed        the process ended without a word (signal, os._exit)
│   │   ├── StepTimedOut       over its time limit
│   │   ├── StepOutOfMemory    over its memory limit
│   │   ├── StepInterrupted    stopped by the user
│   │   ├── CircuitOpen        failed so often in a row that it is not tried
│   │   └── EffectRefused      it reached outside, and the run refuses that
│   └── DataFlowError      "data flow": what goes from step to step
│       ├── InputMissing       a required input is not there, or is empty
│       ├── OutputsMissing     ended well, but a required output is not there
│       ├── SchemaMismatch     a table is not what its reader expects
│       └── FormatMismatch     a file is not in the format that its reader expects
├── DataError              looking at an artifact
│   ├── Unreadable         the file is not what its name says, cut, or too deep
│   ├── ReaderKilled       the file ended the process that looked at it
│   ├── QueryInvalid       a condition, sort order or column that the table cannot follow
│   ├── TooLarge           would not fit into the kernel's memory
│   ├── RemoteUnavailable  data at an address that cannot be brought here
│   └── NothingKnown       no data for an input, and nothing to make some from
└── SessionError           a command to a session
    ├── SessionBusy        somebody else is waiting already
    ├── CommandRefused     meant for a pause that is over, or impossible now
    └── BreakpointInvalid  a breakpoint nobody can reach
"""

from __future__ import annotations

from typing import Any, ClassVar


class CursusError(Exception):
    """What went wrong, to what, and what to do next.

    Args:
        message: What happened, in one sentence that names file, step, port or column.
        fix: What to do about it, in the imperative; empty if there is nothing to say.
        facts: Details for programs, as attributes (`step`, `path`, `signal`, ...). They survive pickling. `further` holds
            advice beyond `fix`.
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

    @property
    def recommendations(self) -> tuple[str, ...]:
        """What a colleague would advise, the likeliest remedy first."""
        return tuple(filter(None, (self.fix, *self.__dict__.get("further", ()))))

    def __str__(self) -> str:
        return f"{self.message}\n  {self.fix}" if self.fix else self.message


class PipelineError(CursusError, ValueError):
    """The pipeline as written cannot run; `faults` lists every reason, with its place."""

    faults: tuple[Any, ...] = ()


class NameRefused(CursusError, ValueError):
    """A name that cannot name a step, port or channel."""


class NameUnknown(CursusError, LookupError):
    """No step, script or pipeline has this name; `fix` lists what there is."""


class WorkspaceError(CursusError):
    """The workspace cannot be used."""


class WorkspaceNewer(WorkspaceError):
    """The workspace was written by a newer version."""


class WorkspaceForeign(WorkspaceError):
    """The folder is not a workspace of ours, or belongs to somebody else."""


class ArtifactDamaged(WorkspaceError):
    """A kept output is not what was written."""


class EnvironmentsMissing(CursusError):
    """Nothing on this machine fulfils what some `steps` ask for; `pipeline` has the environments of all others."""

    steps: tuple[str, ...] = ()
    pipeline: Any = None


class StepError(CursusError):
    """One attempt at one step did not succeed; carries `step`. `category` is "import", "execution" or "data flow"."""

    category: ClassVar[str] = "execution"
    step: str = ""


class StepNotStarted(StepError):
    """The step could not begin: interpreter, environment, script or input missing."""


class StubFailed(StepNotStarted):
    """What stands in for a step could not be had: not given, not there, or the function that makes it raised."""


class ScriptImportError(StepNotStarted):
    """The script could not be read or imported as far as its `main`; carries `path`."""

    category = "import"
    path: str = ""


class ScriptNotFound(ScriptImportError, FileNotFoundError):
    """There is no such script."""


class ScriptSyntaxError(ScriptImportError):
    """The script, or a local module of it, is no Python; carries `line` and `text`."""

    line: int = 0
    text: str = ""


class DependencyMissing(ScriptImportError):
    """The script imports a package that its interpreter does not have; carries `module` and `package`."""

    module: str = ""
    package: str = ""


class MainMissing(ScriptImportError):
    """The script has no function `main`."""


class WrongSignature(ScriptImportError):
    """`main` cannot be called with what a step is given; carries `expected` and `found`."""

    expected: str = ""
    found: str = ""


class ExecutionError(StepError):
    """The script's `main` ran and did not succeed."""


class StepFailed(ExecutionError):
    """The script raised, exited or returned an error."""


class StepCrashed(ExecutionError):
    """The step's process ended without reporting; `signal` or `exit_code` says how."""

    signal: int | None = None
    exit_code: int | None = None


class StepTimedOut(ExecutionError, TimeoutError):
    """The step ran over its time limit; carries `limit` and `elapsed` in seconds."""

    limit: float = 0.0
    elapsed: float = 0.0


class StepOutOfMemory(ExecutionError, MemoryError):
    """The step went over its memory limit; carries `limit` and `used` in bytes, and `after` how many seconds."""

    limit: int = 0
    used: int = 0
    after: float = 0.0


class StepInterrupted(ExecutionError):
    """The user stopped the step."""


class CircuitOpen(ExecutionError):
    """The step failed so often in a row that it is not tried for a while; carries `failures` and `retry_in` (seconds)."""

    failures: int = 0
    retry_in: float = 0.0


class EffectRefused(ExecutionError, PermissionError):
    """The step tried to reach outside (network, process, file), and the run refuses that; carries `effect`."""

    effect: str = ""


class DataFlowError(StepError):
    """What flows between steps is not what it should be; carries `ports`."""

    category = "data flow"
    ports: tuple[str, ...] = ()


class InputMissing(DataFlowError, StepNotStarted):
    """A required input is missing or empty."""


class OutputsMissing(DataFlowError):
    """The step ended well, but a required output is missing or empty."""


class SchemaMismatch(DataFlowError, ValueError):
    """A table lacks a column that its reader needs, or holds what its reader cannot take."""


class FormatMismatch(DataFlowError, ValueError):
    """A file is not in the format that its reader expects, or cannot be read at all."""


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


class RemoteUnavailable(DataError):
    """What lies at an address cannot be brought here; `missing` says that nothing lies there."""

    missing: bool = False


class NothingKnown(DataError, LookupError):
    """An input has no data, and nothing is known from which to make some; carries `step` and `port`."""

    step: str = ""
    port: str = ""


class SessionError(CursusError):
    """A command that the session cannot carry out."""


class SessionBusy(SessionError):
    """Somebody else is waiting for the session already."""


class CommandRefused(SessionError):
    """The command was meant for a pause that is over, or is impossible now."""


class BreakpointInvalid(SessionError, ValueError):
    """A breakpoint that names no step, or that cannot be understood."""
