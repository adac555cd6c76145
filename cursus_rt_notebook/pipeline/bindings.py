"""Which output feeds each input of a step, and why: what a rule weighed, and what it chose.

A binding keeps its losers, so that it can be explained later, in a run that is looked at again, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

VIABLE: Final = 0.5  # production's own limit: a score has to be above it
NAME_WEIGHT: Final = 0.25  # of how alike the names are


@dataclass(frozen=True)
class Parts:
    """What a score is the sum of (at most 1): in full 0.4, 0.2, 0.25, 0.05, 0.1 and 0.05.

    `type` is 0 where an output of that type cannot feed the port at all; `sources` is 0.1 where the provider's type is
    among those that the port says it takes, -0.1 where it is not, 0 where the port says none.
    """

    type: float = 0.0
    data_type: float = 0.0
    name: float = 0.0
    exact: float = 0.0
    sources: float = 0.0
    keywords: float = 0.0

    @property
    def score(self) -> float:
        """From 0 to 1; 0 where the types do not fit."""
        # Summed from the left as production does: whether 0.5 is exceeded can hang on the last bit.
        return min(sum((getattr(self, part.name) for part in fields(self)), 0.0), 1.0) if self.type else 0.0


@dataclass(frozen=True)
class Candidate:
    """An output that could feed a port: its step (and that step's type), its type, its score and what that is made of.

    `matched` is the one of its names that is nearest to the port's: its own, or an alias. `taken_by` is the port of the
    same consumer that this output feeds, if any.
    """

    step: str
    port: str
    score: float = 0.0
    parts: Parts = Parts()
    taken_by: str | None = None
    step_type: str = ""
    type: str = ""
    matched: str = ""

    @property
    def name(self) -> str:
        """As a document refers to it: `STEP.PORT`."""
        return f"{self.step}.{self.port}"

    @property
    def viable(self) -> bool:
        """Whether its score is high enough to be chosen."""
        return self.score > VIABLE


@dataclass(frozen=True)
class Binding:
    """What feeds one input port, of all that could: `candidates`, the best first.

    `chosen` is None where nothing feeds it. `explicit` says that it was written by hand, and by no rule. `type` is what
    the port takes, `sources` are the step types that it says it takes it from.
    """

    step: str
    port: str
    required: bool
    chosen: Candidate | None
    candidates: tuple[Candidate, ...] = ()
    explicit: bool = False
    type: str = ""
    sources: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`STEP.PORT`."""
        return f"{self.step}.{self.port}"

    @property
    def rivals(self) -> tuple[Candidate, ...]:
        """Those that could have been chosen and were not, the best first: high enough, and free."""
        return tuple(c for c in self.candidates if c.viable and c.taken_by is None)

    @property
    def why(self) -> str:
        """Why it is fed by what feeds it, or by nothing: a clause, without its first capital."""
        if self.explicit:
            return f"wired by hand to {self.chosen.name}" if self.chosen else "left unbound by hand"
        if self.chosen is None:
            return _why_nothing(self)
        return _why_chosen(self, self.chosen)

    def lost(self, candidate: Candidate) -> str:
        """Why another output of `candidates` was not chosen, or "chosen"."""
        if self.chosen is not None and candidate.name == self.chosen.name:
            return "chosen"
        if not candidate.parts.type:
            return f"{candidate.type or 'its type'} cannot feed {self.type or 'this port'}"
        if not candidate.viable:
            return f"not above {VIABLE}"
        if candidate.taken_by is not None:
            return f"taken by {candidate.taken_by}"
        if self.explicit:
            return "wired by hand"
        return "declared later" if self.chosen and self.chosen.score == candidate.score else "scores less"


def _why_chosen(binding: Binding, chosen: Candidate) -> str:
    better = [c for c in binding.candidates if c.score > chosen.score]
    if better:
        taken = _listed(f"{c.name} ({c.score:.2f}, taken by {c.taken_by})" for c in better)
        return f"the best that is free, after {taken}"
    others = len([c for c in binding.candidates if c.viable]) - 1
    if not others:
        return f"the only output above {VIABLE}"
    equal = any(c.score == chosen.score for c in binding.rivals)
    return f"the best of {others + 1} above {VIABLE}" + (", declared before its equal" if equal else "")


def _why_nothing(binding: Binding) -> str:
    fitting = [c for c in binding.candidates if c.parts.type]
    if not binding.candidates:
        return "no step with outputs comes before it"
    if not fitting:
        return f"no output that comes in can feed {binding.type or 'it'}"
    taken = [f"{c.name} ({c.score:.2f}, taken by {c.taken_by})" for c in fitting if c.viable]
    if taken:
        return f"others have what would fit: {_listed(taken)}"
    return f"the best, {fitting[0].name}, scores {fitting[0].score:.2f}, which is not above {VIABLE}"


def _listed(texts: Iterable[str]) -> str:
    *most, last = texts
    return f"{', '.join(most)} and {last}" if most else last
