"""A step's log: cleaned, masked, stamped and written as it comes, its beginning and its end kept.

One line of the file is one line of the step: the time it was read (ISO 8601 with offset), a tab, the text. Between
the beginning and the end of a long log stands a line that says how many bytes are not there.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from cursus_rt_notebook import settings
from cursus_rt_notebook.redact import Redactor

ERROR_LINES = 20
_TAIL_TEXT = 8 * settings.KIB
_REWRITE = 1.0  # seconds between two writings of the end of a log whose beginning is full
# Escape sequences other than colour, and control characters other than tab.
_CONTROL = re.compile(
    r"\x1b\[(?![0-9;:]*m)[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]P^_X][^\x07\x1b]*(?:\x07|\x1b\\|$)"
    r"|\x1b(?!\[)[ -/]*[0-~]?"
    r"|\x1b\[(?=[^0-?]|$)"
    r"|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f\x80-\x9f]"
)
_ERROR = re.compile(rb"(?:^|[\s\[|])(?:ERROR|CRITICAL)(?:[\s\]:|]|$)")


class LogLine(NamedTuple):
    """One line of a log; `time` is None for a line that has no stamp."""

    time: datetime | None
    text: str


def read_log(path: Path | str) -> list[LogLine]:
    """Every line that is kept of a log; none if there is no such file."""
    try:
        text = Path(path).read_text("utf-8", "replace")
    except FileNotFoundError:
        return []
    return parse_log(text)


def parse_log(text: str) -> list[LogLine]:
    """The whole lines of a log, or of a part of one."""
    return [_parse(line) for line in text.split("\n")[:-1]]


def tail(path: Path | str, count: int) -> list[LogLine]:
    """The last `count` lines of a log."""
    return read_log(path)[-count:] if count > 0 else []


def _parse(line: str) -> LogLine:
    stamp, tab, text = line.partition("\t")
    try:
        return LogLine(datetime.fromisoformat(stamp), text) if tab else LogLine(None, line)
    except ValueError:
        return LogLine(None, line)


class LogWriter:
    """Writes one step's log to `path`; feed it what the pipe gives, in any pieces, then close it.

    Never raises for a file that cannot be written (a full disk): `problem` tells.
    """

    def __init__(self, path: Path, redactor: Redactor) -> None:
        self.problem = ""
        self.error_lines: list[str] = []
        self._cleaner = _Cleaner(redactor)
        self._pending = _PartialLine(self._cleaner)
        self._end = _End()
        self._head_left = settings.LOG_HEAD
        self._written = 0
        self._rewritten = 0.0
        self._recent = b""
        self._path = path
        self._file = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            self.problem = str(error)

    def feed(self, data: bytes) -> None:
        """Take what was printed since the last call."""
        lines = self._pending.take(data)
        if lines:
            self._take(lines)

    def close(self) -> None:
        """Write what is left, the last line too if it had no end."""
        rest = self._pending.finish()
        if rest:
            self._take(rest)
        self._write_end()
        if self._file is not None:
            self._file.close()
            self._file = None

    def last_line(self) -> str:
        """The newest text, of a line that has not ended as well: a progress bar has none."""
        line = self._pending.shown() or self._recent.rstrip(b"\n").rpartition(b"\n")[2]
        return self._cleaner.text(line).strip()[-500:]

    def tail_text(self) -> str:
        """The end of the log, a few kilobytes."""
        return self._cleaner.text(self._recent).strip("\n")

    def _take(self, lines: bytes) -> None:
        self._recent = (self._recent + lines[-_TAIL_TEXT:])[-_TAIL_TEXT:]
        if len(self.error_lines) < ERROR_LINES and (b"ERROR" in lines or b"CRITICAL" in lines):
            found = (line for line in lines.split(b"\n") if _ERROR.search(line))
            self.error_lines += [self._cleaner.text(line)[:500] for line in found][
                : ERROR_LINES - len(self.error_lines)
            ]
        stamp = _stamp()
        if self._head_left > 0:
            cut = len(lines) if len(lines) <= self._head_left else lines.rfind(b"\n", 0, self._head_left) + 1
            self._head_left = self._head_left - len(lines) if cut == len(lines) else 0
            self._append(self._cleaner.lines(lines[:cut], stamp))
            lines = lines[cut:]
        if lines:
            self._end.add(stamp, lines)
            if time.monotonic() - self._rewritten > _REWRITE:
                self._write_end()

    def _append(self, data: bytes) -> None:
        self._written += len(data)
        self._write(data)

    def _write_end(self) -> None:
        """Write the end of the log anew, behind its beginning."""
        if self._file is None or not self._end:
            return
        self._rewritten = time.monotonic()
        try:
            self._file.seek(self._written)
            self._file.truncate()
        except OSError as error:
            self.problem = str(error)
            return
        dropped, kept = self._end.kept()
        if dropped:
            self._write(f"{_stamp()}\t... {dropped:,} bytes of the log are left out here ...\n".encode())
        for stamp, lines in kept:
            self._write(self._cleaner.lines(lines, stamp))

    def _write(self, data: bytes) -> None:
        if self._file is None or self.problem:
            return
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) or 0 :]
        except OSError as error:
            self.problem = str(error)


def _stamp() -> str:
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


class _Cleaner:
    """From a step's raw bytes to text that is safe to keep and to show."""

    def __init__(self, redactor: Redactor) -> None:
        # A secret of several lines (a key file) must not slip through because lines come one by one.
        parts = (line for secret in redactor.secrets for line in secret.splitlines() if len(line) >= 8)
        self._redactor = Redactor((*redactor.secrets, *parts))
        self.longest = max((len(secret.encode()) for secret in redactor.secrets), default=0)

    def text(self, data: bytes) -> str:
        folded = b"\n".join(_fold(line) for line in data.split(b"\n"))
        return self._redactor.text(_CONTROL.sub("", folded.decode("utf-8", "replace")))

    def clip(self, line: bytes, gone: int) -> bytes:
        """The beginning of a line that is too long; `gone` bytes of it are lost already."""
        begin = self._redactor.text(line[: settings.LOG_LINE + self.longest].decode("utf-8", "replace"))
        if self.longest:
            begin = begin[: -self.longest]  # it may end with the beginning of a secret
        left_out = max(0, len(line) - settings.LOG_LINE) + gone
        return f"{begin} ... {left_out:,} bytes of this line are left out".encode("utf-8", "replace")

    def lines(self, data: bytes, stamp: str) -> bytes:
        texts = self.text(data.removesuffix(b"\n")).split("\n")
        return "".join(f"{stamp}\t{text}\n" for text in texts).encode("utf-8", "replace")


def _fold(line: bytes) -> bytes:
    """What a terminal shows of a line that a carriage return begins anew: its last text."""
    line = line.rstrip(b"\r")
    return line.rpartition(b"\r")[2]


class _PartialLine:
    """Gives whole lines only, and keeps what is not one yet, up to a line's limit."""

    def __init__(self, cleaner: _Cleaner) -> None:
        self._cleaner = cleaner
        self._parts: list[bytes] = []
        self._size = 0
        self._cut = 0

    def take(self, data: bytes) -> bytes:
        """The whole lines that `data` completes."""
        first, newline, rest = data.partition(b"\n")
        self._keep(first)
        if not newline:
            return b""
        whole = self._line() + b"\n"
        others, newline, rest = rest.rpartition(b"\n")
        self._keep(rest)
        return whole + self._limited(others) + newline

    def finish(self) -> bytes:
        """The pending text as a whole line; nothing if nothing is pending."""
        return self._line() + b"\n" if self._parts else b""

    def shown(self) -> bytes:
        """The pending text, without an end that may be half a secret."""
        line = b"".join(self._parts)
        return _fold(line[: max(0, len(line) - self._cleaner.longest)])

    def _line(self) -> bytes:
        line = b"".join(self._parts)
        if self._cut or len(line) > settings.LOG_LINE:
            line = self._cleaner.clip(line, self._cut)
        self._forget()
        return line

    def _forget(self) -> None:
        self._parts, self._size, self._cut = [], 0, 0

    def _keep(self, data: bytes) -> None:
        if not data:
            return
        # A progress bar overwrites its line: what was there is gone on a terminal, too.
        if self._parts and self._parts[-1].endswith(b"\r"):
            self._forget()
        start = data.rstrip(b"\r").rfind(b"\r") + 1
        if start:
            self._forget()
            data = data[start:]
        room = max(0, settings.LOG_LINE + self._cleaner.longest + 1 - self._size)
        self._cut += max(0, len(data) - room)
        if room:
            self._parts.append(data[:room])
            self._size += len(self._parts[-1])

    def _limited(self, lines: bytes) -> bytes:
        if len(lines) <= settings.LOG_LINE:
            return lines
        clip, limit = self._cleaner.clip, settings.LOG_LINE
        return b"\n".join(line if len(line) <= limit else clip(line, 0) for line in lines.split(b"\n"))


class _End:
    """The last bytes of a log, raw: most of a flood is never looked at."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[str, bytes]] = deque()
        self._size = 0
        self._dropped = 0

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def add(self, stamp: str, lines: bytes) -> None:
        """Add whole lines, and drop the oldest that are not needed any more."""
        self._blocks.append((stamp, lines))
        self._size += len(lines)
        while self._size - len(self._blocks[0][1]) >= settings.LOG_TAIL:
            _, gone = self._blocks.popleft()
            self._size -= len(gone)
            self._dropped += len(gone)

    def kept(self) -> tuple[int, Iterable[tuple[str, bytes]]]:
        """How many bytes are dropped, and the blocks that are kept, the first one cut to the limit."""
        extra = max(0, self._size - settings.LOG_TAIL)
        stamp, first = self._blocks[0]
        cut = first.find(b"\n", extra - 1) + 1 if extra else 0
        return self._dropped + cut, self._from(stamp, first[cut:])

    def _from(self, stamp: str, first: bytes) -> Iterator[tuple[str, bytes]]:
        if first:
            yield stamp, first
        yield from list(self._blocks)[1:]
