"""A magic's line as words. Quotes hold together what has spaces, as in a shell; nothing is expanded."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

# A backslash takes the next character as it is, as IPython's own completion of paths writes it; on Windows it is one
# of the path's characters. Between quotes every character stands for itself.
_ESCAPED = "" if os.name == "nt" else r"\\.|"
_PART = re.compile(rf""""[^"]*"?|'[^']*'?|{_ESCAPED}[^"']""", re.DOTALL)
_WORD = re.compile(rf"""(?:"[^"]*"?|'[^']*'?|{_ESCAPED}[^"'\s])+""", re.DOTALL)
_SPECIAL = re.compile(r"""[\s"'\\]""")


@dataclass(frozen=True)
class Word:
    """One word: how it stands in the line, quotes and all, and where it starts."""

    raw: str
    start: int

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(map(_said, self._parts()))

    @property
    def unfinished(self) -> bool:
        """Whether a quote is still open at its end; it takes all that follows."""
        *_, last = self._parts()
        return last[0] in "\"'" and (len(last) == 1 or last[-1] != last[0])

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.raw)

    def _parts(self) -> Iterator[str]:
        return (part[0] for part in _PART.finditer(self.raw))


def words(line: str) -> list[Word]:
    """The words of a line."""
    return [Word(found[0], found.start()) for found in _WORD.finditer(line)]


def quoted(text: str) -> str:
    """`text` as one word of a line."""
    if text and not _SPECIAL.search(text):
        return text
    return shlex.quote(text) if '"' in text else f'"{text}"'


def _said(part: str) -> str:
    if part[0] in "\"'":
        return part.strip(part[0])
    return part[-1]  # of an escaped character the second
