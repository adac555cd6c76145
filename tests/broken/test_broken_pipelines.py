"""Pipelines with one fault each: where it is found, and that fault, place and remedy are named.

A row for another fault: a folder below `pipelines/` with `pipeline.yaml` and its scripts, and a line in the table.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.errors import PipelineError
from tests.conftest import wait_until

PIPELINES = Path(__file__).parent / "pipelines"
DEADLINE = 60.0


@dataclass(frozen=True)
class Row:
    """One broken pipeline.

    `found` is "document", "preflight", "run", "flow" or "check"; `kind` the severity of a finding, or the kind of a
    step's failure. `says` is in the message, `remedy` in what to do; `place` is file:line of a fault or finding, or the
    step at which the run tells it.
    `gone` is a file that is taken away after the pipeline was loaded.
    """

    name: str
    found: str
    kind: str
    says: str
    place: str
    remedy: str
    step: str | None = "count"
    port: str | None = None
    gone: str = ""


def document(name: str, says: str, place: str, remedy: str) -> Row:
    """A fault of the document: nothing is loaded."""
    return Row(name, "document", "error", says, place, remedy)


def error(name: str, says: str, place: str, remedy: str, **more: str | None) -> Row:
    """What will surely stop a step, found before any runs."""
    return Row(name, "preflight", "error", says, place, remedy, **more)


def warning(name: str, says: str, place: str, remedy: str, **more: str | None) -> Row:
    """What may stop a step, or is wrong in another way."""
    return Row(name, "preflight", "warning", says, place, remedy, **more)


def run(name: str, kind: str, says: str, step: str, remedy: str) -> Row:
    """What only the run can find: the failure of a step."""
    return Row(name, "run", kind, says, step, remedy, step=step)


def flow(name: str, says: str, step: str, remedy: str) -> Row:
    """What a run finds in what flows, and goes on."""
    return Row(name, "flow", "warning", says, step, remedy, step=step)


def check(name: str, says: str, step: str, remedy: str) -> Row:
    """What a run pauses for without a failure: a check of a table."""
    return Row(name, "check", "check", says, step, remedy, step=step)


TABLE = [
    document("cycle", "steps wait for each other: make -> count -> make", "pipeline.yaml:9", "take away one of"),
    document("unknown_port", "step 'make' has no output 'flihgts'", "pipeline.yaml:8", "write make.flights"),
    document("unknown_step", "there is no step 'mkae'", "pipeline.yaml:8", "write make"),
    document("script_missing", "script 'cuont.py' is not in", "pipeline.yaml:7", "did you mean 'count.py'?"),
    document("input_missing", "there is no file or folder", "pipeline.yaml:8", "optional: true"),
    document("unknown_key", "'input' is not a key of the format", "pipeline.yaml:8", "write inputs"),
    document("not_yaml", "is not YAML", "pipeline.yaml:10", "close what is open"),
    error("syntax_error", "syntax error: '(' was never closed", "count.py:12", "mend the script"),
    error("syntax_error_in_helper", "syntax error in tools.py", "tools.py:1", "mend the module"),
    error(
        "package_missing", "imports 'a_package_that_nobody_has'", "count.py:5", "pip install a_package_that_nobody_has"
    ),
    error("package_of_another_name", "imports 'MySQLdb'", "count.py:5", "pip install mysqlclient"),
    error("package_missing_in_helper", "tools.py, which the script imports,", "tools.py:1", "pip install"),
    error("helper_misspelt", "imports 'toools'", "count.py:6", "did you mean 'tools', which is in the source folder?"),
    error("no_main", "the script has no main", "count.py:1", "add def main("),
    error(
        "wrong_signature",
        "found main(input_paths, output_paths, environ_vars, job_args, tracker)",
        "count.py:8",
        "four",
    ),
    error("input_nobody_provides", "which nothing provides", "count.py:10", "carriers: step.port", port="carriers"),
    error("input_misspelt", "takes input 'flihgts'", "count.py:9", "did you mean 'flights'?", port="flihgts"),
    error("output_undeclared", "writes to output 'rejects'", "count.py:13", "add it to the outputs", port="rejects"),
    warning("input_never_touched", "input 'carriers' is declared", "count.py:8", "take it out", port="carriers"),
    warning("output_never_touched", "output 'rejects' is declared", "count.py:8", "take it out", port="rejects"),
    warning("optional_input_demanded", "fails without it", "count.py:10", "optional: true, or ask", port="carriers"),
    error("environment_without_value", "A_TOKEN_NOBODY_HAS is required and has no value", "count.py:10", "os.environ["),
    error("variable_undeclared", "needs the variable LABLE", "count.py:12", "did you mean 'LABEL'?"),
    error("process_variable_undeclared", "A_COLUMN_NOBODY_NAMES", "count.py:9", "A_COLUMN_NOBODY_NAMES: null"),
    error("argument_undeclared", "reads job_args.min_cuont", "count.py:12", "did you mean 'min_count'?"),
    error("input_gone", "'carriers.csv' is no longer in", "", "put it back", port="carriers", gone="carriers.csv"),
    error("script_gone", "'count.py' is no longer in", "count.py", "put it back", gone="count.py"),
    error("script_in_another_encoding", "cannot be read: invalid or missing encoding", "count.py", "in UTF-8?"),
    error("script_not_text", "null bytes", "count.py", "mend the script"),
    run("column_misspelt", "StepFailed", "No column 'carier' in flights", "count", "make.flights"),
    run("nothing_written", "InputMissing", "make wrote nothing to 'flights'", "count", "look at make's log"),
    run("key_missing", "StepFailed", "count raised KeyError: 'AA'", "count", "line 9 of count.py"),
    run("error_returned", "StepFailed", "there is no flight of DL", "count", "log"),
    run("sys_exit", "StepFailed", "count called sys.exit", "count", "log"),
    run("os_exit", "StepCrashed", "count's process ended without reporting", "count", "os._exit"),
    run("segfault", "StepCrashed", "count's process was ended by SIGSEGV", "count", "library written in C"),
    run("over_time", "StepTimedOut", "count ran over its limit of 1 s", "count", "Raise `timeout:`"),
    run("over_memory", "StepOutOfMemory", "needed more memory than its limit of 200 MB", "count", "Raise `memory:`"),
    run("error_that_stays", "StepFailed", "at the last of 3 attempts", "count", "raise `attempts` or `backoff`"),
    run(
        "not_in_its_format", "StepFailed", "holds flights.csv, which is a parquet", "count", "See where make writes it"
    ),
    run("effect_refused", "EffectRefused", "connecting to 127.0.0.1:9 was refused", "count", "`effects: allow`"),
    run("output_left_empty", "OutputsMissing", "wrote nothing to 'counts'", "count", "must lie under output_paths"),
    flow("column_not_written", "there is no column 'distance'", "make", "carrier, dep_delay, in make.py"),
    check("check_failed", "1 value of dep_delay in flights is outside -60 to 5", "make", "find the step that made"),
    run("circuit_open", "CircuitOpen", "count failed 2 times in a row", "count", "session.rerun('count')"),
]


@pytest.fixture
def broken(tmp_path):
    """A copy of one broken pipeline's folder."""

    def copy(name):
        return Path(shutil.copytree(PIPELINES / name, tmp_path / name))

    return copy


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_fault_place_and_remedy_are_named(row, broken, tmp_path):
    """Each fault is found where its row says, and told as its row says."""
    folder = broken(row.name)
    told = {"document": _document, "preflight": _preflight, "run": _run, "flow": _flow, "check": _check}[row.found](
        row, folder, tmp_path
    )
    assert row.says in told["message"], told
    assert row.remedy in told["remedy"], told
    assert row.place in told["place"], told
    assert "Traceback" not in told["message"]


def _document(row, folder, _tmp_path):
    with pytest.raises(PipelineError) as caught:
        crt.load_pipeline(folder / "pipeline.yaml")
    (fault,) = caught.value.faults
    return {"message": fault.message, "remedy": fault.fix, "place": f"{fault.file}:{fault.line}"}


def _preflight(row, folder, _tmp_path):
    pipeline = crt.load_pipeline(folder / "pipeline.yaml")
    if row.gone:
        (folder / row.gone).unlink()
    findings = pipeline.preflight()
    # A misspelt name is one fault seen from two sides: what is used, and what is left over.
    (found,) = [finding for finding in findings if finding.severity == row.kind][:1]
    assert [f for f in findings if f.severity == "error"] == ([found] if row.kind == "error" else [])
    assert (found.step, found.port) == (row.step, row.port)
    return {"message": found.message, "remedy": found.fix, "place": f"{found.file}:{found.line}"}


def _run(row, folder, tmp_path):
    session = crt.execute_pipeline_with_breakpoints(folder / "pipeline.yaml", None, tmp_path / "workspace")
    try:
        assert not [finding for finding in session.pipeline.preflight() if finding.severity == "error"]
        pause = session.resume()
        assert pause.step == row.step
        assert pause.error.kind == row.kind, pause.error
        return {"message": pause.error.summary, "remedy": " ".join(pause.error.recommendations), "place": pause.step}
    finally:
        session.close()


def _flow(row, folder, tmp_path):
    session = crt.execute_pipeline_with_breakpoints(folder / "pipeline.yaml", None, tmp_path / "workspace")
    try:
        assert session.resume() is None
        wait_until(lambda: session[row.step].state.findings)
        (found,) = session[row.step].state.findings
        assert found.severity == row.kind
        return {"message": found.message, "remedy": found.fix, "place": found.step}
    finally:
        session.close()


def _check(row, folder, tmp_path):
    session = crt.execute_pipeline_with_breakpoints(folder / "pipeline.yaml", None, tmp_path / "workspace")
    try:
        pause = session.resume()
        assert pause.when == row.kind
        (found,) = [check for check in pause.checks if check.failed]
        assert found.keys == (("AA",),)
        return {"message": found.message, "remedy": found.fix, "place": pause.step}
    finally:
        session.close()


@pytest.mark.parametrize("row", [row for row in TABLE if row.found != "document"], ids=lambda row: row.name)
def test_none_hangs_and_none_gives_a_bare_traceback(row, broken, tmp_path):
    """Run in spite of what preflight says, each ends in time, and a failure speaks in words."""
    folder = broken(row.name)
    session = crt.execute_pipeline_with_breakpoints(folder / "pipeline.yaml", None, tmp_path / "workspace")
    try:
        if row.gone:
            (folder / row.gone).unlink()
        started = time.monotonic()
        pauses = [session.resume()]
        if pauses[0] is not None and pauses[0].when == "preflight":
            pauses.append(session.resume())
        assert time.monotonic() - started < DEADLINE
        last = pauses[-1]
        if row.kind != "warning" or last is not None:
            assert last.step == row.step
            told = last.reason if row.found == "check" else last.error.summary or last.error.title
            assert told
            assert "Traceback" not in told
    finally:
        session.close()
