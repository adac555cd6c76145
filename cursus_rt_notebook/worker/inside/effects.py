"""What a step does beyond its own folders, as far as Python sees it: told to the kernel, or refused.

`reach` knows which events are connections and processes, `writes` which are files; here is what becomes of them. Code
that is written in C and makes its own system calls is not seen, nor are new interpreters that the step starts.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, Tuple

from . import loader
from .audit import EffectRefused

NETWORK, PROCESS, WRITE, REMOVE = "network", "process", "write", "remove"
_REFUSED = {
    NETWORK: "connecting to {} was refused: {}",
    PROCESS: "starting the process {} was refused: {}",
    WRITE: "writing to {}, outside the step's own folders, was refused: {}",
    REMOVE: "removing {}, outside the step's own folders, was refused: {}",
}
_WHY = "the step runs with effects: refuse"
_KEPT = 100  # different ones of one process; of more it is only told that there were
_MORE = "more"
_TARGET = 300  # characters
_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep

# kind, target, file, line, how often since it was last told, whether it was refused
Told = Tuple[str, str, str, int, int, bool]
Place = Tuple[str, int]

# Kept from before the script runs: it may put anything in their place.
_getframe, _getpid = getattr(sys, "_getframe"), os.getpid  # noqa: B009


class Watch:
    """Counts what it sees and tells it to `note`; with `refuse` it raises."""

    def __init__(self, note: Callable[[Told], None], *, refuse: bool) -> None:
        self._note = note
        self._refuse = refuse
        self._pid = _getpid()
        self._counts: dict[tuple[str, str, str, int], list[int]] = {}
        self._library: dict[str, bool] = {}

    def saw(self, kind: str, target: str, place: Place | None = None) -> None:
        """Take note of one effect.

        Raises:
            EffectRefused: it is not to happen.
        """
        if _getpid() != self._pid:  # a copy of the step, which tells its own
            self._pid = _getpid()
            self._counts = {}
        file, line = place or self.place()
        key = (kind, target[:_TARGET], file, line)
        if key not in self._counts and len(self._counts) >= _KEPT:
            key = (kind, _MORE, "", 0)
        counts = self._counts.setdefault(key, [0, 0])
        counts[0] += 1
        # When the number has doubled: a loop of a million must not tell a million times.
        if counts[0] & (counts[0] - 1) == 0:
            self._tell(key, counts)
        if self._refuse:
            error = EffectRefused(_REFUSED[kind].format(target[:_TARGET], _WHY))
            error.effect = f"{kind}: {target[:_TARGET]}"
            raise error

    def flush(self) -> None:
        """Tell what was counted since it was last told."""
        for key, counts in list(self._counts.items()):
            if counts[0] > counts[1]:
                self._tell(key, counts)

    def _tell(self, key: tuple[str, str, str, int], counts: list[int]) -> None:
        new, counts[1] = counts[0] - counts[1], counts[0]
        self._note((*key, new, self._refuse))

    def place(self) -> Place:
        """The line of the user's own code that is at work; where only libraries are, the innermost of theirs."""
        innermost: Place | None = None
        frame: Any = _getframe(1)
        while frame is not None:
            file = frame.f_code.co_filename
            if not file.startswith(_OWN_FOLDER):
                if not self._is_library(file):
                    return file, frame.f_lineno
                innermost = innermost or (file, frame.f_lineno)
            frame = frame.f_back
        return innermost or ("", 0)

    def caller(self, *through: str) -> tuple[str, bool]:
        """The module that did it, and whether it is a library's; modules of the names `through` are passed over."""
        frame: Any = _getframe(1)
        while frame is not None:
            name = str(frame.f_globals.get("__name__", ""))
            file = frame.f_code.co_filename
            if not file.startswith(_OWN_FOLDER) and name not in through:
                return name, self._is_library(file)
            frame = frame.f_back
        return "", True

    def _is_library(self, file: str) -> bool:
        known = self._library.get(file)
        if known is None:
            known = self._library[file] = loader.is_library(file)
        return known
