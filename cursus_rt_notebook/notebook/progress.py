"""The line of progress while a cell or a terminal waits. It leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self, TextIO

from cursus_rt_notebook import settings
from cursus_rt_notebook.notebook.show import in_kernel
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars
from cursus_rt_notebook.render.html import tag
from cursus_rt_notebook.render.look import look
from cursus_rt_notebook.render.progress import progress_text

if TYPE_CHECKING:
    from cursus_rt_notebook.engine.state import RunState

_PATIENCE = 0.4  # what is over sooner needs no line
_NOTEBOOK_COLUMNS = 110
_LONGEST = 2_000  # characters of a text that are looked at

Line = Callable[[int], str]  # what is to be shown, in at most so many columns


class LiveLine:
    """One line that changes in place while somebody waits; this one says nothing, for files, pipes and tests.

    Used by the thread that waits, and by no other. It may be updated as often as one likes.
    """

    def __init__(self) -> None:
        self._next = time.monotonic() + _PATIENCE

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def update(self, state: RunState) -> None:
        """Say how far the run is, if it is time to."""
        self._at_times(lambda columns: progress_text(state, columns))

    def say(self, text: str) -> None:
        """Say what is being done, if it is time to."""
        self._at_times(lambda columns: chars.cut(chars.one_line(Redactor().text(text[:_LONGEST])), columns))

    def _at_times(self, line: Line) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + settings.PROGRESS_INTERVAL
            self._draw(line)

    def close(self) -> None:
        """Take the line away."""

    def _draw(self, line: Line) -> None:
        pass


class TerminalLine(LiveLine):
    """A line at the foot of a terminal, redrawn by carriage returns."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._shown = False

    def close(self) -> None:
        """Wipe the line."""
        if self._shown:
            self._write("\r\x1b[K")
            self._shown = False

    def _draw(self, line: Line) -> None:
        # A line that fills the last column would wrap and stay.
        columns = shutil.get_terminal_size((80, 24)).columns - 1
        self._write(f"\r{line(columns)}\x1b[K")
        self._shown = True

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


class NotebookLine(LiveLine):
    """A line in the output of the waiting cell."""

    def __init__(self) -> None:
        super().__init__()
        self._handle: Any = None
        self._last = ""

    def close(self) -> None:
        """Empty the line: an update in place is all that a front end offers to take one output back."""
        if self._handle is not None:
            self._handle.update({"text/plain": ""}, raw=True)
            self._handle = None

    def _draw(self, line: Line) -> None:
        text = line(_NOTEBOOK_COLUMNS)
        if text == self._last:
            return
        self._last = text
        bundle = {"text/html": str(tag("div", tag("code", text), **look("dim"))), "text/plain": text}
        if self._handle is None:
            from IPython.display import DisplayHandle

            self._handle = DisplayHandle()
            self._handle.display(bundle, raw=True)
        else:
            self._handle.update(bundle, raw=True)


def live_line() -> LiveLine:
    """The line that fits where we are: a notebook's cell, a terminal, or none."""
    if in_kernel():
        return NotebookLine()
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return TerminalLine(sys.stderr)
    return LiveLine()
