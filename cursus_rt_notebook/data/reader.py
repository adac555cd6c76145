"""The reader: one long-lived process that looks at data, so that looking never harms the kernel.

It has a memory limit and a time limit per question. A file that breaks one ends the process, is named, and is not
asked the same again until it changes; the next question starts a new process.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cursus_rt_notebook import errors, settings
from cursus_rt_notebook.data.link import Link, LinkEnded, signal_name
from cursus_rt_notebook.data.summary import TableSummary, from_answer
from cursus_rt_notebook.data.tables import TableFile, TableFiles, find_table
from cursus_rt_notebook.errors import DataError, ReaderKilled

if TYPE_CHECKING:
    import pyarrow as pa

_Identity = tuple[int, int, int]


class Reader:
    """Answers questions about the table in a file, or in a folder of parts.

    Every question raises `Unreadable` for a file that is no table or is damaged, `DataError` for a folder of several
    tables, and `ReaderKilled` for a file that took too much memory or time. From any thread; one question at a time.

    Args:
        memory: Bytes the process may hold.
        timeout: Seconds a question may take.
        idle: Seconds without a question after which the process ends.
    """

    def __init__(
        self,
        *,
        memory: int = settings.READER_MEMORY,
        timeout: float = settings.READER_TIMEOUT,
        idle: float = settings.IDLE_TIMEOUT,
    ) -> None:
        self._memory = memory
        self._timeout = timeout
        self._idle = idle
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._link: Link | None = None
        self._culprits: dict[tuple[str, str], tuple[_Identity, ReaderKilled]] = {}

    @property
    def pid(self) -> int | None:
        """The process's id; None while there is none."""
        link = self._link
        return link.pid if link and link.alive else None

    def warm(self) -> None:
        """Start the process in the background and return at once."""
        self._living()

    def size(self, path: str | Path) -> tuple[int, int] | None:
        """Rows and columns; None if the rows cannot be counted."""
        answer, _ = self._ask("size", path)
        return None if answer["rows"] is None else (answer["rows"], answer["columns"])

    def summary(self, path: str | Path, rows: int = settings.PREVIEW_ROWS, start: int = 0) -> TableSummary:
        """Size, types, shares of missing cells, and `rows` rows from position `start` as text."""
        answer, _ = self._ask("summary", path, rows=max(0, rows), start=max(0, start))
        return from_answer(answer, start)

    def schema(self, path: str | Path) -> dict[str, str]:
        """Each column's type in one word."""
        answer, _ = self._ask("schema", path)
        return dict(zip(answer["names"], answer["types"], strict=True))

    def head(self, path: str | Path, n: int = settings.PREVIEW_ROWS) -> pa.Table:
        """The first `n` rows, typed as in the whole table."""
        import pyarrow as pa

        lengths, payload = self._ask("head", path, rows=max(0, n))
        content, at, tables = memoryview(payload), 0, list[pa.Table]()
        for length in lengths:
            tables.append(pa.ipc.open_stream(content[at : at + length]).read_all())
            at += length
        return tables[0] if len(tables) == 1 else pa.concat_tables(tables, promote_options="permissive")

    def weigh(self, path: str | Path) -> int:
        """About how many bytes the whole table takes in memory."""
        answer, _ = self._ask("weigh", path)
        return int(answer["bytes"])

    def cancel(self) -> None:
        """End the question under way, if there is one; who asked it gets a `DataError`."""
        link = self._link
        if link is not None and self._turn.locked():
            link.kill("cancelled")

    def close(self) -> None:
        """End the process, and a question under way with it. A later question starts a new one."""
        with self._guard:
            link, self._link = self._link, None
        if link is not None:
            if self._turn.locked():
                link.kill("cancelled")
            link.close()

    def _ask(self, ask: str, path: str | Path, **how: Any) -> tuple[Any, bytes]:
        table = find_table(Path(path).absolute())
        self._refuse_culprits(ask, table)
        question = {"ask": ask, "files": [asdict(file) for file in table.files], "with": how}
        with self._my_turn():
            answer, payload = self._answer(ask, question)
        if "error" not in answer:
            return answer["answer"], payload
        if answer["error"] == "memory":
            raise self._blame(ask, LinkEnded("memory", table.files[0].path, None))
        kind: type[DataError] = getattr(errors, answer["error"])
        raise kind(answer["message"], fix=answer["fix"], path=answer.get("path") or table.path)

    def _answer(self, ask: str, question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        try:
            return self._ask_once(question)
        except LinkEnded as ended:
            if ended.why != "ended":
                raise self._blame(ask, ended) from None
        try:
            # It had gone idle just then, which is no fault of the file.
            return self._ask_once(question)
        except LinkEnded as ended:
            raise self._blame(ask, ended) from None

    def _ask_once(self, question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        link = self._living()
        try:
            return link.ask(question, self._timeout)
        except BaseException:
            # Also after an interrupt: the answer would come to the next question.
            link.kill("cancelled")
            self._drop(link)
            raise

    @contextmanager
    def _my_turn(self) -> Generator[None]:
        while not self._turn.acquire(timeout=settings.WAIT_SLICE):
            pass
        try:
            yield
        finally:
            self._turn.release()

    def _living(self) -> Link:
        with self._guard:
            if self._link is None or not self._link.alive:
                if self._link is not None:
                    self._link.close()
                self._link = Link(self._memory, self._idle)
            return self._link

    def _drop(self, link: Link) -> None:
        with self._guard:
            if self._link is link:
                self._link = None
        link.close()

    def _blame(self, ask: str, ended: LinkEnded) -> DataError:
        name = Path(ended.at).name
        if ended.why == "cancelled":
            return DataError(f"looking at {name} was cancelled", path=ended.at)
        error = ReaderKilled(
            f"{name} {self._took_too_much(ended)}",
            fix="`.batches` reads a table piece by piece into the kernel, `.df` reads it whole",
            path=ended.at,
        )
        self._culprits[ask, ended.at] = _identity(ended.at), error
        return error

    def _took_too_much(self, ended: LinkEnded) -> str:
        if ended.why == "time":
            return f"took more than the {self._timeout:g} s that looking at a file may take"
        if ended.why == "memory":
            return f"took more than the {self._memory / settings.GIB:.1f} GB of memory that looking at a file may take"
        return f"ended the process that looked at it ({signal_name(ended.code)}), probably for want of memory"

    def _refuse_culprits(self, ask: str, table: TableFiles) -> None:
        for file in table.files:
            known = self._culprits.get((ask, file.path))
            if known is not None and known[0] == _identity(file.path):
                raise known[1]


def get_reader() -> Reader:
    """The kernel's one reader."""
    with _lock:
        if _kept.pid != os.getpid():
            # A forked child of the kernel: the reader is its parent's.
            _kept.reader, _kept.pid = Reader(), os.getpid()
        return _kept.reader


def warm_reader() -> None:
    """Start the kernel's reader in the background, so that the first question need not wait for it."""
    get_reader().warm()


def shutdown_reader() -> None:
    """End the kernel's reader: no process, thread or descriptor remains. A later question starts it again."""
    get_reader().close()


class _Kept:
    def __init__(self) -> None:
        self.reader = Reader()
        self.pid = os.getpid()


_lock = threading.Lock()
_kept = _Kept()
atexit.register(shutdown_reader)


def _identity(path: str) -> _Identity:
    try:
        status = Path(path).stat()
    except OSError:
        return 0, 0, 0
    return status.st_ino, status.st_size, status.st_mtime_ns


__all__ = ["Reader", "TableFile", "get_reader", "shutdown_reader", "warm_reader"]
