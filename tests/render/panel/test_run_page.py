"""The run as a whole, as data: how far, what next, what was found, and the runs before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cursus_rt_notebook.engine.frontier import drawn
from cursus_rt_notebook.engine.losses import SEE_CHANGED
from cursus_rt_notebook.engine.state import Breakpoint, RunStatus, StepState, When
from cursus_rt_notebook.pipeline.findings import Finding
from cursus_rt_notebook.render.panel import run_page
from cursus_rt_notebook.workspace.records import AttemptRecord, RunRecord
from tests.render import flights

PIPELINE = flights.pipeline()


def ready(*breakpoints: Breakpoint, seconds: float | None = None):
    """The flights before their first step."""
    steps = {name: StepState(name, estimate=seconds) for name in PIPELINE.order}
    return drawn(replace(flights.paused(), steps=steps, status=RunStatus.READY, pause=None, pauses=0, elapsed=0.0, breakpoints=breakpoints), PIPELINE)  # fmt: skip


def told(view) -> str:
    """The sentences in a row."""
    return " ".join(view["told"])


def attempt(step, status="succeeded", run="a", **facts):
    """A row of the journal."""
    known = {"attempt": 1, "base_key": "", "key": None, "seconds": 2.1, "memory": 10**8, "at": 0.0, "facts": {}}
    return AttemptRecord(1, run, step, status=status, **(known | facts))


def test_progress_tells_what_is_done_what_runs_and_what_is_left():
    """In sentences; each running step with its share of what it took before."""
    view = run_page.progress_view(drawn(flights.running(), PIPELINE), PIPELINE)
    assert told(view).startswith("6 of 10 steps are done (1 from the cache), after 10.1 s of work. About ")
    assert "going by earlier runs" in told(view)
    (train,) = view["running"]
    assert (train["step"], train["under"]) == ("train", "4.2 of ~7 s · 0.9 GB")
    assert train["seen"] == "59%"


def test_progress_says_where_nothing_was_seen_before():
    """Time left is not made up: the steps that were never seen are named."""
    state = flights.running()
    unseen = {name: replace(state.steps[name], estimate=None) for name in ("train", "evaluate")}
    view = run_page.progress_view(drawn(replace(state, steps={**state.steps, **unseen}), PIPELINE), PIPELINE)
    assert "not known: train and evaluate have not run here before" in told(view)
    assert view["running"][0]["seen"] == "has not run here before"
    assert view["running"][0]["share"] is None


def test_progress_of_a_failed_run_names_the_step():
    """What waits for it does not count as still to come."""
    view = run_page.progress_view(drawn(replace(flights.failed(), status=RunStatus.FAILED, pause=None), PIPELINE), PIPELINE)  # fmt: skip
    assert told(view).endswith("Failed: encode.")


@pytest.mark.parametrize(
    ("breakpoints", "sentence"),
    [
        ((), "Continue runs all 10 steps to the end, and stops at a step that fails."),
        (
            (Breakpoint("preprocess", "preprocess", When.AFTER),),
            "Continue runs 4 of 10 steps and pauses after preprocess, or at a step that fails.",
        ),
        (
            (Breakpoint("train:before", "train", When.BEFORE), Breakpoint("impute", "impute", When.AFTER)),
            "Continue runs 5 of 10 steps and pauses after impute (the first of 2 breakpoints), or at a step that fails.",
        ),
        (
            (Breakpoint("train:before", "train", When.BEFORE, enabled=False), Breakpoint("join_planes", "join_planes", When.AFTER)),
            "Continue runs at least 2 of 10 steps and pauses after join_planes, or at a step that fails.",
        ),
        (
            (Breakpoint("report: seconds > 9", "report", When.CONDITION, "seconds > 9"),),
            "Continue runs up to 10 steps and pauses where “report: seconds > 9” holds, or at a step that fails.",
        ),
        (
            (Breakpoint("slow", "*", When.CONDITION, lambda step: False),),
            "Continue runs up to 10 steps and pauses where “slow” holds, or at a step that fails.",
        ),
    ],
)  # fmt: skip
def test_a_ready_session_says_what_continue_will_do(breakpoints, sentence):
    """The first breakpoint in the pipeline's order, conditions, or the end."""
    assert run_page.overview_view(ready(*breakpoints), PIPELINE)["told"][0] == sentence


def test_a_ready_session_says_how_long_it_may_take():
    """Going by earlier runs; where there are none it says that."""
    assert "about 20 s, going by earlier runs" in told(run_page.overview_view(ready(seconds=2.0), PIPELINE))
    assert "this pipeline has not run here before" in told(run_page.overview_view(ready(), PIPELINE))


def test_the_overview_lists_scripts_and_ports():
    """What each step reads, from where, and what it writes, with its channels."""
    steps = {step["step"]: step for step in run_page.overview_view(ready(seconds=2.0), PIPELINE)["steps"]}
    assert list(steps) == list(PIPELINE.order)
    assert steps["extract"]["reads"] == [{"port": "raw", "from": "flights.csv.zip"}]
    impute = steps["impute"]
    assert impute["script"] == "scripts/impute.py"
    assert impute["reads"] == [{"port": "data", "from": "preprocess.processed_data"}]
    assert impute["writes"] == [{"port": "imputed_data", "channels": ["train", "val", "test"]}]
    assert impute["took"] == "~2.0 s"


def test_findings_come_worst_first_and_lead_to_their_line():
    """A failed step is the first; a finding with a line opens the source."""
    broken = Finding(
        "error", "no such file", "put it there", step="extract", file="/flights/scripts/extract.py", line=3
    )
    noted = Finding("info", "read from https://me:hunter2@host/data", step="train")
    state = drawn(replace(flights.failed(), findings=(noted, broken)), PIPELINE)
    view = run_page.findings_view(state)
    assert [found["severity"] for found in view["findings"]] == ["failed", "error", "warning", "info"]
    assert view["told"] == "1 failed step, 1 error, 1 warning and 1 note."
    failed, error, warning, info = view["findings"]
    assert (failed["step"], failed["place"], failed["tab"]) == ("encode", "encode.py:40", "variables")
    assert (error["place"], error["tab"], error["fix"]) == ("extract.py:3", "source", "put it there")
    assert error["wanted"] == {"file": "/flights/scripts/extract.py", "line": 3}
    assert (warning["place"], warning["tab"]) == ("", None)
    assert "hunter2" not in info["message"]


def test_a_finding_leads_to_what_it_is_about():
    """A script to its line, lost rows to what changed; a place in another document leads to the step."""
    elsewhere = Finding("error", "no such port", step="train", file="/flights/flights.yaml", line=3)
    lost = Finding("warning", "9 rows fewer than before in model", SEE_CHANGED, step="train", port="model")
    found = run_page.findings_view(replace(ready(), findings=(elsewhere, lost)))["findings"]
    assert [(one["tab"], one["wanted"], one["place"]) for one in found] == [
        (None, None, "flights.yaml:3"),
        ("changed", {"port": "model"}, ""),
    ]


def test_no_findings_are_a_sentence():
    """Also before anything was looked at."""
    clean = replace(flights.running(), steps={name: StepState(name) for name in PIPELINE.order})
    assert run_page.findings_view(clean)["told"].startswith("Nothing was found")
    assert run_page.findings_view(ready())["told"].startswith("Nothing was looked at yet")


def test_runs_tell_when_how_long_and_what_became_of_the_steps():
    """Newest first; this one is marked, and stands as the session says, not as the journal does."""
    records = [
        RunRecord(2, "7", "flights", 1000.0, None, "running", {}),
        RunRecord(1, "a", "flights", 880.0, 890.0, "failed", {}),
    ]
    attempts = {"a": [attempt("extract", "cached"), attempt("encode", "failed"), attempt("encode"), attempt("train", "failed")]}  # fmt: skip
    this, before = run_page.runs_view(records, attempts, flights.paused(), 1003.0)["runs"]
    assert (this["this"], this["word"], this["ago"], this["took"]) == (True, "paused", "just now", "")
    assert (before["word"], before["look"], before["ago"], before["took"]) == (
        "failed",
        "failed",
        "2 min ago",
        "10.0 s",
    )
    assert before["steps"] == "1 ran, 1 cached, 1 failed"


def test_more_runs_than_are_shown_are_counted():
    """The list ends, and says that it does."""
    records = [RunRecord(i, str(i), "flights", 0.0, 1.0, "finished", {}) for i in range(60)]
    view = run_page.runs_view(records, {}, flights.paused(), 10.0)
    assert (len(view["runs"]), view["more"]) == (50, 10)


def test_an_earlier_runs_steps_tell_what_they_took():
    """What came from the cache took its time in another run; why something failed is told, secrets masked."""
    found = [
        attempt("extract", "cached", attempt=0),
        attempt("train", "failed", attempt=2, facts={"error": "KeyError", "reason": "KeyError"}),
    ]
    cached, failed = run_page.run_steps_view(found)["attempts"]
    assert (cached["look"], cached["seconds"], cached["memory"], cached["attempt"]) == ("cached", "", "", "")
    assert (failed["word"], failed["why"], failed["seconds"], failed["memory"]) == ("failed", "KeyError", "2.1 s", "100 MB")  # fmt: skip
    assert failed["attempt"] == "2"
