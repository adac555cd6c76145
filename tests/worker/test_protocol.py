"""Frames on sockets and on the report pipe."""

from __future__ import annotations

import os
import socket
import struct
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cursus_rt_notebook.worker.inside import pip_calls, protocol


def pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair()


def test_a_message_of_any_length_arrives_with_its_descriptors():
    """Longer than any buffer; the descriptors are those of the sender's files."""
    one, two = pair()
    read, write = os.pipe()
    message = {"text": "\ud800 x" * 1_000_000}
    sender = threading.Thread(target=protocol.send, args=(one, message, (write,)))
    sender.start()
    got, fds = protocol.receive(two)
    sender.join()
    assert got == message
    os.write(fds[0], b"hello")
    assert os.read(read, 5) == b"hello"
    for fd in (read, write, *fds):
        os.close(fd)
    one.close()
    two.close()


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_peer_that_is_gone_is_none(*, reset: bool):
    """An end and a reset connection both mean that nobody is there."""
    one, two = pair()
    if reset:
        one.sendall(struct.pack("!I", 100) + b"half")
        two.sendall(b"unread data makes the close a reset")
    one.close()
    assert protocol.receive(two) == (None, [])
    two.close()


@given(st.lists(st.one_of(st.text(max_size=20), st.integers()), max_size=5), st.integers(1, 64), st.integers(0, 3))
def test_reports_come_out_of_any_pieces(values: list, size: int, extra: int):
    """However the pipe cuts them, reports and notes come out whole and in order."""
    read, write = os.pipe()
    report = {"values": values, "long": "z" * 5000 * extra}
    protocol.write_note(write, protocol.OPENED, ["/a", 1, 2])
    protocol.write_report(write, report)
    protocol.write_note(write, protocol.PIP, "x" * 10_000)  # too long for a frame: dropped
    protocol.write_note(write, protocol.PIP, "numpy")
    os.close(write)
    with os.fdopen(read, "rb") as file:
        data = file.read()
    frames = protocol.Frames()
    got = [found for i in range(0, len(data), size) for found in frames.feed(data[i : i + size])]
    assert got == [(protocol.OPENED, ["/a", 1, 2]), (protocol.REPORT, report), (protocol.PIP, "numpy")]


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("pip install numpy", ["numpy"]),
        ("pip3.11 install -q -U 'numpy<2' pandas==1.5", ["numpy<2", "pandas==1.5"]),
        ("python -m pip --quiet install --index-url https://u:p@h/s x -r req.txt", ["x", "-r req.txt"]),
        ("/usr/bin/env PIP_X=1 python3 -m pip install y", ["y"]),
        ("uv pip install z", ["z"]),
        ("pip uninstall -y boto3", ["boto3"]),
        ("pip list", None),
        ("pip --version", None),
        ("pipeline install x", None),
        ("python -m build", None),
        ("echo pip install x", None),
        ("apt-get install x", None),
    ],
)
def test_calls_of_pip_are_recognised(command: str, wanted: list[str] | None):
    """Those that would change what is installed, and no others; options' values are no requirements."""
    import shlex

    assert pip_calls.requirements(shlex.split(command)) == wanted


@pytest.mark.parametrize(
    ("command", "left"),
    [
        ("pip install a && echo b", " true && echo b"),
        ("cd x; python -m pip install -r y; ls", "cd x; true ; ls"),
        ("echo 'pip install a; b'", "echo 'pip install a; b'"),
        ("ls | grep x", "ls | grep x"),
    ],
)
def test_a_shell_command_keeps_its_other_parts(command: str, left: str):
    """Only the call of pip is taken out."""
    assert pip_calls.without_pip(command)[0] == left
