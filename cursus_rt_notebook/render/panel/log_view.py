"""A step's log as plain data for the front end: lines with their time, how bad each is, and its colours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cursus_rt_notebook import settings
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.render import chars, logs
from cursus_rt_notebook.worker.logs import LogLine, parse_log

Json = dict[str, Any]

_LINE = 4_000  # characters; of a longer one its beginning is told
_ERROR = re.compile(r"(?:^|[\s\[|])(?:ERROR|CRITICAL|FATAL)(?:[\s\]:|]|$)|^(?:\w+\.)*\w*(?:Error|Exception)(?::|$)")
_WARNING = re.compile(r"(?:^|[\s\[|])WARN(?:ING)?(?:[\s\]:|]|$)|\b\w*Warning:")
_TRACEBACK: Final = "Traceback (most recent call last):"
_QUICK, _SLOW = 400, 2_000  # milliseconds to the next look at a log that grows


@dataclass(frozen=True)
class Counts:
    """How many lines a log has, and how many of them warn or tell of an error."""

    lines: int = 0
    warnings: int = 0
    errors: int = 0


def log_view(path: str | None, offset: int = 0, known: str = "") -> Json:
    """What a log holds from a byte on: `lines`, where the `next` ones begin, and whether it is all told `anew`.

    The end of a log whose beginning is full is written anew from time to time: then everything is told again.

    Args:
        path: The log's file.
        offset: The `next` of the answer before.
        known: The `id` of the answer before: an offset in another log means nothing.
    """
    size = _size(path)
    name = "/".join(Path(path).parts[-4:-1]) if path else ""
    # What is behind this may have been written anew.
    again = known != name or offset > size or (offset > settings.LOG_HEAD and offset != size)
    start = 0 if again else offset
    data = _read(path, start, size)
    whole = data[: data.rfind(b"\n") + 1]
    return {
        "id": name,
        "lines": [_line(kind, line) for kind, line in _judged(parse_log(whole.decode("utf-8", "replace")))],
        "next": start + len(whole),
        "anew": start == 0,
        "wait": _QUICK if size <= settings.LOG_HEAD else _SLOW,
    }


def counts(path: str | None) -> Counts:
    """How many lines a log has, and of which kinds; known from last time if the file is the same."""
    try:
        status = Path(path).stat() if path else None
    except OSError:
        return Counts()
    return Counts() if status is None else _counted(str(path), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1024)
def _counted(path: str, size: int, mtime: int) -> Counts:
    del mtime
    kinds = [kind for kind, _ in _judged(parse_log(_read(path, 0, size).decode("utf-8", "replace")))]
    return Counts(len(kinds), kinds.count("warning"), kinds.count("error"))


def _judged(lines: Iterable[LogLine]) -> Iterator[tuple[str, LogLine]]:
    """Each line with how bad it is: "", "warning", "error", or "trace": of a traceback, which is one error at its end."""
    inside = False
    for line in lines:
        inside = line.text.startswith((_TRACEBACK, " ", "\t") if inside else _TRACEBACK)
        if inside:
            yield "trace", line
        elif _ERROR.search(line.text):
            yield "error", line
        else:
            yield "warning" if _WARNING.search(line.text) else "", line


def _line(kind: str, line: LogLine) -> list[Any]:
    text = chars.cut_long(Redactor().text(line.text), _LINE)
    pieces: str | list[list[str]] = [[_classes(style), piece] for style, piece in logs.styled(text)]
    if all(not style for style, _ in pieces):
        pieces = "".join(piece for _, piece in pieces)
    return [_clock(line.time), kind, pieces]


def _classes(style: logs.Style) -> str:
    colour = [] if style.colour is None else [f"crt-ansi{style.colour}"]
    return " ".join([*colour, "crt-bold"] if style.bold else colour)


def _clock(time: datetime | None) -> str:
    return time.strftime("%H:%M:%S") if time else ""


def _size(path: str | None) -> int:
    try:
        return Path(path).stat().st_size if path else 0
    except OSError:
        return 0


def _read(path: str | None, start: int, end: int) -> bytes:
    if not path or end <= start:
        return b""
    try:
        with Path(path).open("rb") as file:
            file.seek(start)
            return file.read(end - start)
    except OSError:
        return b""
