"""The journal: it remembers, or says what it has lost; it never tells what was not."""

from __future__ import annotations

import errno
import os
import random
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest

from cursus_rt_notebook.errors import WorkspaceError
from cursus_rt_notebook.workspace.journal import Journal
from cursus_rt_notebook.workspace.records import TableSize
from cursus_rt_notebook.workspace.store import Manifest, Workspace

Keep = Callable[..., Manifest]
RUNS = 12


class Opened:
    """A journal on its own, and what it had to say."""

    def __init__(self, path: Path, *, wal: bool = True) -> None:
        self.notices: list[str] = []
        self.journal = Journal(path, wal=wal, notice=self.notices.append, refill=lambda _: None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.journal.close()


def fill(journal: Journal) -> None:
    """A dozen runs of two steps."""
    for n in range(RUNS):
        journal.start_run(f"run-{n}", "flights", {"n": n})
        for step in ("extract", "train"):
            journal.record_attempt(
                f"run-{n}",
                "flights",
                step,
                1,
                status="succeeded",
                base_key=f"{step}-{n}",
                key=f"key-{n}",
                seconds=n / 4,
                memory=n * 1000,
                ingredients={"source": {"a.py": f"digest-{n}"}},
                opened=[f"/data/{n}.json"],
                facts={"text": "é\0\ud800" * n},
            )
        journal.set_table_size(f"digest-{n}", n * 100, n)
        journal.end_run(f"run-{n}", "finished")


def told(journal: Journal) -> dict[str, Any]:
    """Everything that the journal says of what `fill` wrote, by question; unanswered ones are left out."""
    answers: dict[str, Any] = {f"run {r.run_id}": r for r in journal.runs()}
    for n in range(RUNS):
        answers[f"table {n}"] = journal.table_size(f"digest-{n}")
        for attempt in journal.attempts(f"run-{n}"):
            answers[f"attempt {attempt.step} {n}"] = attempt
        for step in ("extract", "train"):
            answers[f"ingredients {step} {n}"] = journal.ingredients(f"{step}-{n}")
            answers[f"opened {step} {n}"] = journal.opened(f"{step}-{n}") or None
    for step in ("extract", "train"):
        answers[f"last {step}"] = next(journal.history("flights", step), None)
        answers[f"cost {step}"] = journal.costs("flights").get(step)
    return {question: answer for question, answer in answers.items() if answer is not None}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A closed journal's file, and all that it says."""
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite"
    with Opened(path) as opened:
        fill(opened.journal)
        answers = told(opened.journal)
    assert len(answers) == 12 * 8 + 4
    return path, answers


def check_damaged(path: Path, truth: dict[str, Any], *, quiet: bool = False) -> int:
    """Read a damaged journal: every answer is the true one or missing, and what is missing was announced.

    Returns how many answers were left.
    """
    with Opened(path) as opened:
        answers = told(opened.journal)
        for question, answer in answers.items():
            # Of a history that lost its end the last is another; then it must have been said that rows are lost.
            of_history = question.startswith(("last", "run"))
            assert answer == truth[question] or (of_history and opened.notices), question
        missing = truth.keys() - answers.keys()
        if missing and not opened.notices and not quiet:
            # The name of a row was hit, so that nobody asks for it: at most one fact is forgotten that is only an aid.
            assert len(missing) == 1
            assert missing.pop().split()[0] in {"table", "ingredients", "opened", "cost"}
        for notice in opened.notices:
            assert "journal was damaged" in notice
        # And it goes on.
        opened.journal.start_run("run-new", "flights")
        assert opened.journal.runs()[0].run_id == "run-new"
    return len(answers)


def test_it_remembers(filled: tuple[Path, dict[str, Any]]) -> None:
    """What was written is what is read, in another process's connection too, newest first."""
    path, truth = filled
    with Opened(path) as opened:
        journal = opened.journal
        assert told(journal) == truth
        runs = journal.runs()
        assert [run.run_id for run in runs] == [f"run-{n}" for n in reversed(range(RUNS))]
        assert (runs[0].status, runs[0].pipeline, runs[0].facts) == ("finished", "flights", {"n": 11})
        assert journal.runs("other") == []
        assert journal.run("run-3") == runs[-4]
        assert journal.run("run-99") is None
        assert journal.costs("flights")["train"].seconds == 2.75
        assert journal.costs("other") == {}
        assert journal.ingredients("train-5") == {"source": {"a.py": "digest-5"}}
        assert journal.table_size("digest-5") == TableSize(500, 5)
        assert [a.attempt for a in journal.attempts("run-1", "train")] == [1]
        assert [a.run_id for a in journal.history("flights", "train")] == [r.run_id for r in runs]
        assert opened.notices == []


def test_a_failed_attempt_does_not_count_as_cost(tmp_path: Path) -> None:
    """The estimate for a step is what its last success took."""
    with Opened(tmp_path / "journal.sqlite") as opened:
        for status, seconds in (("succeeded", 2.0), ("failed", 0.1)):
            opened.journal.record_attempt(
                "run-1", "flights", "train", 1, status=status, base_key="ab", seconds=seconds, memory=1
            )
        assert opened.journal.costs("flights") == {"train": (2.0, 1)}
        last = next(opened.journal.history("flights", "train"))
        assert last.status == "failed"


def test_rows_of_good_runs_are_by_step_port_and_channel(tmp_path: Path) -> None:
    """Of the last five runs each table's rows are known, oldest first; a table that a run lacks keeps its own."""
    with Opened(tmp_path / "journal.sqlite") as opened:
        for count in range(7):
            opened.journal.add_good_rows("flights", {("train", "out", None): count, ("train", "out", "val"): 3})
        opened.journal.add_good_rows("flights", {("train", "out", None): 9})
        opened.journal.add_good_rows("other", {("train", "out", None): 1})
        rows = opened.journal.good_rows("flights")
        assert rows == {("train", "out", None): (3, 4, 5, 6, 9), ("train", "out", "val"): (3, 3, 3, 3, 3)}
        assert opened.journal.good_rows("unknown") == {}


def test_R1_a_run_whose_process_died_is_interrupted(tmp_path: Path) -> None:
    """A run that did not end is running while its process lives, and interrupted afterwards."""
    pid = os.fork()
    if pid == 0:
        try:
            with Opened(tmp_path / "journal.sqlite") as opened:
                opened.journal.start_run("run-dead", "flights")
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    with Opened(tmp_path / "journal.sqlite") as opened:
        opened.journal.start_run("run-live", "flights")
        assert [(run.run_id, run.status, run.ended) for run in opened.journal.runs()] == [
            ("run-live", "running", None),
            ("run-dead", "interrupted", None),
        ]


def test_R7_order_is_by_number_not_by_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that steps back does not change which run is the newest."""
    with Opened(tmp_path / "journal.sqlite") as opened:
        for n, now in enumerate((2_000.0, 1_000.0, 1_500.0)):
            monkeypatch.setattr("time.time", lambda now=now: now)
            opened.journal.start_run(f"run-{n}", "flights")
        assert [run.run_id for run in opened.journal.runs()] == ["run-2", "run-1", "run-0"]


def test_S3_a_torn_journal(filled: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """Cut anywhere: what is still told is true, what is lost is announced, and it goes on."""
    path, truth = filled
    data = path.read_bytes()
    for number, length in enumerate(range(0, len(data), 613)):
        torn = tmp_path / str(number) / "journal.sqlite"
        torn.parent.mkdir()
        torn.write_bytes(data[:length])
        # An empty file is what SQLite itself makes before the first write: nothing is known to be lost.
        check_damaged(torn, truth, quiet=length == 0)


def test_S3_a_torn_write_ahead_log(tmp_path: Path) -> None:
    """Cut in the log that was not yet folded into the file: an exact prefix of what was written is left."""
    path = tmp_path / "live" / "journal.sqlite"
    path.parent.mkdir()
    with Opened(path) as opened:
        for n in range(20):
            opened.journal.start_run(f"run-{n}", "flights", {"text": "x" * 500})
        data, log = path.read_bytes(), path.with_name("journal.sqlite-wal").read_bytes()
    seen: set[int] = set()
    for number, length in enumerate(range(0, len(log), 4_001)):
        torn = tmp_path / str(number) / "journal.sqlite"
        torn.parent.mkdir()
        torn.write_bytes(data)
        torn.with_name("journal.sqlite-wal").write_bytes(log[:length])
        with Opened(torn) as opened:
            runs = [run.run_id for run in reversed(opened.journal.runs())]
            assert runs == [f"run-{n}" for n in range(len(runs))]
            seen.add(len(runs))
    assert len(seen) > 5


def test_S4_bit_rot_in_the_journal(filled: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """Flip bits all over the file: each is noticed or harmless, never is another row told; most rows are kept."""
    path, truth = filled
    data = path.read_bytes()
    chance = random.Random(20_260_724)
    rounds = int(os.environ.get("CURSUS_RT_ROUNDS", "20")) * 15
    places = [*range(0, 100 * 8, 7), *(chance.randrange(len(data) * 8) for _ in range(rounds))]
    kept: list[int] = []
    for number, bit in enumerate(places):
        rotten = tmp_path / str(number) / "journal.sqlite"
        rotten.parent.mkdir()
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        rotten.write_bytes(changed)
        kept.append(check_damaged(rotten, truth))
        shutil.rmtree(rotten.parent)
    elsewhere = sorted(kept[-rounds:])  # a hit in the file's header costs everything
    assert elsewhere[len(elsewhere) // 10] >= len(truth) * 0.8, "nine flips in ten cost little"


def test_S4_a_bad_row_is_quarantined_and_later_rows_are_kept(tmp_path: Path) -> None:
    """One row that is not what was written is put away with its file; rows before and after it are read."""
    path = tmp_path / "journal.sqlite"
    with Opened(path) as opened:
        for n in range(9):
            opened.journal.start_run(f"run-{n}", "flights", {"mark": f"only-in-{n}"})
    path.write_bytes(path.read_bytes().replace(b"only-in-4", b"only-in-X"))
    with Opened(path) as opened:
        runs = [run.run_id for run in reversed(opened.journal.runs())]
        assert runs == [f"run-{n}" for n in range(9) if n != 4]
        (notice,) = opened.notices
        assert "8 runs could be read" in notice
    (aside,) = (tmp_path / "damaged").iterdir()
    assert b"only-in-X" in (aside / "journal.sqlite").read_bytes()
    with Opened(path) as opened:
        assert len(opened.journal.runs()) == 8
        assert opened.notices == []


@pytest.mark.parametrize("content", [b"not a database, just text " * 50, b"SQLite format 3\0" + bytes(4096)])
def test_S3_artifacts_are_found_again_without_the_journal(
    tmp_path: Path, keep: Keep, find: Callable[[Workspace, str], Manifest | None], content: bytes
) -> None:
    """With the journal lost, finished artifacts are found by their manifests, and the loss of history is said."""
    workspace = Workspace.open(tmp_path / "ws")
    kept = [keep(workspace, f"step-{n}", {"a.csv": b"1"}) for n in range(5)]
    workspace.journal.start_run("run-1", "flights")
    workspace.close()
    (tmp_path / "ws" / "journal.sqlite").write_bytes(content)
    again = Workspace.open(tmp_path / "ws")
    assert [find(again, f"step-{n}") for n in range(5)] == kept
    assert again.journal.runs() == []
    (notice,) = again.take_notices()
    assert "lost" in notice
    again.close()


def test_S6_a_journal_deleted_while_it_is_open(
    workspace: Workspace, keep: Keep, find: Callable[[Workspace, str], Manifest | None]
) -> None:
    """Deleted behind our back: a new one is made, artifacts are found, the loss is said."""
    kept = keep(workspace, "train", {"a.csv": b"1"})
    workspace.journal.start_run("run-1", "flights")
    for file in workspace.path.glob("journal*"):
        file.unlink()
    assert find(workspace, "train") == kept
    workspace.journal.start_run("run-2", "flights")
    assert [run.run_id for run in workspace.journal.runs()] == ["run-2"]
    assert "gone" in workspace.take_notices()[0]


def test_S2_a_journal_that_the_disk_did_not_take_is_made_at_the_next_call(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gone, and no space for a new one: a typed error; with space again it works, with no word of a closed workspace."""
    workspace.journal.start_run("run-1", "flights")
    for file in workspace.path.glob("journal*"):
        file.unlink()
    real = os.open

    def full(path: Any, *rest: Any, **more: Any) -> int:
        if str(path).endswith(".rebuild"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return real(path, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", full)
        with pytest.raises(WorkspaceError, match="No space left"):
            workspace.journal.start_run("run-2", "flights")
    workspace.journal.start_run("run-3", "flights")
    assert [run.run_id for run in workspace.journal.runs()] == ["run-3"]


def test_two_sessions_go_on_with_one_journal_after_damage(tmp_path: Path) -> None:
    """When both meet the same damage, one makes the new file and the other joins it."""
    path = tmp_path / "journal.sqlite"
    one, two = Opened(path), Opened(path)
    one.journal.start_run("run-1", "flights")
    assert two.journal.runs()
    one.journal._rows._connection.execute("UPDATE log SET body = 'x'")
    for session in (one, two):
        session.journal.start_run(f"run-{id(session)}", "flights")
        session.journal.runs()
    assert one.journal.runs() == two.journal.runs()
    assert len(one.journal.runs()) in (1, 2)
    assert len(one.notices) + len(two.notices) == 1
    one.journal.close()
    two.journal.close()


def test_threads_and_sessions_write_at_the_same_time(tmp_path: Path) -> None:
    """Nothing is lost or told twice when several threads with several connections write."""
    opened = [Opened(tmp_path / "journal.sqlite") for _ in range(2)]

    def write(number: int) -> None:
        for n in range(25):
            opened[number % 2].journal.start_run(f"run-{number}-{n}", "flights")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    runs = opened[0].journal.runs()
    assert len({run.run_id for run in runs}) == 100
    assert len({run.number for run in runs}) == 100
    for each in opened:
        each.journal.close()


def test_without_wal_it_works_as_well(tmp_path: Path) -> None:
    """On a network filesystem the journal rolls back instead of logging ahead."""
    with Opened(tmp_path / "journal.sqlite", wal=False) as opened:
        fill(opened.journal)
        assert len(opened.journal.runs()) == RUNS
        assert not (tmp_path / "journal.sqlite-wal").exists()


def test_a_closed_journal_is_no_damaged_one(workspace: Workspace) -> None:
    """A late word after the workspace was closed is refused, and nothing is set aside."""
    workspace.journal.start_run("run-1", "flights")
    workspace.close()
    with pytest.raises(WorkspaceError, match="was closed"):
        workspace.journal.start_run("run-2", "flights")
    again = Workspace.open(workspace.path)
    assert [run.run_id for run in again.journal.runs()] == ["run-1"]
    assert again.take_notices() == []
    assert list((workspace.path / "damaged").iterdir()) == []
    again.close()
