"""Rows of text in SQLite, each with a checksum: what comes back is what was written, or it does not come back.

Two tables. `log` only grows; the order of its rows is their number, never the clock. `kept` has one row a name, the
newest. Both know a row by its kind and name; the body is JSON.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from blake3 import blake3

from cursus_rt_notebook import settings
from cursus_rt_notebook.errors import WorkspaceError

_T = TypeVar("_T")
Kept = Sequence[tuple[str, str, str]]
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS log (
  seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, run TEXT NOT NULL, body TEXT NOT NULL, seal BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS log_by_name ON log (kind, name, seq);
CREATE INDEX IF NOT EXISTS log_by_run ON log (run, seq);
CREATE TABLE IF NOT EXISTS kept (
  kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
"""
_BUSY_SLICE: Final = 0.01
_FULL: Final = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
_DAMAGED: Final = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_CONSTRAINT,
}


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row of the log: its number, what it is about, and its body."""

    seq: int
    kind: str
    name: str
    run: str
    body: str


class Damaged(WorkspaceError):
    """The database file as a whole cannot be read any more."""


class Rows:
    """An open database. Safe to use from several threads and processes.

    Args:
        path: The file; made if it is not there.
        wal: Write-ahead logging, for local filesystems. It needs memory shared between processes, which network
            filesystems do not have.
    """

    def __init__(self, path: Path, *, wal: bool) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._connection = _connect(path, wal=wal)
        self._identity = _identity(path)

    def append(self, kind: str, name: str, run: str, body: str, *, seq: int | None = None, keep: Kept = ()) -> int:
        """Add a row to the log and, in the same transaction, keep some (kind, name, body); return the row's number.

        Args:
            seq: The number to give it, if it is free; else it gets the next.
        """

        def write(db: sqlite3.Connection) -> int:
            number = _free_number(db, seq)
            seal = _seal_log(number, kind, name, run, body)
            db.execute("INSERT INTO log VALUES (?,?,?,?,?,?)", (number, kind, name, run, body, seal))
            _keep(db, keep)
            return number

        return self._transaction(write)

    def log(self, kind: str, name: str | None = None, *, run: str | None = None) -> Iterator[LogRow]:
        """The rows of a kind, newest first; those of one name or of one run."""
        where, values = "kind = ?", [kind]
        if name is not None:
            where, values = "kind = ? AND name = ?", [kind, name]
        elif run is not None:
            where, values = "run = ? AND kind = ?", [run, kind]
        query = f"SELECT seq, kind, name, run, body, seal FROM log WHERE {where} ORDER BY seq DESC"  # noqa: S608 - `where` is one of three texts above
        for *fields, seal in self._read(query, values):
            row = LogRow(*fields)
            sound = seal == _seal_log(row.seq, row.kind, row.name, row.run, row.body)
            asked = row.kind == kind and name in (None, row.name) and run in (None, row.run)
            if not (sound and asked):
                raise Damaged(f"row {row.seq} is not what was written")
            yield row

    def last_number(self) -> int:
        """The number of the newest row, 0 if there is none."""
        return int(next(iter(self._read("SELECT max(seq) FROM log", [])))[0] or 0)

    def keep(self, rows: Kept) -> None:
        """Keep these (kind, name, body), over what was kept under the same kinds and names."""
        if rows:
            self._transaction(lambda db: _keep(db, rows))

    def get(self, kind: str, name: str) -> str | None:
        """The body kept under a name."""
        for found, body in self._kept(kind, "name = ?", [name]):
            if found != name:
                raise Damaged(f"a row ({kind}) is found under another's name")
            return body
        return None

    def below(self, kind: str, prefix: str) -> dict[str, str]:
        """All bodies kept under names that begin with `prefix`."""
        rows = self._kept(kind, "name >= ? AND name < ?", [prefix, prefix + "\U0010ffff"])
        return dict(rows)

    def restore(self, log: Sequence[LogRow], kept: Kept) -> None:
        """Fill a new file with the rows of an older one."""

        def write(db: sqlite3.Connection) -> None:
            for row in log:
                fields = (row.seq, row.kind, row.name, row.run, row.body)
                db.execute("INSERT OR REPLACE INTO log VALUES (?,?,?,?,?,?)", (*fields, _seal_log(*fields)))
            _keep(db, kept)

        self._transaction(write)

    def moved(self) -> bool:
        """Whether the file was deleted or replaced since it was opened."""
        return _identity(self.path) != self._identity

    def close(self) -> None:
        """Close the file; with the last of its users, the write-ahead log is folded into it."""
        with self._lock, suppress(sqlite3.Error):
            self._connection.close()

    def _kept(self, kind: str, where: str, values: list[str]) -> Iterator[tuple[str, str]]:
        query = f"SELECT kind, name, body, seal FROM kept WHERE kind = ? AND {where}"  # noqa: S608 - our own words
        for found, name, body, seal in self._read(query, [kind, *values]):
            if found != kind or seal != _seal_kept(kind, name, body):
                raise Damaged(f"a row ({kind}) is not what was written")
            yield name, body

    def _read(self, query: str, values: list[Any]) -> list[Any]:
        with self._lock, _database_errors(self.path):
            return self._connection.execute(query, values).fetchall()

    def _transaction(self, write: Callable[[sqlite3.Connection], _T]) -> _T:
        db = self._connection
        with self._lock, _database_errors(self.path):
            db.execute("BEGIN IMMEDIATE")
            try:
                result = write(db)
                db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                raise
            return result


def salvage(path: Path) -> tuple[list[LogRow], list[tuple[str, str, str]]]:
    """Every row of a damaged file that can still be read and has its right checksum: the log's, and those kept."""
    log = {row[0]: LogRow(*row[:5]) for row in _remains(path, "log", "seq") if row[5] == _seal_log(*row[:5])}
    kept = {row[:2]: row[:3] for row in _remains(path, "kept", "kind, name") if row[3] == _seal_kept(*row[:3])}
    return [log[number] for number in sorted(log)], list(kept.values())


def _connect(path: Path, *, wal: bool) -> sqlite3.Connection:
    with _database_errors(path):
        db = sqlite3.connect(path, timeout=settings.BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
        try:
            # A damaged text must not end the whole query: its checksum will tell.
            db.text_factory = _lenient
            _set_mode(db, "WAL" if wal else "TRUNCATE")
            # In WAL mode a power cut can take the last rows but never the sound file; what those rows said of
            # artifacts, the artifacts' own manifests say again. In rollback mode NORMAL could corrupt the file.
            db.execute(f"PRAGMA synchronous = {'NORMAL' if wal else 'FULL'}")
            db.executescript(_SCHEMA)
            _check_structure(db)
        except BaseException:
            db.close()
            raise
        return db


def _set_mode(db: sqlite3.Connection, mode: str) -> None:
    """Set the journal's mode, which alone of all statements does not wait for others: two may open it at once."""
    deadline = time.monotonic() + settings.BUSY_TIMEOUT
    while True:
        try:
            db.execute(f"PRAGMA journal_mode = {mode}")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_BUSY_SLICE)
        else:
            return


def _check_structure(db: sqlite3.Connection) -> None:
    """Find rows that are there but no longer found: checksums tell of wrong rows, only this of missing ones."""
    pages, size = (int(db.execute(f"PRAGMA {what}").fetchone()[0]) for what in ("page_count", "page_size"))
    if pages * size > settings.JOURNAL_CHECK:
        return
    verdict = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])
    if verdict != "ok":
        raise Damaged(verdict)


@contextmanager
def _database_errors(path: Path) -> Generator[None]:
    try:
        yield
    except UnicodeDecodeError as error:  # SQLite quotes what it found in the file
        raise Damaged("it holds text that is none") from error
    except sqlite3.ProgrammingError as error:
        raise WorkspaceError("the workspace was closed", fix="open it again", path=str(path)) from error
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        # A flipped bit in the header can make SQLite call a file read-only that anybody may write.
        damaged_header = (
            code == sqlite3.SQLITE_READONLY and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        )
        if code in _DAMAGED or damaged_header or type(error) is sqlite3.DatabaseError:
            raise Damaged(str(error)) from error
        fix = "free some space on that disk" if code in _FULL else "close other sessions on this workspace"
        raise WorkspaceError(f"cannot use the journal: {error}: {path}", fix=fix, path=str(path)) from error


def _remains(path: Path, table: str, order: str) -> Generator[tuple[Any, ...]]:
    """What a damaged table still gives, read from its beginning and from its end."""
    for direction in ("ASC", "DESC"):
        descending = order.replace(",", f" {direction},") + f" {direction}"
        with suppress(sqlite3.Error, UnicodeError):
            db = sqlite3.connect(path)
            db.text_factory = _lenient
            try:
                yield from db.execute(f"SELECT * FROM {table} NOT INDEXED ORDER BY {descending}")  # noqa: S608 - our own words
            finally:
                db.close()


def _keep(db: sqlite3.Connection, rows: Kept) -> None:
    sealed = [(kind, name, body, _seal_kept(kind, name, body)) for kind, name, body in rows]
    db.executemany("INSERT OR REPLACE INTO kept VALUES (?,?,?,?)", sealed)


def _free_number(db: sqlite3.Connection, wanted: int | None) -> int:
    if wanted is not None and not db.execute("SELECT 1 FROM log WHERE seq = ?", (wanted,)).fetchone():
        return wanted
    return int(db.execute("SELECT max(seq) FROM log").fetchone()[0] or 0) + 1


def _seal_log(seq: object, kind: object, name: object, run: object, body: object) -> bytes:
    return _seal("log", seq, kind, name, run, body)


def _seal_kept(kind: object, name: object, body: object) -> bytes:
    return _seal("kept", kind, name, body)


def _seal(*parts: object) -> bytes:
    texts = [str(part).encode(errors="surrogatepass") for part in parts]
    lengths = ",".join(str(len(text)) for text in texts).encode()
    return blake3(b"\n".join((lengths, *texts))).digest(length=16)


def _lenient(raw: bytes) -> str:
    return raw.decode(errors="replace")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        info = os.stat(path)
    except OSError:
        return None
    return info.st_dev, info.st_ino
