"""What every step finds in its environment, besides what it declares."""

from __future__ import annotations

from typing import Final

# Of the kernel's own environment.
BASE: Final = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
BASE_PREFIXES: Final = ("LC_", "LD_")

# Scripts that install packages ask AWS for a token when this is absent.
DEFAULTS: Final = {"USE_SECURE_PYPI": "false"}


def is_given(name: str) -> bool:
    """Whether a step may find this variable though nobody declares it."""
    return name in BASE or name.startswith(BASE_PREFIXES) or name in DEFAULTS
