"""What preflight or a check noticed."""

from __future__ import annotations

from dataclasses import dataclass

from cursus_rt_notebook.display import Shown


@dataclass(frozen=True)
class Finding:
    """Something preflight or a check noticed: how bad, where, and what to do."""

    severity: str  # "error", "warning" or "info"
    message: str
    fix: str = ""
    step: str | None = None
    port: str | None = None
    file: str | None = None
    line: int | None = None


class Findings(Shown, tuple[Finding, ...]):
    """Findings in the order in which they were met, which show themselves with the worst first, and what to do."""

    __slots__ = ()
