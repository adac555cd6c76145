"""Tests in one call each, on small real pipelines."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook import errors, settings

CLEAN = """
from pathlib import Path
import pandas as pd


def main(input_paths, output_paths, environ_vars, job_args):
    flights = pd.read_csv(Path(input_paths["raw"]))
    clean = flights.dropna(subset=["dep_delay"])
    clean.to_csv(Path(output_paths["clean"]) / "clean.csv", index=False)
"""
DELAYS = """
from pathlib import Path
import pandas as pd


def main(input_paths, output_paths, environ_vars, job_args):
    clean = pd.read_csv(Path(input_paths["clean"]) / "clean.csv")
    means = clean.groupby("carrier")["dep_delay"].mean().reset_index()
    means.to_csv(Path(output_paths["delays"]) / "delays.csv", index=False)
"""
RAW = pd.DataFrame({"carrier": ["UA", "AA", "UA", "DL"] * 25, "dep_delay": [3.0, None, 40.0, -2.0] * 25})


@pytest.fixture
def flights(project):
    """Two steps on a file of the user's."""
    (project.path / "clean.py").write_text(CLEAN)
    (project.path / "delays.py").write_text(DELAYS)
    RAW.to_csv(project.path / "raw.csv", index=False)
    raw = {"path": str(project.path / "raw.csv")}
    return project.pipeline(
        {
            "clean": {"inputs": {"raw": raw}, "outputs": ["clean"]},
            "delays": {"inputs": {"clean": "clean.clean"}, "outputs": ["delays"]},
        }
    )


@pytest.fixture
def executor(project, flights):
    """An executor that knows the pipeline."""
    return crt.PipelineScriptExecutor(str(project.workspace), flights)


def test_a_script_is_run_by_itself_on_made_up_data(executor):
    """Found by step, by file or by stem; its result says from what its data was made."""
    for name in ("clean", "clean.py"):
        result = executor.test_script_isolation(name)
        assert result.success, result
        assert result.inputs_from == {"raw": "sample"}
        assert result.execution.tables[0].rows > 0
        assert result.execution.seconds < 30
    assert [each.step_name for each in executor.execution_history] == ["clean", "clean"]


def test_a_script_whose_inputs_nobody_wrote_gets_them_from_the_steps_above(executor):
    """These run on made-up data first."""
    result = executor.test_script_isolation("delays")
    assert result.success, result
    assert result.execution.inputs["clean"].path


@pytest.mark.parametrize("scenario", ["standard", "one_row", "unicode", "duplicate_keys"])
def test_scenarios_are_a_word(executor, scenario):
    """The same test on odd data."""
    result = executor.test_script_isolation("clean", rows=50, scenario=scenario)
    assert result.execution.status in {"done", "failed"}
    assert result.data_source == "synthetic"


def test_a_large_one_is_large(executor, monkeypatch):
    """As many rows as the scenario says, unless others are asked for."""
    monkeypatch.setattr(settings, "SYNTHETIC_LARGE", 3_000)
    assert executor.test_script_isolation("clean").execution.tables[0].rows <= 1_000
    assert executor.test_script_isolation("clean", scenario="large").execution.tables[0].rows > 1_000
    few = executor.test_script_isolation("clean", scenario="large", rows=10)
    assert few.execution.tables[0].rows <= 10


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"rows": -5}, "rows=-5 is no number of rows"),
        ({"rows": 2.5}, "rows=2.5 is no number of rows"),
        ({"rows": "10"}, "rows='10' is no number of rows"),
        ({"seed": "x"}, "seed='x' is no seed"),
        ({"seed": None}, "seed=None is no seed"),
    ],
)
def test_numbers_that_are_none_are_refused(executor, how, says):
    """With what to give."""
    with pytest.raises(errors.DataError, match=says) as raised:
        executor.test_script_isolation("clean", **how)
    assert raised.value.fix.startswith("give a whole number")


def test_local_data_lies_in_a_folder_a_port(executor, project):
    """The folder `local/` of the workspace, or any other; a missing one says what to put where."""
    with pytest.raises(errors.InputMissing, match="local"):
        executor.test_script_isolation("clean", "local")
    folder = project.workspace / "local" / "raw"
    folder.parent.mkdir(parents=True)
    with pytest.raises(errors.InputMissing, match="'raw' of clean has no data") as raised:
        executor.test_script_isolation("clean", "local")
    assert str(folder.parent) in raised.value.fix
    folder.mkdir()
    RAW.head(8).to_csv(folder / "eight.csv", index=False)
    assert executor.test_script_isolation("clean", "local").execution.tables[0].rows == 6
    assert executor.test_script_isolation("clean", project.workspace / "local").execution.tables[0].rows == 6


def test_what_was_made_up_is_not_called_real(executor, flights):
    """The steps above must have run on real data, for what they wrote to be that."""
    assert executor.test_pipeline_e2e(flights, "synthetic").success
    with pytest.raises(errors.InputMissing, match="'clean' of delays has no data") as raised:
        executor.test_script_isolation("delays", "real")
    assert raised.value.fix == "run small first, in this workspace"
    assert executor.test_script_isolation("delays", {}).inputs_from == {"clean": "synthetic"}
    assert executor.test_pipeline_e2e(flights, "real").success
    assert executor.test_script_isolation("delays", "real").inputs_from == {"clean": "real"}


def test_data_can_be_given_by_hand(executor, project):
    """A DataFrame is written as the script reads it; a path is taken; what is not given is real."""
    by_frame = executor.test_script_isolation("delays", {"clean": RAW.dropna().head(4)})
    assert by_frame.success, by_frame
    by_path = executor.test_script_isolation("clean", {"raw": project.path / "raw.csv"})
    assert by_path.execution.tables[0].rows == 75
    with pytest.raises(errors.InputMissing, match="nothing at"):
        executor.test_script_isolation("clean", {"raw": project.path / "nowhere.csv"})


def test_a_failing_script_is_a_result(executor):
    """Its error by category and kind, with what to do."""
    result = executor.test_script_isolation("delays", {"clean": RAW.rename(columns={"carrier": "carrrier"})})
    assert not result.success
    assert (result.execution.error.category, result.execution.error.title) == ("execution", "KeyError")
    assert "carrrier" in " ".join((result.execution.error.summary, *result.recommendations))
    assert "carrrier" in repr(result)


def test_a_pipeline_is_run_from_end_to_end(executor, flights):
    """On made-up data: every step, every edge, and what flowed."""
    result = executor.test_pipeline_e2e(flights)
    assert result.success, result
    assert [each.step_name for each in result.executions] == ["clean", "delays"]
    (edge,) = result.transitions
    assert edge.success
    assert result.lineage.upstream("delays")[0] == "clean"
    assert json.loads(result.model_dump_json())["success"] is True
    assert result.to_dataframe()["status"].tolist() == ["done", "done"]


def test_a_step_that_fails_keeps_only_those_that_need_it(executor, flights, project):
    """The others run; the result says which did not, and why."""
    project.script("other", 'write("out", "t.csv", "n\\n1\\n")')
    flights["steps"]["other"] = {"script": "other.py", "outputs": ["out"]}
    (project.path / "clean.py").write_text(CLEAN.replace('subset=["dep_delay"]', 'subset=["departure"]'))
    result = executor.test_pipeline_e2e(flights, "real")
    status = {each.step_name: each.status for each in result.executions}
    assert status == {"clean": "failed", "delays": "skipped", "other": "done"}
    assert not result.success
    assert "clean failed" in result.headline


def test_an_edge_is_tested_by_what_its_reader_reads(executor, project):
    """The upstream step is run for it, not the other."""
    result = executor.test_step_transition("clean", "delays")
    assert result.success, result
    assert [each.step_name for each in executor.execution_history] == ["clean"]
    (project.path / "delays.py").write_text(DELAYS.replace('"carrier"', '"airline"'))
    broken = executor.test_step_transition("clean", "delays")
    assert not broken.success
    assert "airline" in repr(broken)
    assert broken.to_dataframe()["verdict"].tolist() == ["incompatible"]


def test_an_edge_is_tested_by_the_schema_of_what_is_written(executor, flights, project):
    """Where the input has none of its own."""
    schema = project.path / "clean.schema.yaml"
    schema.write_text("schema_type: dataframe\ncolumns:\n  carrier: {dtype: str}\n  distance: {dtype: int64}\n")
    flights["steps"]["clean"]["outputs"] = {"clean": {"schema": str(schema)}}
    result = executor.test_pipeline_e2e(flights, "real")
    assert not result.success
    assert "clean -> delays do not fit (there is no column 'distance')" in result.headline
    assert result.transitions[0].ports["clean"].messages == ("there is no column 'distance'",)
    schema.write_text("schema_type: dataframe\ncolumns:\n  carrier: {dtype: str}\n")
    (project.path / "delays.py").write_text(DELAYS.replace('"carrier"', '"airline"'))
    unread = executor.test_step_transition("clean", "delays")
    assert not unread.success
    assert "airline" in unread.headline


def test_names_are_looked_up_in_the_last_run_then_as_paths(executor, flights, project):
    """A name that nothing has is an error that lists what there is."""
    stranger = crt.PipelineScriptExecutor(str(project.workspace))
    with pytest.raises(errors.NameUnknown, match="no pipeline is given"):
        stranger.test_script_isolation("clean")
    executor.execute_pipeline_with_breakpoints(flights).resume()
    assert stranger.test_script_isolation("clean", "real").success
    assert stranger.test_step_transition("clean", "delays").success
    with pytest.raises(errors.NameUnknown, match="'claen'") as raised:
        stranger.test_script_isolation("claen")
    assert "did you mean clean?" in raised.value.fix
    with pytest.raises(errors.NameUnknown, match="no data flows from delays to clean"):
        stranger.test_step_transition("delays", "clean")
    alone = crt.PipelineScriptExecutor(str(project.path / "other"))
    path = project.path / "clean.py"
    assert alone.test_script_isolation(str(path), {"raw": project.path / "raw.csv"}).success


def test_secrets_of_a_run_are_not_kept_for_the_next(flights, project):
    """The pipeline of the last run comes back without them: they have to be given anew."""
    flights["steps"]["clean"]["env"] = {"API_TOKEN": "hush-hush-1234"}
    executor = crt.PipelineScriptExecutor(str(project.workspace), flights)
    executor.execute_pipeline_with_breakpoints(flights).resume()
    result = crt.PipelineScriptExecutor(str(project.workspace)).test_script_isolation("clean", "real")
    assert "API_TOKEN" in result.execution.error.summary
    assert not [p for p in project.workspace.rglob("*") if p.is_file() and b"hush-hush-1234" in p.read_bytes()]


def test_a_session_is_part_of_the_history_as_it_goes(executor, flights):
    """The steps that have ended, in their order."""
    session = executor.execute_pipeline_with_breakpoints(flights, ["clean"])
    assert isinstance(session, crt.InteractiveExecutionResult)
    assert executor.execution_history == []
    session.resume()
    assert [each.step_name for each in executor.execution_history] == ["clean"]
    session.resume()
    assert [each.step_name for each in executor.execution_history] == ["clean", "delays"]


def test_a_test_leaves_a_session_of_the_user_alone(executor, flights, project):
    """Another run of the same steps, in the same workspace."""
    session = crt.execute_pipeline_with_breakpoints(flights, ["clean"], project.workspace)
    session.resume()
    assert executor.test_pipeline_e2e(flights).success
    assert session.status == "paused"


SEEN = """
import pandas as pd


def main(input_paths, output_paths, environ_vars, job_args):
    delays = pd.read_csv(input_paths["clean"] + "/clean.csv")
    delays.drop(columns=["carrier", environ_vars["LABEL"]]).to_csv(output_paths["out"] + "/t.csv", index=False)
"""


def test_what_steps_above_write_is_preferred_to_a_guess(executor, flights, project):
    """A script need not name all columns that it reads: in a new workspace the steps above run on made-up data first."""
    (project.path / "seen.py").write_text(SEEN)
    flights["steps"]["seen"] = {
        "script": "seen.py",
        "inputs": {"clean": "clean.clean"},
        "outputs": ["out"],
        "env": {"LABEL": "dep_delay"},
    }
    result = crt.PipelineScriptExecutor(project.workspace, flights).test_script_isolation("seen")
    assert result.success, result
    assert result.inputs_from == {"clean": "sample"}


@pytest.mark.parametrize(
    ("source", "message", "fix"),
    [
        ({"rwa": RAW}, "clean has no input 'rwa'", "did you mean 'raw'"),
        ({"raw": RAW, "other": RAW}, "clean has no input 'other'", "its inputs are 'raw'"),
        ({"raw": [1, 2]}, "input 'raw' of clean: a list", "pandas DataFrame"),
        (RAW, "type DataFrame", "{'raw': data}"),
        (None, "type NoneType", '"synthetic"'),
        ("synthetik", "no folder", '"synthetic"'),
    ],
)
def test_what_is_no_data_source_is_refused(executor, source, message, fix):
    """A test must not run on other data than its author thinks."""
    with pytest.raises(errors.InputMissing, match=message) as raised:
        executor.test_script_isolation("clean", source)
    assert fix in raised.value.fix


def test_a_pipelines_inputs_are_named_alone_or_with_their_step(executor, flights):
    """Both ways; a name of none is refused."""
    for port in ("raw", "clean.raw"):
        result = executor.test_pipeline_e2e(flights, {port: RAW.head(4)})
        assert result.executions[0].tables[0].rows == 3
    with pytest.raises(errors.InputMissing, match=r"no input 'delays\.clean'"):
        executor.test_pipeline_e2e(flights, {"raw": RAW, "delays.clean": RAW})


def test_one_file_is_taken_from_a_folder(executor, project):
    """Where the pipeline gives a file: the one of its name among several; which is meant is not guessed."""
    folder = project.path / "other" / "raw"
    folder.mkdir(parents=True)
    for name, rows in (("a.csv", 4), ("b.csv", 8)):
        RAW.head(rows).to_csv(folder / name, index=False)
    with pytest.raises(errors.InputMissing, match=r"holds 2: 'a\.csv', 'b\.csv'"):
        executor.test_script_isolation("clean", folder.parent)
    RAW.head(12).to_csv(folder / "raw.csv", index=False)
    assert executor.test_script_isolation("clean", folder.parent).execution.tables[0].rows == 9


def test_a_script_is_found_by_any_path_to_it(executor, project, monkeypatch):
    """As the step of the pipeline that it is, with what that declares; also after a change of the working directory."""
    executor.test_script_isolation("clean", {"raw": RAW})
    monkeypatch.chdir(project.path)
    for name in ("clean.py", "project/clean.py", str(project.path / "clean.py"), project.path / "clean.py"):
        assert executor.test_script_isolation(name, {"raw": RAW}).execution.status == "cached"


def test_a_script_that_no_pipeline_declares(project):
    """Data is written as the script reads it; one that is no Python is a failure that names the line."""
    executor = crt.PipelineScriptExecutor(project.workspace)
    script = project.path / "alone.py"
    script.write_text(CLEAN)
    result = executor.test_script_isolation(str(script), {"raw": RAW})
    assert result.success, result
    (project.path / "odd.py").write_text(
        CLEAN.replace('Path(input_paths["raw"])', 'Path(input_paths["raw"]) / "a.csv"')
    )
    executor.test_script_isolation(str(project.path / "odd.py"), {"raw": RAW})
    script.write_text("def main(:\n    pass\n")
    broken = executor.test_script_isolation(str(script))
    assert not broken.success
    assert broken.execution.error.category == "import"
    assert "alone.py, line 1" in broken.execution.error.summary


def test_data_given_before_does_not_stay(project):
    """A script that now reads another file finds only that."""
    executor = crt.PipelineScriptExecutor(project.workspace)
    script = project.path / "all.py"
    for name in ("one.csv", "two.csv"):
        script.write_text(CLEAN.replace('Path(input_paths["raw"])', f'Path(input_paths["raw"]) / "{name}"'))
        assert executor.test_script_isolation(script, {"raw": RAW}).success
    assert [path.name for path in project.workspace.glob("given/all/raw/*")] == ["two.csv"]


def test_data_lies_at_an_address(executor, flights, s3, monkeypatch):
    """A subfolder a port, for a script and a pipeline, or one object for one port; listed once a test."""
    import s3fs

    listed = []
    find = s3fs.S3FileSystem.find
    monkeypatch.setattr(s3fs.S3FileSystem, "find", lambda *a, **k: listed.append(1) or find(*a, **k))
    s3.put_object(Bucket="flights", Key="jan/raw/raw.csv", Body=RAW.head(8).to_csv(index=False).encode())
    result = executor.test_script_isolation("clean", "s3://flights/jan")
    assert result.execution.tables[0].rows == 6
    assert result.inputs_from == {"raw": "s3://flights/jan"}
    assert executor.test_pipeline_e2e(flights, "s3://flights/jan").executions[0].tables[0].rows == 6
    assert len(listed) == 2
    one = executor.test_script_isolation("clean", {"raw": "s3://flights/jan/raw/raw.csv"})
    assert one.execution.tables[0].rows == 6
    with pytest.raises(errors.RemoteUnavailable, match="nothing at s3://flights/feb"):
        executor.test_script_isolation("clean", "s3://flights/feb")


def test_an_edge_of_which_nothing_is_known_is_not_called_strict(executor, project):
    """Nothing was compared, and the result says so, also as a table."""
    (project.path / "delays.py").write_text(
        DELAYS.replace('"carrier"', 'environ_vars["X"]').replace('["dep_delay"]', "")
    )
    result = executor.test_step_transition("clean", "delays")
    assert result.success
    assert "not compared" in result.headline
    assert "not compared" in result.to_dataframe()["verdict"].iloc[0]
