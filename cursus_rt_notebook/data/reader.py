"""The reader: one long-lived process that looks at data, so that looking never harms the kernel.

It has a memory limit and a time limit per question. A file that breaks one ends the process, is named, and is not
asked the same again until it changes; the next question starts a new process.
"""

from __future__ import annotations

import atexit
import json
import os
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import accumulate, chain, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cursus_rt_notebook import errors, settings
from cursus_rt_notebook.data.gone import GoneRows, gone_from
from cursus_rt_notebook.data.link import Link, LinkEnded, signal_name
from cursus_rt_notebook.data.query import ColumnProfile, SortOrder, TablePage, page_from, profile_from, sort_order
from cursus_rt_notebook.data.summary import TableSummary, from_answer
from cursus_rt_notebook.data.tables import TableFile, TableFiles, find_table
from cursus_rt_notebook.errors import DataError, ReaderKilled

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_Identity = tuple[int, int, int]


class Reader:
    """Answers questions about the table in a file, or in a folder of parts.

    Every question raises `Unreadable` for a file that is no table or is damaged, `DataError` for a folder of several
    tables, and `ReaderKilled` for a file that took too much memory or time. From any thread; one question at a time.

    Args:
        memory: Bytes the process may hold.
        timeout: Seconds a question may take, and a little more for large files.
        idle: Seconds without a question after which the process ends.
        copies: Bytes on disk that copies of tables may take, by which they are paged.
    """

    def __init__(
        self,
        *,
        memory: int = settings.READER_MEMORY,
        timeout: float = settings.READER_TIMEOUT,
        idle: float = settings.IDLE_TIMEOUT,
        copies: int = settings.READER_COPIES,
    ) -> None:
        self._memory = memory
        self._timeout = timeout
        self._idle = idle
        self._copies = copies
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
        answer, _ = self.ask("size", path)
        return None if answer["rows"] is None else (answer["rows"], answer["columns"])

    def summary(self, path: str | Path, rows: int = settings.PREVIEW_ROWS, start: int = 0) -> TableSummary:
        """Size, types, shares of missing cells, and `rows` rows from position `start` as text."""
        answer, _ = self.ask("summary", path, rows=max(0, rows), start=max(0, start))
        return from_answer(answer, start)

    def schema(self, path: str | Path) -> dict[str, str]:
        """Each column's type in one word."""
        answer, _ = self.ask("schema", path)
        return dict(zip(answer["names"], answer["types"], strict=True))

    def head(self, path: str | Path, n: int = settings.PREVIEW_ROWS) -> pa.Table:
        """The first `n` rows, typed as in the whole table."""
        import pyarrow as pa

        tables = [pa.ipc.open_stream(part).read_all() for part in _parts(*self.ask("head", path, rows=max(0, n)))]
        return tables[0] if len(tables) == 1 else pa.concat_tables(tables, promote_options="permissive")

    def page(
        self,
        path: str | Path,
        *,
        start: int = 0,
        rows: int = settings.PAGE_ROWS,
        first_column: int = 0,
        columns: int = settings.PAGE_COLUMNS,
        sort: SortOrder = (),
        where: str | None = None,
    ) -> TablePage:
        """A window of the table as text: `rows` rows from place `start`, of those that match `where`, in the order of `sort`.

        Args:
            path: The file or folder.
            start: The place of the first row, among those that match.
            rows: How many rows.
            first_column: The number of the first column.
            columns: How many columns.
            sort: The columns to sort by: `"carrier"`, `"-dep_delay"` for descending, or several.
            where: A condition in SQL: `dep_delay > 60 AND carrier = 'UA'`; an odd name stands in double quotes.

        Raises:
            QueryInvalid: the condition or the order cannot be followed.
            TooLarge: the table is too large to be paged.
        """
        window = {"start": start, "rows": rows, "first_column": first_column, "columns": columns}
        known = {name: max(0, number) for name, number in window.items()}
        return page_from(self.ask("page", path, **known, **_query(sort, where))[0])

    def cell(self, path: str | Path, position: int, column: str) -> str | None:
        """One cell, whole (but for what no one reads), by its row's number in the table."""
        return self.ask("cell", path, position=position, column=column)[0]["text"]

    def profile(self, path: str | Path, columns: Sequence[str]) -> tuple[ColumnProfile, ...]:
        """How the values of these columns are distributed, over all rows."""
        return tuple(map(profile_from, self.ask("profile", path, columns=list(columns))[0]))

    def positions(
        self, path: str | Path, *, sort: SortOrder = (), where: str | None = None, limit: int | None = None
    ) -> np.ndarray:
        """The numbers of the rows that match, in their order."""
        import numpy as np

        return np.frombuffer(self.ask("positions", path, **_query(sort, where), limit=limit)[1], np.int64)

    def take(
        self, path: str | Path, *, sort: SortOrder = (), where: str | None = None, limit: int | None = None
    ) -> tuple[np.ndarray, pa.Table | None]:
        """The numbers of the rows that match, and the rows; None if there are too many, or only pandas can read them."""
        import numpy as np
        import pyarrow as pa

        positions, *rows = _parts(*self.ask("take", path, **_query(sort, where), limit=limit))
        return np.frombuffer(positions, np.int64), pa.ipc.open_stream(rows[0]).read_all() if rows else None

    def sketch(self, table: TableFiles) -> tuple[dict[str, Any], bytes, bytes]:
        """What a table like it is made from: how each column is made, the schema, and which rows it has; see `scan.sketch`."""
        told, schema, rows = _parts(*self.ask("sketch", table))
        return json.loads(bytes(told)), bytes(schema), bytes(rows)

    def gone(
        self,
        earlier: Sequence[str | Path],
        present: Sequence[str | Path],
        others: Sequence[str | Path] = (),
        *,
        rows: int = settings.GONE_ROWS,
    ) -> GoneRows:
        """The rows of an earlier table, in one or several parts, that are in none of the present ones.

        Args:
            earlier: The files or folders that the table lay in.
            present: Where it lies now: what it shares with `earlier`, by name and type, may tell rows apart.
            others: Other tables into which rows may have gone, if they have these columns.
            rows: How many of them are told as text.

        Raises:
            TooLarge: there are too many rows to compare.
        """
        import numpy as np

        tables = [
            [find_table(Path(path).absolute()) for path in paths]
            for paths in (earlier, present, *([o] for o in others))
        ]
        counts = [[len(table.files) for table in parts] for parts in tables]
        told, positions = _parts(*self.ask("gone", *chain(*tables), counts=counts, rows=rows))
        return gone_from(json.loads(bytes(told)), np.frombuffer(positions, np.int64))

    def weigh(self, path: str | Path) -> int:
        """About how many bytes the whole table takes in memory."""
        answer, _ = self.ask("weigh", path)
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

    def ask(self, ask: str, path: str | Path | TableFiles, *more: TableFiles, **how: Any) -> tuple[Any, bytes]:
        """Put one of the questions of `scan.look` by its name: its answer, and the bytes that came with it."""
        tables = (path if isinstance(path, TableFiles) else find_table(Path(path).absolute()), *more)
        # What an order or a condition costs says nothing of the other questions.
        name = f"{ask} {how['sort']} {how['condition']}" if "condition" in how else ask
        for table in tables:
            self._refuse_culprits(name, table)
        files = [file for table in tables for file in table.files]
        question = {"ask": ask, "files": [asdict(file) for file in files], "with": how}
        with self._my_turn():
            answer, payload = self._answer(name, question)
        if "error" not in answer:
            return answer["answer"], payload
        if answer["error"] == "memory":
            raise self._blame(name, LinkEnded("memory", files[0].path, None))
        kind: type[DataError] = getattr(errors, answer["error"])
        raise kind(answer["message"], fix=answer["fix"], path=answer.get("path") or tables[0].path)

    def _answer(self, ask: str, question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        try:
            return self._ask_once(question)
        except LinkEnded as ended:
            error = None if ended.why == "ended" else self._blame(ask, ended)
            if error is not None and error.path in {file["path"] for file in question["files"]}:
                raise error from None
        try:
            # It had gone idle just then, or a copy of another file ended it, which is no fault of this one.
            return self._ask_once(question)
        except LinkEnded as ended:
            raise self._blame(ask, ended) from None

    def _ask_once(self, question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        link = self._living()
        try:
            return link.ask(question, self._limit(question))
        except BaseException:
            # Also after an interrupt: the answer would come to the next question.
            link.kill("cancelled")
            self._drop(link)
            raise

    def _limit(self, question: dict[str, Any]) -> float:
        """Seconds that a question may take: a large file is no culprit for being large."""
        size = sum(_identity(file["path"])[1] for file in question["files"])
        return self._timeout + size / settings.READER_SPEED

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
                self._link = Link(self._memory, self._idle, self._copies)
            return self._link

    def _drop(self, link: Link) -> None:
        with self._guard:
            if self._link is link:
                self._link = None
        link.close()

    def _blame(self, ask: str, ended: LinkEnded) -> DataError:
        if ended.why == "cancelled":
            return DataError(f"looking at {Path(ended.at).name} was cancelled", path=ended.at)
        if ended.copying and ended.why != "time":
            ask, path = _COPY, ended.copying
        else:
            path = ended.at
        error = ReaderKilled(
            f"{Path(path).name} {self._took_too_much(ended)}",
            fix="`.batches` reads a table piece by piece into the kernel, `.df` reads it whole",
            path=path,
        )
        self._culprits[ask, path] = _identity(path), error
        return error

    def _took_too_much(self, ended: LinkEnded) -> str:
        if ended.why == "time":
            return f"took more than the {self._timeout:g} s that looking at a file may take"
        if ended.why == "memory":
            return f"took more than the {self._memory / settings.GIB:.1f} GB of memory that looking at a file may take"
        return f"ended the process that looked at it ({signal_name(ended.code)}), probably for want of memory"

    def _refuse_culprits(self, ask: str, table: TableFiles) -> None:
        questions = (ask, _COPY) if ask.startswith(_PAGED) else (ask,)
        for question, file in product(questions, table.files):
            known = self._culprits.get((question, file.path))
            if known is not None and known[0] == _identity(file.path):
                raise known[1]


_COPY: Final = "copy"  # which no one asks for: it is made for these questions
_PAGED: Final = ("page", "cell", "profile", "positions", "take", "sketch", "gone")


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


def _query(sort: SortOrder, where: str | None) -> dict[str, Any]:
    order = [(one.column, one.descending) for one in sort_order(sort)]
    return {"sort": order, "condition": where if where and where.strip() else None}


def _parts(lengths: Sequence[int], payload: bytes) -> list[memoryview]:
    """The pieces of an answer that came as one."""
    ends = list(accumulate(lengths))
    return [memoryview(payload)[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def _identity(path: str) -> _Identity:
    try:
        status = Path(path).stat()
    except OSError:
        return 0, 0, 0
    return status.st_ino, status.st_size, status.st_mtime_ns


__all__ = ["Reader", "TableFile", "get_reader", "shutdown_reader", "warm_reader"]
