"""The modules that a step's process has loaded: which came with its script, and which its own files hide."""

from __future__ import annotations

import sys


def loaded_since(last: str) -> list[str]:
    """The modules that were loaded after `last`; found from the end, since touching a name copies its memory."""
    found: list[str] = []
    for name in reversed(sys.modules):
        if name == last:
            break
        found.append(name)
    return found


def hide(local: list[str], startup: set[str]) -> None:
    """Forget every loaded module that has the name of a file of the user's, which would win in production."""
    names = {name for name in local if name in sys.modules and name not in startup}
    if not names:
        return
    for name in list(sys.modules):
        if name.partition(".")[0] in names:
            del sys.modules[name]
