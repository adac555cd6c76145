"""What preflight or a check noticed."""

from __future__ import annotations

from dataclasses import dataclass


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
