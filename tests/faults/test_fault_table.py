"""The fault table: one script a row, and what a session makes of it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.faults.conftest import SCRIPTS, messages


@dataclass(frozen=True)
class Row:
    """A script, how its step is set up, and how the run must end.

    `status` is that of the session after one `resume`; `kind` and `title` of the failure; `says` must be in the log, or
    in what the failure or the findings say.
    """

    script: str
    status: str = "finished"
    kind: str | None = None
    title: str | None = None
    says: str = ""
    step: dict[str, Any] = field(default_factory=dict)


def fails(script: str, kind: str, title: str | None = None, says: str = "", **step: Any) -> Row:
    return Row(script, "paused", kind, title, says, step)


def ends(script: str, says: str = "", **step: Any) -> Row:
    return Row(script, says=says, step=step)


TABLE = [
    fails("P1_segfault", "StepCrashed", "SIGSEGV", "about to crash"),
    fails("P2_exit_0_without_report", "StepCrashed", "ended early", "without reporting"),
    fails("P3_sigkill", "StepCrashed", "SIGKILL", "memory"),
    ends("P4_exit_0"),
    ends("P4_exit_none"),
    fails("P4_exit_1", "StepFailed", "exit 1"),
    fails("P4_exit_text", "StepFailed", says="no rows left after the filter"),
    fails("P5_hangs", "StepTimedOut", "timed out", "limit of 1 s", timeout=1),
    fails("P6_ignores_sigterm", "StepTimedOut", "timed out", timeout=1),
    fails("P9_out_of_memory", "StepOutOfMemory", "out of memory", "300 MB", memory="300MB"),
    fails("P9_memory_error", "StepFailed", "MemoryError"),
    ends("P10_pool"),
    ends("P11_raw_bytes", says='\ufffd{"ended": "succeeded"}'),
    fails("P12_input", "StepFailed", "EOFError", "terminal"),
    fails("P12_breakpoint", "StepFailed", says="terminal"),
    ends("P13_flood", says="left out"),
    ends("P14_thread", says="thread"),
    ends("P15_big_result"),
    fails("P15_error_result", "StepFailed", "returned an error", "no method selected a feature"),
    fails("P16_import_error", "DependencyMissing", "ModuleNotFoundError", "pip install a_package_that_nobody_has"),
    fails("P17_hostile_exception", "StepFailed", "Nasty"),
    fails("S2_disk_full", "StepFailed", "OSError", "File too large"),
    ends("S7_nothing_written", says="wrote nothing to 'out'"),
    fails("S7_nothing_written", "OutputsMissing", says="out", outputs={"out": {"required": True}}),
    ends("S7_extra_written", says="stray.txt"),
    fails("N4_symlink_out", "WorkspaceError", "outputs not kept", "t.csv"),
    fails("N4_fifo_out", "WorkspaceError", "outputs not kept", "pipe"),
    fails("L4_kills_its_group", "StepCrashed", "SIGKILL"),
    ends("L6_pip_install", says="pip is not run here"),
    fails("X01_deep_recursion", "StepFailed", "RecursionError"),
    fails("X02_huge_message", "StepFailed", "ValueError"),
    fails("X03_base_exception", "StepFailed", "Panic", "thread panicked"),
    fails("X04_exception_group", "StepFailed", "ExceptionGroup", "several"),
    ends("X05_closes_descriptors"),
    ends("X06_fork_returns"),
    fails("X07_exec", "StepCrashed", says="without reporting"),
    fails("X08_abort", "StepCrashed", "SIGABRT"),
    ends("X09_deletes_outputs", says="wrote nothing to 'out'"),
    ends("X10_unreadable_outputs"),
    ends("X11_no_stdout"),
    ends("X12_breaks_json"),
    fails("X13_deletes_cwd", "StepFailed", "ValueError", "after the folder is gone"),
    ends("X14_atexit_raises"),
    ends("X15_atexit_hangs"),
    fails("X16_async_main", "WrongSignature", says="a coroutine"),
    fails("X17_generator_main", "WrongSignature", says="a generator"),
    fails("X18_no_main", "MainMissing", says="main"),
    fails("X19_wrong_signature", "WrongSignature", says="input_paths"),
    fails("X20_syntax_error", "ScriptSyntaxError", "SyntaxError", "line 4"),
    fails("X21_null_bytes", "ScriptSyntaxError", "unreadable"),
    fails("X22_latin_1", "ScriptSyntaxError", "SyntaxError"),
    fails("X23_alarm", "StepCrashed", "SIGALRM"),
    ends("X24_stderr_errors", says="method chi2 failed"),
    ends("X25_zombie_thread_crash"),
    fails("X26_hostile_locals", "StepFailed", "ValueError", "look at my locals"),
    fails("X27_typo", "StepFailed", "KeyError", "dep_delay"),
    fails("X28_missing_file", "StepFailed", "FileNotFoundError", "flights.csv"),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.script + ("_required" if "outputs" in row.step else ""))
def test_fault(row, project):
    """Each fault ends as its row says."""
    shutil.copy(SCRIPTS / f"{row.script}.py", project.path / "faulty.py")
    data = project.path / "data"
    data.mkdir()
    (data / "flights.csv").write_text("dep_delay,carrier\n1,UA\n")
    step = {"inputs": {"data": {"path": str(data)}}, "outputs": ["out"], **row.step}
    session = project.session(project.pipeline({"faulty": step}))
    if row.script.startswith(("P16", "X16", "X17", "X18", "X19", "X20", "X21", "X22")):
        assert session.resume().when == "preflight"
    session.resume()
    view = session["faulty"]
    assert session.status == row.status, view.error
    failure = view.error
    if row.kind:
        assert failure.kind == row.kind, failure
    if row.title:
        assert failure.title == row.title
    told = [view.log, messages(session), messages(session, "faulty")]
    if failure:
        told += [failure.summary, failure.advice]
        assert view.state.artifact is None, "a failure keeps no output"
    assert row.says in "\n".join(told)
