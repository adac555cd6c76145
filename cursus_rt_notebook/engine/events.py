"""What can happen to a run, and what must then be done: the words between the driver and the state machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cursus_rt_notebook.engine.state import Breakpoint, Hit, StepState
from cursus_rt_notebook.pipeline.findings import Finding


@dataclass(frozen=True)
class Go:
    """A command to move. `changed` maps settled steps that are no longer what they were to the reason."""

    kind: str
    target: str | None = None
    changed: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Skip:
    """A command to leave out a step, and what needs its outputs."""

    step: str


@dataclass(frozen=True)
class Halt:
    """Running steps are ended: for good (`stop`), or to pause there (`interrupt`)."""

    final: bool


@dataclass(frozen=True)
class SetBreakpoints:
    """The breakpoints from now on."""

    breakpoints: tuple[Breakpoint, ...]


@dataclass(frozen=True)
class Replaced:
    """A step's outputs were made by hand; `step` is how it stands now."""

    step: StepState


@dataclass(frozen=True)
class Preflighted:
    """What preflight found before the first step."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Noticed:
    """Something about the run as a whole, from where everything is kept: damage, lost history."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Noted:
    """News of a step that changes nothing in the order of things: progress, counts, findings.

    News `of` an artifact that the step no longer has comes too late.
    """

    step: str
    news: Mapping[str, Any]
    of: str | None = None


@dataclass(frozen=True)
class Ended:
    """A step ended; `step` is how it stands now, `hits` the conditions it met.

    `unchanged` says that a stale step turned out to be what it was: no breakpoint stops there again.
    """

    step: StepState
    hits: tuple[Hit, ...] = ()
    unchanged: bool = False


Event = Go | Skip | Halt | SetBreakpoints | Replaced | Preflighted | Noticed | Noted | Ended


@dataclass(frozen=True)
class Start:
    """Begin this step."""

    step: str


@dataclass(frozen=True)
class Kill:
    """End this step's process."""

    step: str


Effect = Start | Kill
