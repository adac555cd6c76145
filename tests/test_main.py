"""The command line, as a user's shell sees it."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest
import ruamel.yaml


def write(project, pipeline):
    path = project.path / "small.pipeline.yaml"
    pipeline = {**pipeline, "source_dir": "."}
    ruamel.yaml.YAML(typ="safe").dump(pipeline, path)
    return path


def command(project, *options):
    return [
        sys.executable,
        "-m",
        "cursus_rt_notebook",
        "run",
        *map(str, options),
        "--workspace",
        str(project.workspace),
    ]


def run(project, *options):
    return subprocess.run(command(project, *options), capture_output=True, text=True, timeout=60, check=False)


def test_a_run_that_finishes_has_status_0(project):
    """And says how each step ended."""
    path = write(project, project.chain("a", "b"))
    done = run(project, path)
    assert done.returncode == 0, done.stderr
    assert "b" in done.stdout


def test_a_breakpoint_without_a_terminal_prints_the_pause_and_has_status_3(project):
    """The pause shows why it stopped and the table."""
    path = write(project, project.chain("a", "b"))
    done = run(project, path, "--break", "a")
    assert done.returncode == 3, done.stderr
    assert "breakpoint after a" in done.stdout
    assert "step" in done.stdout


def test_a_failure_has_status_1_and_is_told(project):
    """With the error and what to do."""
    pipeline = project.chain("a", "b")
    project.script("b", "raise ValueError('not today')")
    done = run(project, write(project, pipeline))
    assert done.returncode == 1
    assert "not today" in done.stdout + done.stderr


def test_a_wrong_document_has_status_1_and_names_the_place(project):
    """Nothing runs."""
    pipeline = project.chain("a", "b")
    pipeline["steps"]["b"]["inputs"]["data"] = "aa.out"
    done = run(project, write(project, pipeline))
    assert done.returncode == 1
    assert "small.pipeline.yaml" in done.stderr
    assert not project.workspace.exists()


def test_at_a_terminal_a_pause_is_a_prompt(project):
    """`pause` and `session` are there; leaving the prompt goes on."""
    path = write(project, project.chain("a", "b"))
    controller, terminal = pty.openpty()
    environ = {**os.environ, "TERM": "xterm", "IPYTHONDIR": str(project.path / "ipython")}
    process = subprocess.Popen(
        command(project, path, "--break", "a"), stdin=terminal, stdout=terminal, stderr=terminal, env=environ
    )
    os.close(terminal)
    shown = read_until(controller, b"In [1]")
    os.write(controller, b"print('shape', pause['out'].shape)\n")
    shown += read_until(controller, b"In [2]")
    assert b"shape (1, 1)" in shown
    os.write(controller, b"\x04")
    shown += read_until(controller, None)
    assert process.wait(30) == 0, shown.decode(errors="replace")
    os.close(controller)


def read_until(fd, text, seconds=40):
    """What a terminal shows until `text` comes, or until it closes."""
    shown, deadline = b"", time.monotonic() + seconds
    while text is None or text not in shown:
        assert time.monotonic() < deadline, shown.decode(errors="replace")
        if not select.select([fd], [], [], 1)[0]:
            continue
        try:
            shown = plain(shown + os.read(fd, 65536))
        except OSError:  # closed
            if text is None:
                return shown
            pytest.fail(shown.decode(errors="replace"))
    return shown


def plain(shown):
    """Without the control sequences that an editor of lines needs."""
    return re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", shown)
