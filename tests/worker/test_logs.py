"""The log: cleaned, masked, stamped, bounded."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cursus_rt_notebook import settings
from cursus_rt_notebook.redact import Redactor
from cursus_rt_notebook.settings import MIB
from cursus_rt_notebook.worker.launch import Progress
from cursus_rt_notebook.worker.logs import LogWriter, read_log, tail
from tests.worker.conftest import Steps


def logged(tmp_path: Path, *pieces: bytes, secrets: tuple[str, ...] = ()) -> list[str]:
    """The lines that a log keeps of these pieces."""
    writer = LogWriter(tmp_path / "log", Redactor(secrets))
    for piece in pieces:
        writer.feed(piece)
    writer.close()
    return [line.text for line in read_log(tmp_path / "log")]


def test_P11_raw_bytes_do_not_disturb_the_result(steps: Steps):
    """Invalid bytes are replaced, what a shell prints is there, and the report is intact."""
    outcome = steps.run("raw_bytes.py")
    assert outcome.ended == "succeeded"
    assert steps.log.splitlines() == ['\ufffd{"succeeded": true}', "bad \ufffd( utf", "from a shell"]


@pytest.mark.parametrize("kind", ["lines", "one line"])
def test_P13_a_flood_is_bounded(steps: Steps, kind: str):
    """A million lines, or one line of 200 MB: a bounded file that counts what is not there, and little memory."""
    before = psutil.Process().memory_info().rss
    outcome = steps.run("flood.py", job_args={"kind": kind})
    assert outcome.ended == "succeeded"
    assert psutil.Process().memory_info().rss - before < 30 * MIB
    assert steps.log_path.stat().st_size < 2 * (settings.LOG_HEAD + settings.LOG_TAIL) + MIB
    assert "bytes" in steps.log
    assert "left out" in steps.log
    assert steps.log.endswith("the end")
    assert outcome.log_tail.endswith("the end")
    if kind == "lines":
        assert steps.log.startswith("line 0 of a flood")
        assert "\nline 999 of a flood" in steps.log[-200:]
    assert outcome.seconds < 15


def test_the_count_of_dropped_bytes_is_exact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Head, tail and the number between them add up to what was printed."""
    monkeypatch.setattr(settings, "LOG_HEAD", 1000)
    monkeypatch.setattr(settings, "LOG_TAIL", 1000)
    pieces = [f"line {i:06}\n".encode() * 7 for i in range(1000)]
    lines = logged(tmp_path, *pieces)
    dropped = next(line for line in lines if "left out" in line)
    number = int(dropped.split()[1].replace(",", ""))
    kept = sum(len(line) + 1 for line in lines if line is not dropped)
    assert kept + number == sum(map(len, pieces))
    assert lines[0] == "line 000000"
    assert lines[-1] == "line 000999"


def test_a_log_is_written_as_it_comes(steps: Steps):
    """The file can be followed while the step runs, and progress tells the last line, ended or not."""
    seen: list[str] = []
    lines: list[str] = []

    def look(progress: Progress) -> None:
        lines.append(progress.last_line)
        seen.append(steps.log)

    path = steps.write(
        "scripts/slow.py",
        "import time, sys\ndef main(input_paths, output_paths, environ_vars, job_args):\n"
        "    print('first')\n    time.sleep(0.4)\n    sys.stdout.write('half')\n    sys.stdout.flush()\n    time.sleep(0.6)\n",
    )
    outcome = steps.start(path).wait(look)
    assert outcome.ended == "succeeded"
    assert any(text.startswith("first") for text in seen[:-1])
    assert "half" in lines
    assert steps.log == "first\nhalf"


def test_python_streams_are_line_buffered(steps: Steps):
    """What goes to stdout and stderr comes in the order in which they were written."""
    steps.run_text("import sys\nfor i in range(3):\n    print(i)\n    print(-i, file=sys.stderr)")
    assert steps.log.split() == ["0", "0", "1", "-1", "2", "-2"]


def test_lines_are_stamped(tmp_path: Path):
    """Each line carries the time at which it was read; `tail` gives the last ones."""
    logged(tmp_path, b"a\nb\n", b"c")
    lines = read_log(tmp_path / "log")
    assert [line.text for line in lines] == ["a", "b", "c"]
    assert all(line.time and abs(line.time - datetime.now(UTC)) < timedelta(seconds=10) for line in lines)
    assert [line.text for line in tail(tmp_path / "log", 2)] == ["b", "c"]
    assert read_log(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        (b"10%\r20%\r30%\n", ["30%"]),
        (b"10%\r20%\r30%\r\n", ["30%"]),
        (b"dos line\r\n", ["dos line"]),
        (b"\x1b[31mred\x1b[0m \x1b[2Kplain\x1b[1A\n", ["\x1b[31mred\x1b[0m plain"]),
        (b"\x1b]0;title\x07text\x1b]8;;http://x\x1b\\link\n", ["textlink"]),
        (b"be\x07ll nul\x00 tab\tkept\n", ["bell nul tab\tkept"]),
        (b"\x1b(Bcharset\x1b=\x1b7\n", ["charset"]),
        ("\u009b31mC1\n".encode(), ["31mC1"]),
        (b"\n\nempty lines\n\n", ["", "", "empty lines", ""]),
        (b"no end", ["no end"]),
        (b"tr\xc3\xa4umt\xff\n", ["tr\u00e4umt\ufffd"]),
    ],
)
def test_a_line_is_cleaned(tmp_path: Path, printed: bytes, kept: list[str]):
    """Progress is folded, control sequences but colours go, invalid UTF-8 is replaced; however it comes in pieces."""
    assert logged(tmp_path, printed) == kept
    assert logged(tmp_path, *(printed[i : i + 1] for i in range(len(printed)))) == kept


def test_a_progress_bar_without_lines_needs_no_memory(tmp_path: Path):
    """Ten million steps of a bar are one line."""
    pieces = [f"\r{i:>8} of 100000".encode() for i in range(20_000)]
    assert logged(tmp_path, *pieces) == ["   19999 of 100000"]


def test_K3_a_secret_split_over_two_writes_is_masked(tmp_path: Path):
    """Wherever the pieces are cut, no part of the secret is in the file."""
    printed = b"token hunter2hunter2 used\n"
    for cut in range(len(printed)):
        assert logged(tmp_path, printed[:cut], printed[cut:], secrets=("hunter2hunter2",)) == ["token *** used"]


def test_K3_half_a_secret_is_not_shown_as_progress(tmp_path: Path):
    """Of a line that has not ended, as much is held back as may be the beginning of a secret."""
    writer = LogWriter(tmp_path / "log", Redactor(("hunter2hunter2",)))
    writer.feed(b"the token is hunter2h")
    assert "hunter" not in writer.last_line()
    writer.feed(b"unter2 and more text here, enough of it")
    assert "the token is ***" in writer.last_line()
    writer.close()


def test_K1_a_secret_at_the_limit_of_a_line_is_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Where a long line is cut, no half of a secret remains."""
    monkeypatch.setattr(settings, "LOG_LINE", 100)
    for before in range(80, 110):
        (line,) = logged(tmp_path, b"x" * before + b"hunter2hunter2" * 3 + b"\n", secrets=("hunter2hunter2",))
        assert "hunt" not in line
        assert "left out" in line


def test_K1_a_secret_of_several_lines_is_masked(tmp_path: Path):
    """A key file printed line by line."""
    key = "-----BEGIN KEY-----\nAAAABBBBCCCC\nDDDDEEEEFFFF\n-----END KEY-----"
    text = "\n".join(logged(tmp_path, *(line + b"\n" for line in key.encode().split(b"\n")), secrets=(key,)))
    assert "BBBB" not in text
    assert "EEEE" not in text


def test_K6_a_credential_in_a_url_is_masked(tmp_path: Path):
    """As pip's index URL has it when its call fails."""
    (line,) = logged(tmp_path, b"--index-url https://aws:TOKEN@host/simple failed\n")
    assert "TOKEN" not in line
    assert "https://***@host" in line


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_bytes_make_a_log_that_reads_back(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]):
    """Whatever is printed, each line is whole, printable and without control characters but colours and tabs."""
    folder = tmp_path_factory.mktemp("log")
    for line in logged(folder, *pieces):
        assert all(c in "\t\x1b" or c.isprintable() or ord(c) > 0x9F for c in line)


@given(st.binary(max_size=400), st.integers(1, 50))
def test_pieces_do_not_matter(tmp_path_factory: pytest.TempPathFactory, printed: bytes, size: int):
    """The same bytes make the same lines, in whatever pieces they come."""
    folder = tmp_path_factory.mktemp("log")
    whole = logged(folder, printed)
    assert logged(folder, *(printed[i : i + size] for i in range(0, len(printed), size))) == whole


def test_error_lines_are_collected(steps: Steps):
    """What logging marks as ERROR, in its usual formats, at most twenty; other words are none."""
    outcome = steps.run_text(
        "import logging, sys\n"
        "logging.basicConfig(format='%(asctime)s - %(levelname)s - %(message)s')\n"
        "logging.error('one')\n"
        "print('ERROR:root:two'); print('[ERROR] three'); print('2024 ERROR four')\n"
        "print('no ERRORS here'); print('an error')\n"
    )
    assert outcome.ended == "succeeded"
    assert [line.split()[-1].split(":")[-1] for line in outcome.error_lines] == ["one", "two", "three", "four"]
    outcome = steps.run_text("for i in range(100): print('ERROR: again')")
    assert len(outcome.error_lines) == 20


def test_a_log_that_cannot_be_written_does_not_end_the_step(steps: Steps):
    """A full disk is a warning."""
    steps.log_path.mkdir()
    outcome = steps.run_text("print('x')\nreturn 1")
    assert outcome.ended == "succeeded"
    assert outcome.log_tail == "x"
    assert "log could not be written" in outcome.warnings[0]


def test_K1_secrets_are_masked_everywhere(steps: Steps):
    """In the log, the message, the variables, the traceback, the cause and the result."""
    secret = "canary-48151623"
    steps.redactor = Redactor((secret,))
    outcome = steps.run_text(
        "token = environ_vars['API_TOKEN']\nprint(token)\n"
        "try:\n    raise KeyError(token)\nexcept KeyError as error:\n    raise ValueError('bad ' + token) from error",
        environ_vars={"API_TOKEN": secret},
    )
    assert outcome.ended == "raised"
    assert secret not in json.dumps(outcome.error)
    assert secret not in steps.log + outcome.log_tail
    assert (
        secret
        not in steps.run_text("import os\nreturn os.environ['API_TOKEN']", environ_vars={"API_TOKEN": secret}).result
    )


def test_reading_stays_fast(tmp_path: Path):
    """A hundred megabytes of lines are taken in a few seconds at most: the kernel keeps up with the script."""
    block = b"".join(b"%d some text of a usual line that a script logs\n" % i for i in range(20_000))
    writer = LogWriter(tmp_path / "log", Redactor(("a-secret",)))
    begun = time.process_time()
    for _ in range(100 * MIB // len(block)):
        writer.feed(block)
    writer.close()
    assert time.process_time() - begun < 4
    assert (tmp_path / "log").stat().st_size < 6 * MIB
