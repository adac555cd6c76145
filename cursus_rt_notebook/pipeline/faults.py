"""What is wrong with a pipeline as written: every fault with its place and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cursus_rt_notebook.errors import PipelineError

MAX_SHOWN = 100
_MAX_TEXT = 80
_MAX_PATH = 400
_MAX_OPTIONS = 3_000


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a pipeline: where (key path, and file and line if there is a file), what, and the remedy."""

    place: str
    message: str
    fix: str = ""
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        location = _printable(self.file) if self.file else ""
        if self.line is not None:
            location += f":{self.line}"
        where = ", ".join(part for part in (location, self.place) if part)
        remedy = f"\n    {self.fix}" if self.fix else ""
        return f"{where}{': ' if where else ''}{self.message}{remedy}"


def pipeline_error(origin: str, faults: Sequence[Fault]) -> PipelineError:
    """The one error that reports all `faults` of the document `origin`, in the order of its lines."""
    ordered = tuple(sorted(dict.fromkeys(faults), key=lambda fault: fault.line or 0))
    count = "1 fault" if len(ordered) == 1 else f"{len(ordered)} faults"
    lines = [f"{_printable(origin)} cannot run as written: {count}", *(f"  {fault}" for fault in ordered[:MAX_SHOWN])]
    if len(ordered) > MAX_SHOWN:
        lines.append(f"  and {len(ordered) - MAX_SHOWN} more, in .faults")
    return PipelineError("\n".join(lines), faults=ordered)


def near(word: str, options: Iterable[str]) -> str:
    """The option that `word` was probably meant to be, or an empty text."""
    if len(word) > _MAX_TEXT:
        return ""
    folded = {option.casefold(): option for option in list(options)[:_MAX_OPTIONS]}
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else ""


def listed(options: Iterable[str], *, limit: int = 8) -> str:
    """The options for a sentence: `'a', 'b' and 3 more`."""
    shown = [quoted(option) for option in options]
    more = f" and {len(shown) - limit} more" if len(shown) > limit else ""
    return ", ".join(shown[:limit]) + more


def quoted(text: object) -> str:
    """Text as a message shows it: in quotes, control characters visible, cut if long; of a path its end counts most."""
    if isinstance(text, Path):
        shown = str(text)
        return repr(shown if len(shown) <= _MAX_PATH else f"...{shown[-_MAX_PATH:]}")
    shown = text if isinstance(text, str) else type(text).__name__
    return repr(shown if len(shown) <= _MAX_TEXT else f"{shown[:_MAX_TEXT]}...")


def described(value: object) -> str:
    """What a value is, in the words of the format; never the value itself, which may be a secret."""
    if value is None:
        return "nothing"
    words: dict[type, str] = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "a mapping",
    }
    return words.get(type(value), f"a Python object ({type(value).__name__})")


def _printable(path: str) -> str:
    return path if path and path.isprintable() else repr(path)
