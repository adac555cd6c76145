"""Steps have no terminal."""

from __future__ import annotations

import pytest

from tests.worker.conftest import Steps


@pytest.mark.parametrize(("how", "error"), [("input", "EOFError"), ("breakpoint", "EOFError"), ("pdb", "BdbQuit")])
def test_P12_waiting_for_input_ends_at_once(steps: Steps, how: str, error: str):
    """input(), breakpoint() and pdb find the end of their input, and the log says why."""
    outcome = steps.run("ask.py", job_args={"how": how})
    assert outcome.ended == "raised"
    assert outcome.error is not None
    assert outcome.error["type"] == error
    assert "steps have no terminal" in steps.log
    assert outcome.seconds < 2


def test_P12_standard_input_is_empty(steps: Steps):
    """Reading it is no error, there just is nothing."""
    outcome = steps.run_text(
        "import os, sys\nreturn sys.stdin.read() + repr(os.read(0, 10)) + str(sys.stdout.isatty())"
    )
    assert outcome.result == repr("b''False")


def test_PYTHONBREAKPOINT_is_heeded(steps: Steps):
    """A step that declares it off has it off."""
    outcome = steps.run("ask.py", job_args={"how": "breakpoint"}, environ_vars={"PYTHONBREAKPOINT": "0"})
    assert outcome.ended == "succeeded"
