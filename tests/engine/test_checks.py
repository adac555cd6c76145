"""Checks in a run: what warns, what pauses, what consumers and the recorded good run have to say."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from cursus_rt_notebook.data.checks.baseline import Baseline
from cursus_rt_notebook.data.reader import get_reader
from cursus_rt_notebook.engine import checking
from cursus_rt_notebook.errors import CommandRefused, PipelineError
from tests.conftest import wait_until

ROWS = [(i, "UA" if i % 2 else "AA", i * 10) for i in range(50)]
READS = """
import pandas as pd
df = pd.read_csv(Path(input_paths["data"]) / "t.csv")
df["twice"] = 2 * df["delay"]
df.to_csv(Path(output_paths["out"]) / "t.csv", index=False)
"""


def table(rows: list[tuple[Any, ...]] = ROWS, head: str = "flight,carrier,delay") -> str:
    """The body of a script that writes this table."""
    text = "\n".join([head, *(",".join(map(str, row)) for row in rows)]) + "\n"
    return f'write("out", "t.csv", {text!r})'


@pytest.fixture
def pair(project):
    """A pipeline of two steps: `a` writes flights, `b` reads their delay."""
    project.script("a", table())
    project.script("b", READS)

    def made(top: dict[str, Any] | None = None, expects: str | None = None, **output: Any) -> dict[str, Any]:
        source: Any = {"step": "a", "port": "out", "schema": expects} if expects else "a.out"
        steps = {"a": {"outputs": {"out": output}}, "b": {"inputs": {"data": source}, "outputs": ["out"]}}
        return project.pipeline(steps, **(top or {}))

    return made


def settled(session: Any) -> Any:
    """The session, once everything in the background is done."""
    wait_until(lambda: not session._driver.unsettled)
    return session


def findings(session: Any, step: str = "a") -> list[str]:
    """The messages of a step's findings."""
    return [finding.message for finding in settled(session)[step].state.findings]


def test_a_failed_check_pauses_with_its_rows(project, pair):
    """The run stops before the next step, and the pause tells the rows by their key."""
    checks = {"range": {"delay": [0, 470]}, "key": ["carrier", "flight"], "on_failure": "pause"}
    session = project.session(pair(checks=checks))
    pause = session.resume()
    assert (pause.when, pause.step, session["b"].status) == ("check", "a", "waiting")
    (check,) = pause.checks
    assert (check.failing, check.rows, check.keys) == (2, (48, 49), (("AA", "48"), ("UA", "49")))
    assert list(pause[check.table].query(check.where)["flight"]) == [48, 49]
    assert pause.reason == "check failed: 2 values of delay in out are outside 0 to 470"
    assert 'pause["out"].query(' in repr(pause)
    assert "outside 0 to 470" in pause._repr_html_()
    assert session.resume() is None
    assert session.status == "finished"
    assert [one.kind for one in session["a"].checks] == ["range"]


def test_a_failed_check_warns_where_nothing_else_is_said(project, pair):
    """The run goes on; the step has the finding, with port and remedy."""
    session = project.session(pair(checks={"missing": {"delay": 0.0}, "unique": ["carrier"]}))
    assert session.resume() is None
    (finding,) = settled(session)["a"].state.findings
    assert (finding.severity, finding.port, bool(finding.fix)) == ("warning", "out", True)
    assert finding.message == "50 rows of out have the carrier of another"
    assert [check.passed for check in session["a"].checks] == [True, False]


def test_a_cached_result_is_checked_without_a_reader(project, pair, monkeypatch):
    """What was found out about the same content is remembered; other checks are made anew."""
    session = project.session(pair(checks={"range": {"delay": [0, 470]}}))
    session.resume()
    before = settled(session)["a"].checks
    monkeypatch.setattr(checking, "get_reader", lambda: pytest.fail("the reader was asked again"))
    again = project.session(pair(checks={"range": {"delay": [0, 470]}, "on_failure": "pause"}))
    pause = again.resume()
    assert (again["a"].status, pause.when) == ("cached", "check")
    assert [(c.rows, c.on_failure) for c in pause.checks] == [(c.rows, "pause") for c in before]
    monkeypatch.undo()
    other = project.session(pair(checks={"range": {"delay": [0, 480]}}))
    other.resume()
    assert settled(other)["a"].checks[0].rows == (49,)


def test_each_channel_is_checked(project):
    """A check of a port holds for all its channels."""
    project.script("a", 'write("out", "train/t.csv", "n\\n1\\n"); write("out", "val/t.csv", "n\\n9\\n")')
    output = {"channels": ["train", "val"], "checks": {"range": {"n": [0, 5]}}}
    session = project.session(project.pipeline({"a": {"outputs": {"out": output}}}))
    session.resume()
    told = [(check.table, check.passed) for check in settled(session)["a"].checks]
    assert told == [("out/train", True), ("out/val", False)]


def test_nothing_configured_and_nothing_wrong_says_nothing(project, pair):
    """No check, no finding."""
    session = project.session(pair())
    session.resume()
    for step in ("a", "b"):
        assert findings(session, step) == []
        assert session[step].checks == ()


def test_a_column_that_the_next_script_reads_and_nobody_writes(project, pair):
    """Both steps, the line, the port and the remedy, before the next step has even failed."""
    project.script("a", table(head="flight,carrier,delays"))
    session = project.session(pair(), breakpoints=["b:before"])
    session.resume()
    (finding,) = settled(session)["a"].state.findings
    line = (project.path / "b.py").read_text().splitlines().index('    df["twice"] = 2 * df["delay"]') + 1
    assert finding.message == f"b reads 'delay' of data (b.py, line {line}), and a writes no such column to out"
    assert (finding.severity, finding.port, finding.fix) == ("warning", "out", "did you mean 'delays'?")


def test_an_incompatible_table_pauses_where_the_user_chose_so(project, pair):
    """The choice holds for what consumers expect, too."""
    project.script("a", table(head="flight,carrier,late"))
    session = project.session(pair(checks={"on_failure": "pause"}))
    pause = session.resume()
    assert (pause.when, pause.step) == ("check", "a")
    assert "b reads 'delay'" in pause.reason


def test_the_user_s_own_file_is_told_when_the_step_that_reads_it_failed(project):
    """A failed step says which column its file lacks."""
    (project.path / "raw.csv").write_text("flight,dep_delay\n1,2\n")
    body = 'import pandas as pd\ndf = pd.read_csv(input_paths["raw"])\ndf["dep_dely"].to_csv(output_paths["out"] + "/t.csv")'
    project.script("a", body)
    source = {"path": str(project.path / "raw.csv")}
    session = project.session(project.pipeline({"a": {"inputs": {"raw": source}, "outputs": ["out"]}}))
    assert session.resume().when == "failed"
    (message,) = findings(session)
    assert "a reads 'dep_dely' of raw (a.py, line" in message
    assert "raw.csv has no such column" in message


SCHEMA = "columns: {{flight: {{dtype: '{}', greater_than: -1}}, carrier: {{dtype: str}}, delay: {{dtype: int64, less_than: 490}}}}"


def test_a_schema_of_the_consumer(project, pair):
    """Types by level, values by pandera: the finding names both steps and the schema."""
    schema = project.path / "s.yaml"
    schema.write_text(SCHEMA.format("datetime64[ns]"))
    session = project.session(pair(expects=str(schema)))
    session.resume()
    told = findings(session)
    assert any("b cannot use what a writes to out: flight is int64, not datetime" in one for one in told)
    assert any("delay breaks less_than(490) of s.yaml in 1 row" in one for one in told)
    schema.write_text(SCHEMA.format("int64").replace("490", "500"))
    again = project.session(pair(expects=str(schema)))
    again.resume()
    assert findings(again) == []
    assert [check.passed for check in again["a"].checks] == [True]


def test_a_schema_of_the_producer(project, pair):
    """An output's own schema is a check of it, with rows."""
    schema = project.path / "s.yaml"
    schema.write_text(SCHEMA.format("int64"))
    session = project.session(pair(checks={"key": ["flight"], "on_failure": "pause"}, schema=str(schema)))
    pause = session.resume()
    (check,) = pause.checks
    assert (check.kind, check.rows, check.keys, check.where) == ("schema", (49,), (("49",),), '"delay" >= 490')


def test_a_column_that_a_schema_asks_for_is_named(project, pair):
    """And one that it does not allow."""
    schema = project.path / "s.yaml"
    columns = "flight: {dtype: int64}, distance: {dtype: int64}"
    schema.write_text(f"schema_type: dataframe\nstrict: true\ncolumns: {{{columns}}}")
    session = project.session(pair(schema=str(schema)))
    session.resume()
    told = findings(session)
    assert "there is no column 'distance' in out, which s.yaml asks for" in told
    assert any(
        one.startswith("there is a column 'carrier'") and one.endswith("s.yaml does not allow") for one in told
    ), told


def test_a_schema_that_is_none_is_a_finding(project, pair):
    """The run goes on."""
    schema = project.path / "s.yaml"
    schema.write_text("columns: [")
    session = project.session(pair(schema=str(schema)))
    assert session.resume() is None
    (message,) = findings(session)
    assert message.startswith("out could not be checked: s.yaml is no pandera schema: line 1: ")
    assert [check.passed for check in session["a"].checks] == [None]


@pytest.mark.parametrize(
    "body",
    [
        'write("out", "t.csv", "")',
        'write("out", "t.parquet", "PAR1 and nothing else PAR1")',
        'write("out", "x.csv", "a\\n1\\n"); write("out", "y.csv", "b\\n1\\n")',
        'write("out", "notes.md", "no table")',
        'os.mkfifo(output_paths["out"] + "/pipe") if False else write("out", "t.json", "[1, {")',
    ],
)
def test_what_cannot_be_checked_is_a_finding(project, body):
    """Whatever a step writes, its checks end no run, and say that they were not made."""
    project.script("a", body)
    output = {"checks": {"missing": {"n": 0.1}, "on_failure": "pause"}}
    session = project.session(project.pipeline({"a": {"outputs": {"out": output}}}))
    assert session.resume() is None
    assert session.status == "finished"
    assert [check.passed for check in settled(session)["a"].checks] == [None]
    assert any("could not be checked" in one for one in findings(session))


def test_a_reader_that_dies_is_a_finding(project, pair, monkeypatch):
    """A check whose reader is killed under it is not made, and the run goes on."""
    killed = []

    def dying(subject: Any, *_: Any) -> Any:
        reader = get_reader()
        ask = reader._ask_once

        def once(question: Any) -> Any:
            reader.warm()
            wait_until(lambda: reader.pid is not None)
            killed.append(reader.pid)
            os.kill(reader.pid, signal.SIGKILL)
            return ask(question)

        with monkeypatch.context() as patch:
            patch.setattr(reader, "_ask_once", once)
            yield from checks(subject, *_)

    checks = checking.checking.check
    monkeypatch.setattr(checking.checking, "check", dying)
    session = project.session(pair(checks={"missing": {"delay": 0.1}}))
    assert session.resume() is None
    assert any(
        "out could not be checked: t.csv ended the process that looked at it" in one for one in findings(session)
    )
    assert killed


def test_a_mistake_in_a_check_ends_no_run(project, pair, monkeypatch):
    """It is a finding."""
    monkeypatch.setattr(checking, "checked", lambda _: 1 / 0)
    session = project.session(pair(checks={"missing": {"delay": 0.1}, "on_failure": "pause"}))
    assert session.resume() is None
    assert any("the checks of a broke off" in one for one in findings(session))


def test_a_recorded_run_says_what_it_holds(project, pair):
    """Tables with rows and types of every settled step; what was left out, and why."""
    session = project.session(pair(), breakpoints=["b:before"])
    with pytest.raises(CommandRefused, match="nothing to record"):
        session.record_baseline()
    session.resume()
    recorded = session.record_baseline()
    assert isinstance(recorded, Baseline)
    (found,) = recorded.tables
    assert (found.step, found.port, found.rows) == ("a", "out", 50)
    assert [(c.name, c.type, c.minimum, c.maximum) for c in found.columns] == [
        ("flight", "int64", 0, 49), ("carrier", "text", None, None), ("delay", "int64", 0, 490),
    ]  # fmt: skip
    assert recorded.left_out == (("b", "is waiting"),)
    assert "a.out  50 rows, 3 columns" in repr(recorded)
    assert "left out: b: is waiting" in recorded._repr_html_()


def test_a_later_run_is_compared_with_the_recorded_one(project, pair):
    """Rows, missing cells, ranges by threshold; a change of the columns is a finding without any."""
    session = project.session(pair())
    session.resume()
    session.record_baseline()
    project.script("a", table([*ROWS[:40], (99, "UA", "")]))
    thresholds = {"rows": 0.1, "missing": 0.01, "range": 0.1}
    again = project.session(pair(), checks=thresholds)
    again.resume()
    told = findings(again)
    assert "out has 41 rows, 50 in the baseline (-18.0 %)" in told
    assert "delay is missing in 2.4% of the rows of out, 0.0% in the baseline" in told
    assert "1 value of flight in out is outside -4.9 to 53.9, the baseline's range" in told
    assert any("out is not as in the baseline" in one and "delay is float64, not int64" in one for one in told)
    severity = {f.message.split(" (run")[0]: f.severity for f in again["a"].state.findings}
    assert severity["out is not as in the baseline"] == "info"


def test_a_column_that_is_gone_since_the_recorded_run_warns(project, pair):
    """It is named with those who read it."""
    session = project.session(pair())
    session.resume()
    session.record_baseline()
    project.script("a", table(head="flight,carrier,late"))
    again = project.session(pair(), breakpoints=["b:before"])
    again.resume()
    (finding,) = [f for f in settled(again)["a"].state.findings if "baseline" in f.message]
    assert finding.severity == "warning"
    assert "there is no column 'delay'" in finding.message
    assert "before b goes on" in finding.fix


def test_the_same_tables_as_recorded_say_nothing(project, pair):
    """A run like the good one has no findings."""
    session = project.session(pair())
    session.resume()
    session.record_baseline()
    again = project.session(pair(), checks={"rows": 0.0, "missing": 0.0, "range": 0.0, "unique": 0.0})
    again.resume()
    assert findings(again) == findings(again, "b") == []


def test_thresholds_without_a_recorded_run_are_said(project, pair):
    """Nothing is compared with nothing, and the session says so, once."""
    session = project.session(pair(), checks={"rows": 0.1})
    session.resume()
    (finding,) = session.state.findings
    assert (finding.severity, finding.fix) == ("info", "after a good run: session.record_baseline()")
    assert findings(session) == []


def test_faults_of_the_call_s_checks_raise_at_once(project, pair):
    """As those of the document do."""
    with pytest.raises(PipelineError, match=r"checks\.missing: is a mapping, not a number"):
        project.session(pair(), checks={"missing": {"delay": 0.1}})


def test_data_put_in_by_hand_keeps_no_old_verdict(project, pair):
    """Checks and findings of what the step wrote go with what it wrote."""
    session = project.session(pair(checks={"range": {"delay": [0, 470]}, "on_failure": "pause"}))
    pause = session.resume()
    session.replace("a", "out", pause["out"].df[:10])
    assert (session["a"].checks, session["a"].state.findings) == ((), ())
    assert session.resume() is None
