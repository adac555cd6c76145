"""Steps that do not run: what stands in for them, and what becomes of those that need them."""

from __future__ import annotations

import threading

import pandas as pd
import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.pipeline.findings import Finding
from tests.conftest import wait_until

READS = """
import pandas as pd
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    table = pd.read_csv(Path(input_paths["raw"]) / "data.csv")
    late = table[table["dep_delay"] > 0]
    late.assign(city=late["city"].str.lower()).to_csv(Path(output_paths["late"]) / "late.csv", index=False)
    print("extra" in input_paths)
"""
FLIGHTS = pd.DataFrame({"dep_delay": [12, -3, 4], "city": ["UA", "AA", "UA"]})


@pytest.fixture
def stubbed(project):
    """A load that cannot run here, and a step that reads it."""
    (project.path / "late.py").write_text(READS)
    steps = {
        "load": {"script": None, "outputs": ["DATA"], "stub": "open"},
        "late": {"inputs": {"raw": "load.DATA"}, "outputs": ["late"]},
    }
    return crt.load_pipeline(project.pipeline(steps))


def _run(project, pipeline, **options):
    session = project.session(pipeline, **options)
    while session.resume() is not None:
        pass
    session.wait()
    return session


def _statuses(session):
    return {name: str(step.status) for name, step in session.state.steps.items()}


@pytest.mark.parametrize("how", ["table", "function", "folder", "file"])
def test_given_data_stands_in(project, stubbed, how):
    """Whatever it is given as, it is the step's output: kept, read by the next, and taken from the cache again."""
    (project.path / "given").mkdir()
    FLIGHTS.to_csv(project.path / "given" / "data.csv", index=False)
    forms = {
        "table": FLIGHTS,
        "function": lambda: FLIGHTS,
        "folder": project.path / "given",
        "file": project.path / "given" / "data.csv",
    }
    pipeline = stubbed.with_stubs({"load": {"DATA": forms[how]}})
    session = _run(project, pipeline)
    assert _statuses(session) == {"load": "done", "late": "done"}
    assert session["load"]["DATA"].df.equals(FLIGHTS)
    assert session["late"]["late"].shape == (2, 2)
    assert session["load"].attempts[0].memory is None
    session.close()
    assert _statuses(_run(project, pipeline)) == {"load": "cached", "late": "cached"}


def test_a_table_is_written_with_a_suffix_that_scripts_look_for(project, stubbed):
    """A reader that tries several suffixes one after the other finds the file."""
    tried = """
    for suffix in ["csv", "parquet"]:
        file = Path(input_paths["raw"]) / f"data.{suffix}"
        if file.exists():
            break
    else:
        raise FileNotFoundError("no data in supported formats")
    table = pd.read_csv(file)
"""
    one = next(line for line in READS.splitlines() if "read_csv" in line)
    (project.path / "late.py").write_text(READS.replace(one + "\n", tried.lstrip("\n")))
    session = _run(project, stubbed.with_stubs({"load": {"DATA": FLIGHTS}}))
    assert _statuses(session) == {"load": "done", "late": "done"}
    assert [file.path for file in session["load"]["DATA"].files] == ["data.csv"]


def test_the_users_file_is_copied_never_changed(project, stubbed):
    """What is kept is write-protected; what was given stays as it was."""
    file = project.path / "data.csv"
    FLIGHTS.to_csv(file, index=False)
    before = file.stat()
    session = _run(project, stubbed.with_stubs({"load": {"DATA": file}}))
    kept = session["load"]["DATA"].path / "data.csv"
    assert not kept.stat().st_mode & 0o222
    assert (file.stat().st_mode, file.stat().st_ino) == (before.st_mode, before.st_ino)
    assert kept.stat().st_ino != before.st_ino


def test_a_changed_file_runs_again(project, stubbed):
    """In the same session, and what needs it follows."""
    file = project.path / "data.csv"
    FLIGHTS.to_csv(file, index=False)
    session = project.session(stubbed.with_stubs({"load": {"DATA": file}}), ["late"])
    session.resume()
    assert session["late"]["late"].shape[0] == 2
    FLIGHTS.assign(dep_delay=1).to_csv(file, index=False)
    session.resume()
    assert session["late"]["late"].shape[0] == 3
    assert session.state.steps["load"].attempt == 2
    assert "stub DATA changed" in session.explain("load").summary


def test_tables_by_channel_and_in_the_form_that_is_read(project):
    """A channel has its own; the file is called as its reader looks for it."""
    (project.path / "train.py").write_text(
        READS.replace(
            'Path(input_paths["raw"]) / "data.csv"', 'Path(input_paths["raw"]) / "train" / "part.parquet"'
        ).replace("read_csv", "read_parquet")
    )
    outputs = {"DATA": {"channels": ["train", "val"]}}
    steps = {
        "load": {"script": None, "outputs": outputs, "stub": "open"},
        "train": {"inputs": {"raw": "load.DATA"}, "outputs": ["late"]},
    }
    pipeline = crt.load_pipeline(project.pipeline(steps))
    session = _run(project, pipeline.with_stubs({"load": {"DATA/train": FLIGHTS, "DATA/val": FLIGHTS[:1]}}))
    assert _statuses(session) == {"load": "done", "train": "done"}
    assert [file.path for file in session["load"]["DATA/train"].files] == ["part.parquet"]
    assert session["load"]["DATA/val"].df.equals(FLIGHTS[:1])


def test_made_up_tables_stand_in(project, stubbed):
    """With the columns that the readers name; the same bytes every time."""
    session = _run(project, stubbed.with_stubs({"load": "synthetic"}))
    assert _statuses(session) == {"load": "done", "late": "done"}
    assert set(session["load"]["DATA"].schema) == {"dep_delay", "city"}
    assert session["load"]["DATA"].shape[0] == 1000
    (finding,) = (f for f in session["load"].state.findings if "made up" in f.message)
    assert finding.message == "its outputs are made up: DATA from what is read of it"
    session.close()
    assert _statuses(_run(project, stubbed.with_stubs({"load": "synthetic"})))["load"] == "cached"


def test_nothing_to_make_it_up_from(project):
    """Said with the output, its reader, and what to give."""
    project.script("late", 'write("late", "t.csv", read("raw"))')
    steps = {
        "load": {"script": None, "outputs": ["DATA"], "stub": "synthetic"},
        "late": {"inputs": {"raw": "load.DATA"}, "outputs": ["late"]},
    }
    session = _run(project, project.pipeline(steps))
    failure = session["load"].error
    assert failure.kind == "StubFailed"
    assert "nothing is known of output 'DATA' of load" in failure.message
    assert "pipeline.with_stubs" in failure.advice


def test_skip_leaves_out_what_needs_it(project, stubbed):
    """With the reason; what can do without runs, and the run finishes."""
    steps = {
        "load": {"script": None, "outputs": ["DATA"], "stub": "skip"},
        "more": {"script": None, "outputs": ["extra"], "stub": "skip"},
        "late": {"inputs": {"raw": "load.DATA"}, "outputs": ["late"]},
        "other": {
            "script": "late.py",
            "inputs": {"raw": "data", "extra": {"step": "more", "port": "extra", "optional": True}},
            "outputs": ["late"],
        },
    }
    (project.path / "data").mkdir()
    FLIGHTS.to_csv(project.path / "data" / "data.csv", index=False)
    steps["other"]["inputs"]["raw"] = str(project.path / "data")
    session = _run(project, project.pipeline(steps))
    assert session.status == "finished"
    assert _statuses(session) == {"load": "skipped", "more": "skipped", "late": "skipped", "other": "done"}
    assert session.state.steps["late"].reason == "needs load, which was skipped"
    assert "False" in session["other"].log


def test_what_stands_in_needs_nothing_from_above(project):
    """Data that the user gave for a step bridge what fails, or is left out, above it."""
    FLIGHTS.to_csv(project.path / "data.csv", index=False)
    (project.path / "late.py").write_text(READS)
    project.script("fail", "raise ValueError('no')")
    given = {"script": None, "outputs": ["DATA"], "stub": {"DATA": str(project.path / "data.csv")}}
    steps = {
        "fail": {"outputs": ["out"]},
        "gone": {"script": None, "outputs": ["out"], "stub": "skip"},
        "load": given | {"inputs": {"x": "fail.out", "y": "gone.out"}},
        "late": {"inputs": {"raw": "load.DATA"}, "outputs": ["late"]},
    }
    session = _run(project, project.pipeline(steps), on_error="continue")
    assert _statuses(session) == {"fail": "failed", "gone": "skipped", "load": "done", "late": "done"}


def test_an_open_stub_is_said_before_and_when_it_is_reached(project, stubbed):
    """The run pauses before it, fails at it, and goes on with what is put in its place."""
    session = project.session(stubbed)
    pause = session.resume()
    assert pause.when == "preflight"
    assert pause.reason == "load cannot run here, and nothing stands in for it"
    pause = session.resume()
    assert (pause.when, pause.step) == ("failed", "load")
    assert pause.error.kind == "StubFailed"
    assert 'session.replace("load", "DATA", DATA)' in pause.error.advice
    session.replace("load", "DATA", FLIGHTS)
    assert session.resume() is None
    assert _statuses(session) == {"load": "done", "late": "done"}


def test_a_function_that_raises_is_a_failure_of_its_step(project, stubbed):
    """With its own lines, and the whole can be tried again."""
    tries = []

    def load():
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionError("no route to host")
        return FLIGHTS

    session = project.session(stubbed.with_stubs({"load": load}))
    pause = session.resume()
    assert pause.error.title == "ConnectionError"
    assert "load(), which makes output 'DATA' of load, raised ConnectionError: no route to host" in pause.error.summary
    assert [frame.function for frame in pause.error.frames] == ["load"]
    session.rerun("load")
    session.resume()
    assert _statuses(session) == {"load": "done", "late": "done"}


@pytest.mark.parametrize(("made", "words"), [(None, "is not given yet"), (3, "cannot be made of a int")])
def test_a_function_that_makes_nothing(project, stubbed, made, words):
    """It is said of its output."""
    session = _run(project, stubbed.with_stubs({"load": lambda: made}))
    assert words in session["load"].error.message


def test_a_function_that_hangs_can_be_interrupted(project, stubbed):
    """The session is usable at once; the function is left alone."""
    began, go_on = threading.Event(), threading.Event()

    def load():
        began.set()
        go_on.wait(60)
        return FLIGHTS

    session = project.session(stubbed.with_stubs({"load": load}))
    session.post("continue")
    assert began.wait(10)
    session.post("interrupt")
    pause = session.wait()
    assert (pause.when, session.state.steps["load"].status) == ("interrupted", "waiting")
    go_on.set()
    session.resume()
    assert _statuses(session) == {"load": "done", "late": "done"}


def test_a_file_that_went_away(project, stubbed):
    """It is the step's failure, with the path."""
    file = project.path / "data.csv"
    FLIGHTS.to_csv(file, index=False)
    pipeline = stubbed.with_stubs({"load": {"DATA": file}})
    file.unlink()
    session = _run(project, pipeline)
    assert f"output 'DATA' of load: there is nothing at {file}" in session["load"].error.message


def test_a_script_that_is_not_there_fails_with_what_was_said_of_it(project):
    """In our own words, not as a fault of the disk; with what the pipeline's source noticed, where it did."""
    project.script("gone", "")
    (project.path / "gone.py").unlink()
    file = project.path / "gone.py"
    pipeline = crt.load_pipeline(project.pipeline({"gone": {"script": str(file), "script_missing": True}}))
    view = _run(project, pipeline, on_error="continue")["gone"]
    assert view.error.summary == f"the script {file} does not exist"
    assert view.error.recommendations == ("put it back, or mend its path",)
    note = Finding("error", "its script is not found", "give source_dirs", step="gone", file=str(file))
    view = _run(project, pipeline.altered(notes=(note,)), on_error="continue")["gone"]
    assert (view.error.title, view.error.recommendations) == ("no script", ("give source_dirs",))


def test_what_is_required_must_be_given(project):
    """An output that nothing stands in for is a finding; a required one a failure."""
    project.script("use", 'write("out", "t.csv", read("a"))')
    file = project.path / "t.csv"
    file.write_text("a\n1\n")
    steps = {
        "load": {"script": None, "outputs": {"a": {}, "b": {"required": True}}, "stub": {"a": str(file)}},
        "use": {"inputs": {"a": "load.a"}, "outputs": ["out"]},
    }
    session = _run(project, project.pipeline(steps))
    assert session["load"].error.message == "nothing stands in for output 'b' of load"
    session.close()
    steps["load"]["outputs"] = ["a", "b"]
    session = _run(project, project.pipeline(steps))
    assert "nothing stands in for output 'b'" in [f.message for f in session["load"].state.findings]


def test_replace_and_skip_still_work(project, stubbed):
    """On what stands in as on what runs."""
    session = project.session(stubbed.with_stubs({"load": FLIGHTS}), ["load"])
    session.resume()
    session.replace("load", "DATA", FLIGHTS.assign(dep_delay=-1))
    session.resume()
    assert session["late"]["late"].shape[0] == 0
    assert session.state.steps["load"].edited
    session.close()
    session = project.session(stubbed.with_stubs({"load": FLIGHTS}))
    session.skip("load")
    session.resume()
    assert _statuses(session) == {"load": "skipped", "late": "skipped"}


def test_rerun_of_a_step_that_was_left_out_runs_its_script(project):
    """Whoever asks for it means its script, not to leave it out again."""
    chain = project.chain("a", "b")
    chain["steps"]["b"]["stub"] = "skip"
    session = project.session(chain)
    session.resume()
    session.close()
    session = project.session(chain, ["a"])
    session.resume()
    session.rerun("b")
    assert _statuses(session) == {"a": "cached", "b": "done"}
    assert (session["b"]["out"].path / "t.csv").read_text() == "step\na\nb\n"


def test_a_profile_needs_a_script_that_runs(project, stubbed):
    """Said with how to let it run."""
    session = _run(project, stubbed.with_stubs({"load": FLIGHTS}))
    with pytest.raises(crt.SessionError, match="load does not run"):
        session.profile("load")
    assert "stands in" in project.session(stubbed.with_stubs({"load": FLIGHTS})).explain("load").summary


def test_no_process_is_started_for_it(project, stubbed):
    """Nor is anything asked of its interpreter."""
    pipeline = stubbed.altered(steps={"load": stubbed.steps["load"].altered(python=project.path / "none")})
    session = _run(project, pipeline.with_stubs({"load": FLIGHTS}))
    assert _statuses(session) == {"load": "done"}
    wait_until(lambda: not session._driver.unsettled)
