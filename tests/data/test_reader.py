"""The reader's process: it starts once, names what ends it, starts again, and leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.data.reader import Reader, get_reader, shutdown_reader, warm_reader
from cursus_rt_notebook.errors import DataError, ReaderKilled
from tests.conftest import wait_until

Write = Callable[[str, str | bytes], Path]
ROOT = str(Path(__file__).parents[2])


@pytest.fixture
def own() -> Iterator[Reader]:
    """A reader of the test's own."""
    reader = Reader()
    yield reader
    reader.close()


@pytest.fixture
def small(write: Write) -> Path:
    """A table that takes no time."""
    return write("small.csv", "a\n1\n")


@pytest.fixture
def slow(write: Write) -> Path:
    """A table that takes seconds: stray quotes and many cells, for pandas alone."""
    return write("slow.csv", 'a,b,c,d\n5"x,1,2,3\n' + "x,1.5,2.5,3.5\n" * 8_000_000)


def pid_of(reader: Reader) -> int:
    """The id of a running reader's process."""
    assert reader.pid is not None
    return reader.pid


def test_one_process_answers_all_questions(own: Reader, small: Path) -> None:
    """It is started by the first question and kept."""
    assert own.pid is None
    assert own.size(small) == (1, 1)
    first = pid_of(own)
    assert own.summary(small).rows == 1
    assert own.pid == first


def test_warming_returns_at_once(own: Reader, small: Path) -> None:
    """Starting happens in the background; the first question then finds a running process."""
    start = time.perf_counter()
    own.warm()
    assert time.perf_counter() - start < 0.1
    wait_until(lambda: own.pid is not None)
    first = own.pid
    assert own.size(small) == (1, 1)
    assert own.pid == first


def held(reader: Reader, small: Path) -> psutil.Process:
    """The reader's process, started and stopped, so that the next question finds no answer."""
    reader.size(small)
    process = psutil.Process(pid_of(reader))
    process.suspend()
    return process


def is_at(reader: Reader, path: Path) -> bool:
    """Whether the reader is looking at a file."""
    link = reader._link
    return link is not None and link._at == str(path)


def when_at(reader: Reader, path: Path, do: Callable[[], object]) -> threading.Thread:
    """Do something as soon as the reader looks at a file."""

    def watch() -> None:
        wait_until(lambda: is_at(reader, path))
        do()

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def test_a_file_that_kills_the_reader_is_named_and_not_asked_again(own: Reader, write: Write, small: Path) -> None:
    """Whoever asks learns which file it was; the same question is refused until the file changes; others go on."""
    bad = write("bad.csv", "a\n1\n")
    killer = when_at(own, bad, held(own, small).kill)
    with pytest.raises(ReaderKilled, match=r"bad\.csv ended the process that looked at it \(SIGKILL\)") as caught:
        own.summary(bad)
    killer.join()
    assert caught.value.path == str(bad)
    with pytest.raises(ReaderKilled):
        own.summary(bad)
    assert own.pid is None
    assert own.size(small) == (1, 1)
    bad.write_text("a\n1\n2\n")
    assert own.summary(bad).rows == 2


def test_of_many_parts_the_one_that_kills_is_named(own: Reader, write: Write, tmp_path: Path, slow: Path) -> None:
    """The culprit is the part that was open, not the folder."""
    folder = tmp_path / "parts"
    write("parts/part-0.csv", "a,b,c,d\n1,2,3,4\n")
    slow.rename(folder / "part-1.csv")
    own.size(folder / "part-0.csv")
    killer = when_at(own, folder / "part-1.csv", psutil.Process(pid_of(own)).kill)
    with pytest.raises(ReaderKilled, match=r"part-1\.csv"):
        own.summary(folder)
    killer.join()


def test_a_question_has_a_time_limit(write: Write, small: Path) -> None:
    """A file that takes too long ends the process, is named with the limit, and the next question is answered."""
    other = write("other.csv", "a\n1\n")
    reader = Reader(timeout=0.4)
    try:
        held(reader, small)
        with pytest.raises(ReaderKilled, match=r"other\.csv took more than the 0\.4 s"):
            reader.summary(other)
        assert reader.size(small) == (1, 1)
    finally:
        reader.close()


def test_a_question_has_a_memory_limit(write: Write, small: Path) -> None:
    """A file that takes too much memory ends the process, not the kernel."""
    path = write("cells.csv", "a,b\n" + ("x" * 1_000_000 + ",1\n") * 150)
    reader = Reader(memory=120 << 20)
    try:
        reader.size(small)
        with pytest.raises(ReaderKilled, match=r"cells\.csv"):
            reader.head(path, 150)
        assert reader.size(small) == (1, 1)
    finally:
        reader.close()


def test_a_question_can_be_cancelled(own: Reader, write: Write, small: Path) -> None:
    """Who asked gets an error, the file is no culprit, and the next question is answered."""
    other = write("other.csv", "a\n1\n")
    held(own, small)
    canceller = when_at(own, other, own.cancel)
    with pytest.raises(DataError, match=r"looking at other\.csv was cancelled"):
        own.summary(other)
    canceller.join()
    assert own.summary(other).rows == 1


def test_an_interrupt_leaves_the_reader_usable(own: Reader, write: Write, small: Path) -> None:
    """The answer to an interrupted question never comes to the next one."""
    other = write("other.csv", "b\n7\n")
    main = threading.main_thread().ident
    assert main is not None
    held(own, small)
    thread = when_at(own, other, lambda: signal.pthread_kill(main, signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        own.summary(other)
    thread.join()
    assert own.summary(small).cells == (("1",),)


def test_questions_from_many_threads_get_their_own_answers(own: Reader, write: Write) -> None:
    """They take turns."""
    paths = [write(f"{i}.csv", "a\n" + f"{i}\n" * (i + 1)) for i in range(20)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(own.size, paths * 5)) == [(i + 1, 1) for i in range(20)] * 5


def test_an_idle_reader_ends_and_comes_back(small: Path) -> None:
    """Unused for its idle time the process is gone; a question then starts another, also if it went just then."""
    reader = Reader(idle=0.2)
    try:
        for _ in range(3):
            assert reader.size(small) == (1, 1)
            wait_until(lambda: reader.pid is None)
        for _ in range(10):
            assert reader.size(small) == (1, 1)
            threading.Event().wait(0.19)  # about the idle time: the process may go while we ask
    finally:
        reader.close()


def test_closing_leaves_nothing(small: Path) -> None:
    """No process, thread or descriptor remains, and closing twice is closing once."""
    before = _held()
    for _ in range(3):
        reader = Reader()
        reader.size(small)
        reader.close()
        reader.close()
    for _ in range(3):
        reader = Reader()
        reader.warm()
        reader.close()
    wait_until(lambda: _held() == before)


def _held() -> tuple[int, int, int]:
    me = psutil.Process()
    return me.num_fds(), me.num_threads(), len([p for p in me.children() if "scan.process" in " ".join(p.cmdline())])


def test_closing_ends_a_question_under_way(own: Reader, write: Write, small: Path) -> None:
    """Who waits for an answer is told, and is not left waiting."""
    other = write("other.csv", "a\n1\n")
    process = held(own, small)
    closer = when_at(own, other, own.close)
    with pytest.raises(DataError):
        own.summary(other)
    closer.join()
    wait_until(lambda: not process.is_running())


def test_the_kernel_has_one_reader(small: Path) -> None:
    """Everybody asks the same process, and after a shutdown a new one."""
    warm_reader()
    assert get_reader().size(small) == (1, 1)
    first = get_reader().pid
    assert get_reader().pid == first
    shutdown_reader()
    assert get_reader().pid is None
    assert get_reader().size(small) == (1, 1)
    shutdown_reader()


KERNEL = """
import sys
from cursus_rt_notebook.data.reader import get_reader
get_reader().size({small!r})
print(get_reader().pid, flush=True)
if {busy!r}:
    get_reader().summary({busy!r})
sys.stdin.read()
"""


@pytest.mark.parametrize("busy", [False, True])
def test_the_reader_dies_with_the_kernel(small: Path, slow: Path, busy: bool) -> None:  # noqa: FBT001  # a parameter
    """After SIGKILL of the kernel its reader is gone too, idle or in the middle of a question."""
    code = KERNEL.format(small=str(small), busy=str(slow) if busy else "")
    kernel = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    with kernel:
        assert kernel.stdout is not None
        process = psutil.Process(int(kernel.stdout.readline()))
        if busy:
            before = process.cpu_times().user
            wait_until(lambda: process.cpu_times().user > before + 0.1)
        kernel.kill()
        wait_until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, 2)


def test_a_thread_that_started_the_reader_may_end(own: Reader, small: Path) -> None:
    """A reader warmed by a thread outlives the thread."""
    thread = threading.Thread(target=own.size, args=(small,))
    thread.start()
    thread.join()
    first = pid_of(own)
    assert own.size(small) == (1, 1)
    assert own.pid == first


def test_a_forked_child_of_the_kernel_has_a_reader_of_its_own(small: Path) -> None:
    """A child that a user's multiprocessing forked never talks over the kernel's socket."""
    code = f"""
import os
from cursus_rt_notebook.data.reader import get_reader, shutdown_reader
get_reader().size({str(small)!r})
first = get_reader()
child = os.fork()
if not child:
    os._exit(0 if get_reader() is not first and get_reader().size({str(small)!r}) == (1, 1) else 1)
assert os.waitpid(child, 0)[1] == 0
assert first.size({str(small)!r}) == (1, 1)
shutdown_reader()
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, check=True, timeout=60)


def test_a_reader_that_cannot_start_says_so(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter without polars is an error with a way to see it, not a culprit."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    reader = Reader()
    with pytest.raises(DataError, match="could not start"):
        reader.size(small)
    reader.close()


def test_settings_are_the_limits_of_the_kernels_reader() -> None:
    """The kernel's reader keeps the limits that are written down."""
    reader = Reader()
    assert (reader._memory, reader._timeout) == (settings.READER_MEMORY, settings.READER_TIMEOUT)
    assert reader._idle == settings.IDLE_TIMEOUT


def test_a_copy_that_kills_the_reader_is_blamed_on_its_own_file(own: Reader, write: Write, small: Path) -> None:
    """Who asks about another file meanwhile gets an answer; the file that was copied is not paged again."""
    copied, other = write("copied.csv", "a\n1\n"), write("other.csv", "a\n2\n")
    process = held(own, small)
    link = own._link
    assert link is not None
    link._copying = str(copied)  # as the reader tells when it begins
    killer = when_at(own, other, process.kill)
    assert own.page(other).cells == (("2",),)
    killer.join()
    with pytest.raises(ReaderKilled, match=r"copied\.csv ended the process"):
        own.page(copied, sort="a")
    assert own.summary(copied).rows == 1
    copied.write_text("a\n1\n2\n")
    assert own.page(copied).total == 2


def test_a_large_file_may_take_longer(own: Reader, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time limit grows with the file, so that none is too large to be looked at."""
    monkeypatch.setattr(settings, "READER_SPEED", 1)
    reader = Reader(timeout=0)
    try:
        assert reader._limit({"files": [{"path": str(small)}]}) == 4
    finally:
        reader.close()


def test_one_condition_that_takes_too_long_does_not_forbid_the_others(small: Path, write: Write) -> None:
    """Only the same question about the same file is refused."""
    other = write("other.csv", "a\n1\n")
    reader = Reader(timeout=0.4)
    try:
        held(reader, small)
        with pytest.raises(ReaderKilled):
            reader.page(other, where="a > 0")
        with pytest.raises(ReaderKilled):
            reader.page(other, where="a > 0")
        assert reader.pid is None
        reader._timeout = 30
        assert reader.page(other, where="a > 1").matched == 0
    finally:
        reader.close()
