"""The journal: what was run, when, how it ended and of what it was made; digests and sizes known from earlier."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from cursus_rt_notebook import settings
from cursus_rt_notebook.workspace.aside import rebuilding, set_aside_journal
from cursus_rt_notebook.workspace.keys import Ingredients
from cursus_rt_notebook.workspace.processes import ProcessIdentity
from cursus_rt_notebook.workspace.records import ArtifactRecord, AttemptRecord, Cost, RunRecord, TableName, TableSize
from cursus_rt_notebook.workspace.rows import Damaged, LogRow, Rows, salvage

_T = TypeVar("_T")


class Journal:
    """What is remembered between sessions. Every method may be called from any thread.

    A damaged file is set aside by whichever call meets it, and that call goes on with a new one.

    Args:
        path: The database file.
        wal: Whether its filesystem is local.
        notice: Gets a sentence for the user when something was lost.
        refill: Called with a new, empty journal, to put the finished artifacts back in.
    """

    def __init__(
        self, path: Path, *, wal: bool, notice: Callable[[str], None], refill: Callable[[Journal], None]
    ) -> None:
        self.path = path
        self._wal, self._notice, self._refill = wal, notice, refill
        self._lock = threading.RLock()
        self._given_up: str | None = None  # why the file that is open here is of no use
        existed = path.exists()
        try:
            self._rows = Rows(path, wal=wal)
        except Damaged as error:
            self._rows = self._rebuild(str(error))
            refill(self)
        else:
            if not existed:
                self._fill_new()

    def close(self) -> None:
        """Close the file."""
        self._rows.close()

    # Runs

    def start_run(self, run_id: str, pipeline: str, facts: Mapping[str, Any] | None = None) -> None:
        """Note that a run began, in this process."""
        body = {"pipeline": pipeline, "at": time.time(), "by": ProcessIdentity.mine().facts(), "facts": facts or {}}
        self._append("run", pipeline, run_id, body)

    def end_run(self, run_id: str, status: str) -> None:
        """Note how a run ended: finished, failed or stopped."""
        self._append("run end", status, run_id, {"status": status, "at": time.time()})

    def runs(self, pipeline: str | None = None) -> list[RunRecord]:
        """All runs, newest first; of one pipeline, or of all."""
        starts = self._log("run", pipeline)
        ends = {row.run: row for row in self._log("run end")}
        return [RunRecord.from_rows(start, ends.get(start.run)) for start in starts]

    def run(self, run_id: str) -> RunRecord | None:
        """One run."""
        starts, ends = self._log("run", run=run_id), self._log("run end", run=run_id)
        return RunRecord.from_rows(starts[0], ends[0] if ends else None) if starts else None

    # Attempts

    def record_attempt(
        self,
        run_id: str,
        pipeline: str,
        step: str,
        attempt: int,
        *,
        status: str,
        base_key: str,
        key: str | None = None,
        seconds: float | None = None,
        memory: int | None = None,
        ingredients: Ingredients | None = None,
        opened: Iterable[str] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Note how one attempt at a step ended, and of what it was made.

        Args:
            opened: The paths under `source_dir` that the script opened: part of its key next time.
            facts: Anything else that JSON can say. Secrets must be masked already.
        """
        body = {"step": step, "attempt": attempt, "status": status, "base_key": base_key, "key": key}
        body |= {"seconds": seconds, "memory": memory, "at": time.time(), "facts": facts or {}}
        name = _name(pipeline, step)
        keep: list[tuple[str, str, str]] = []
        if ingredients is not None:
            keep.append(("ingredients", base_key, _dump(ingredients)))
        if opened is not None:
            keep.append(("opened", base_key, _dump(sorted(opened))))
        if status == "succeeded":
            keep.append(("cost", name, _dump([seconds, memory])))
        self._append("attempt", name, run_id, body, keep)

    def attempts(self, run_id: str, step: str | None = None) -> list[AttemptRecord]:
        """The attempts of a run in the order they ended; of one step, or of all."""
        found = [AttemptRecord.from_row(row) for row in self._log("attempt", run=run_id)]
        return [record for record in reversed(found) if step in (None, record.step)]

    def history(self, pipeline: str, step: str) -> Iterator[AttemptRecord]:
        """The attempts at a step in every run, newest first."""
        return map(AttemptRecord.from_row, self._log("attempt", _name(pipeline, step)))

    def costs(self, pipeline: str) -> dict[str, Cost]:
        """What each step of a pipeline took when it last succeeded."""
        found = self._do(lambda rows: rows.below("cost", _name(pipeline).removesuffix("]") + ", "))
        return {json.loads(name)[1]: Cost(*json.loads(body)) for name, body in found.items()}

    def ingredients(self, base_key: str) -> Ingredients | None:
        """What the step with this base key was made of."""
        return self._get("ingredients", base_key)

    def opened(self, base_key: str) -> tuple[str, ...]:
        """The other files that the step with this base key opened when it last ran."""
        return tuple(self._get("opened", base_key) or ())

    # Tables

    def set_table_size(self, digest: str, rows: int | None, columns: int | None) -> None:
        """Remember the size of the table in a file or folder with this content."""
        self._keep([("size", digest, _dump([rows, columns]))])

    def table_size(self, digest: str) -> TableSize | None:
        """The size of the table in a file or folder with this content, if it was counted before."""
        found = self._get("size", digest)
        return TableSize(*found) if found else None

    def set_table_columns(self, digest: str, names: Iterable[str]) -> None:
        """Remember the columns of the table in a file or folder with this content."""
        self._keep([("columns", digest, _dump(list(names)))])

    def table_columns(self, digest: str) -> tuple[str, ...] | None:
        """The columns of the table in a file or folder with this content, if they were read before."""
        found = self._get("columns", digest)
        return None if found is None else tuple(found)

    def add_good_rows(self, pipeline: str, rows: Mapping[TableName, int]) -> None:
        """Remember how many rows each table had at the end of a good run, after what it had in the runs before."""
        known = self.good_rows(pipeline)
        last = {name: (*known.get(name, ()), count)[-settings.GOOD_RUNS :] for name, count in rows.items()}
        self._keep([("good rows", _name(pipeline), _dump([[*name, *c] for name, c in (known | last).items()]))])

    def good_rows(self, pipeline: str) -> dict[TableName, tuple[int, ...]]:
        """How many rows each table had in the last good runs of a pipeline, oldest first."""
        found = self._get("good rows", _name(pipeline)) or []
        return {(step, port, channel): tuple(counts) for step, port, channel, *counts in found}

    def remember(self, kind: str, values: Mapping[str, Any]) -> None:
        """Remember by name, under a kind of the caller's own, what JSON can say; what was there before is gone."""
        self._keep([(kind, name, _dump(value)) for name, value in values.items()])

    def recall(self, kind: str, name: str) -> Any:
        """What was last remembered under this kind and name; None if nothing was."""
        return self._get(kind, name)

    # Artifacts and digests: for the store

    def add_artifact(self, record: ArtifactRecord, seal: str | None = None, *, as_newest: bool = False) -> None:
        """Note that an artifact is in place; the newest of a base key is the first to be used again.

        Args:
            seal: The signature of its files; "" if it is not known.
            as_newest: Give it the next number, not its own.
        """
        keep = [] if seal is None else [("seal", record.key, seal)]
        seq = None if as_newest else record.seq
        row = ("artifact", record.base_key, record.run_id, record.body())
        self._do(lambda rows: rows.append(*row, seq=seq, keep=keep))

    def artifacts(self, base_key: str) -> list[ArtifactRecord]:
        """The artifacts of a base key, newest first, each once."""
        found = [ArtifactRecord.from_row(row) for row in self._log("artifact", base_key)]
        newest: dict[str, ArtifactRecord] = {}
        for record in found:
            newest.setdefault(record.key, record)
        return list(newest.values())

    def artifact_keys(self) -> set[str]:
        """The key of every artifact that the journal knows."""
        return self._do(lambda rows: set(rows.below("seal", "")))

    def next_number(self) -> int:
        """The number that the next row will have, if nobody else writes one first."""
        return self._do(lambda rows: rows.last_number()) + 1

    def seal(self, key: str) -> str | None:
        """The signature that an artifact's files had when their digests were last known to be right."""
        return self._do(lambda rows: rows.get("seal", key))

    def set_seal(self, key: str, seal: str) -> None:
        """Remember an artifact's signature."""
        self._keep([("seal", key, seal)])

    def digests(self, path: str, *, below: bool) -> dict[str, str]:
        """What is known of a file, or of all files below a folder: path to signature and digest."""
        name = _path_name(path)
        if below:
            found = self._do(lambda rows: rows.below("digest", name + "/"))
            return {_path_of(key): body for key, body in found.items()}
        body = self._do(lambda rows: rows.get("digest", name))
        return {path: body} if body else {}

    def set_digests(self, known: Mapping[str, str]) -> None:
        """Remember signature and digest of files, by path."""
        self._keep([("digest", _path_name(path), body) for path, body in known.items()])

    # How all of it reaches the file

    def _append(self, kind: str, name: str, run: str, body: Any, keep: Iterable[tuple[str, str, str]] = ()) -> None:
        text, rows_to_keep = _dump(body), tuple(keep)
        self._do(lambda rows: rows.append(kind, name, run, text, keep=rows_to_keep))

    def _keep(self, kept: list[tuple[str, str, str]]) -> None:
        self._do(lambda rows: rows.keep(kept))

    def _log(self, kind: str, name: str | None = None, *, run: str | None = None) -> list[LogRow]:
        return self._do(lambda rows: list(rows.log(kind, name, run=run)))

    def _get(self, kind: str, name: str) -> Any:
        body = self._do(lambda rows: rows.get(kind, name))
        return None if body is None else json.loads(body)

    def _do(self, use: Callable[[Rows], _T]) -> _T:
        rows = self._rows
        if self._given_up or rows.moved():
            self._replace(rows, self._given_up or "it was deleted or replaced")
        try:
            return use(self._rows)
        except Damaged as error:
            self._replace(rows, str(error))
        return use(self._rows)

    def _replace(self, broken: Rows, why: str) -> None:
        with self._lock:
            if self._rows is not broken:  # another thread was quicker
                return
            broken.close()
            self._given_up = why  # the disk may refuse what follows: then the next call tries it again
            self._rows = self._rebuild(why, broken)
            self._given_up = None
            self._refill(self)

    def _fill_new(self) -> None:
        """Put the artifacts into a file that was not there, though there are artifacts that one had known."""
        self._refill(self)
        found = len(self.artifact_keys())
        if found:
            self._notice(f"the journal was gone: {found} kept outputs were found again, the history of runs is lost")

    def _rebuild(self, why: str, broken: Rows | None = None) -> Rows:
        """Set the file aside and make a new one of the rows that are still whole."""
        with rebuilding(self.path):
            if broken and broken.moved() and (replaced := self._made_by_another()):
                return replaced
            aside = set_aside_journal(self.path)
            rows = Rows(self.path, wal=self._wal)
            log, kept = salvage(aside) if aside else ([], [])
            rows.restore(log, kept)
        runs = sum(row.kind == "run" for row in log)
        where = f"set aside as {aside}" if aside else "is gone"
        self._notice(f"the journal was damaged ({why}) and {where}; {runs} runs could be read, any others are lost")
        return rows

    def _made_by_another(self) -> Rows | None:
        """The file that another process put in the place of a damaged one."""
        try:
            return Rows(self.path, wal=self._wal) if self.path.exists() else None
        except Damaged:
            return None


def _name(*parts: str | None) -> str:
    return json.dumps(parts)


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), default=str)


def _path_name(path: str) -> str:
    """A path as text that any database takes: one character a byte."""
    return os.fsencode(path).decode("latin-1")


def _path_of(name: str) -> str:
    return os.fsdecode(name.encode("latin-1"))
