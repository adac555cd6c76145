"""A failed step's recommendations look upstream: real runs, in which the fault lies one to three steps before."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.engine.upstream.files import Files
from tests.conftest import wait_until

HEAD = """\
import json
from pathlib import Path

import pandas as pd


def main(input_paths, output_paths, environ_vars, job_args):
    def out(port, name):
        return Path(output_paths[port]) / name

    def table(port, name=None):
        folder = Path(input_paths[port])
        return pd.read_csv(folder / name if name else sorted(folder.glob("*.csv"))[0])

"""


@pytest.fixture
def fails(project):
    """Run steps, each the body of a main with its inputs, to the one that fails; its failure."""

    def run(**steps):
        pipeline = {}
        for name, (inputs, outputs, body, *keys) in steps.items():
            project.script(name, body, HEAD)
            pipeline[name] = {"inputs": inputs, "outputs": outputs, **(keys[0] if keys else {})}
        session = project.session(project.pipeline(pipeline))
        return session.resume().error

    return run


RAW = """
    rows = [{"id": i, "fare": i / 2 if i % 3 else None, "city": "Unknown" if i == 4 else "Basel"} for i in range(30)]
    pd.DataFrame(rows).to_csv(out("raw", "t.csv"), index=False)
"""
IMPUTE = """
    values = {"fare": "Unknown"}
    out("params", "imputation.json").write_text(json.dumps(values))
    table("data").fillna(values).to_csv(out("filled", "t.csv"), index=False)
"""
PASSES = 'table("data").to_csv(out("passed", "t.csv"), index=False)'


def test_a_text_in_an_imputation_dictionary(fails):
    """The text that is no number is traced to the file that brought it, not to another column that has it, too."""
    failure = fails(
        make=({}, ["raw"], RAW),
        impute=({"data": "make.raw"}, ["params", "filled"], IMPUTE),
        encode=({"data": "impute.filled"}, ["passed"], PASSES),
        train=({"data": "encode.passed"}, ["model"], 'table("data")["fare"].astype(float)'),
    )
    assert failure.title == "ValueError"
    assert failure.recommendations[0] == (
        "'Unknown' is in column 'fare' of what it reads; the first place above that has it is impute.params "
        "(imputation.json, under 'fare'); from there it is in impute.filled, encode.passed."
    )


def test_a_key_whose_value_is_wrong(fails):
    """An exception that only names the key leads to the step that first wrote a dictionary with it."""
    check = """
    for name, value in json.loads((Path(input_paths["params"]) / "imputation.json").read_text()).items():
        if not isinstance(value, float):
            raise ValueError(f"all values must be numeric, got {type(value)} for key {name}")
"""
    copy = (
        'out("copied", "imputation.json").write_bytes((Path(input_paths["params"]) / "imputation.json").read_bytes())'
    )
    failure = fails(
        make=({}, ["raw"], RAW),
        impute=({"data": "make.raw"}, ["params", "filled"], IMPUTE),
        train=({"params": "impute.params"}, ["copied"], copy),
        score=({"params": "train.copied"}, [], check),
    )
    assert failure.recommendations[0] == (
        "The first dictionary above with the key 'fare' is impute.params (imputation.json); from there it is in "
        "train.copied: see what it holds under it."
    )


def test_a_text_in_tables_of_another_kind(fails):
    """Parquet files are asked column by column."""
    write = 'pd.DataFrame({"fare": ["1.5", "free"], "city": ["a", "b"]}).to_parquet(out("raw", "t.parquet"))'
    train = 'pd.read_parquet(Path(input_paths["data"]) / "t.parquet")["fare"].astype(float)'
    failure = fails(make=({}, ["raw"], write), train=({"data": "make.raw"}, ["model"], train))
    assert failure.recommendations[0] == (
        "'free' is in column 'fare' of what it reads; the first place above that has it is make.raw (t.parquet, under 'fare')."
    )


def test_a_text_that_the_users_own_data_have(fails, project):
    """Where nobody above made it, the user's file is named with its column."""
    (project.path / "own.csv").write_text("id,fare\n1,2.5\n2,n/a?\n3,1\n")
    body = 'pd.to_numeric(pd.read_csv(input_paths["own"])["fare"])'
    failure = fails(train=({"own": str(project.path / "own.csv")}, ["model"], body))
    assert failure.recommendations[0].startswith(
        "'n/a?' is in column 'fare' of what it reads; it is in your own own.csv"
    )


@pytest.mark.parametrize(
    ("says", "begins"),
    [
        (
            "DataFrame.dtypes for data must be int, float, bool or category. Invalid columns:fare: object",
            "'Unknown' is in",
        ),
        (
            "pandas dtypes must be int, float or bool.\\nFields with bad pandas dtypes: city: str, id: int64",
            "Column 'city'",
        ),
    ],
)
def test_columns_that_a_library_cannot_train_on(fails, says, begins):
    """The column is named by the library: the text in it is traced, or it is texts throughout."""
    failure = fails(
        make=({}, ["raw"], RAW),
        impute=({"data": "make.raw"}, ["params", "filled"], IMPUTE),
        train=({"data": "impute.filled"}, ["model"], f'raise ValueError("{says}")'),
    )
    assert failure.recommendations[0].startswith(begins)


def test_columns_that_a_selection_dropped(fails):
    """A training that asks for them by a list of its own: the step that dropped them is named, once for all."""
    wide = 'pd.DataFrame({c: [1.0, 2.0] for c in "abcd"}).to_csv(out("raw", "t.csv"), index=False)'
    select = 'table("data")[["a"]].to_csv(out("selected", "t.csv"), index=False)'
    train = """
        have = set(table("data").columns)
        missing = [name for name in ["a", "b", "c", "d"] if name not in have]
        if missing:
            raise RuntimeError(f"features not in the training data: {missing}")
    """
    failure = fails(
        make=({}, ["raw"], wide),
        selection=({"data": "make.raw"}, ["selected"], select),
        train=({"data": "selection.selected"}, ["model"], train),
    )
    assert failure.recommendations[0] == (
        "Look at selection: it read 'b', 'c', 'd' from make.raw and did not pass it on."
    )


def test_the_first_file_by_name_is_the_wrong_one(fails):
    """Diagnostics beside the data: which file the script took, which it wanted, and who wrote both."""
    write = """
        pd.DataFrame({"metric": ["auc"], "value": [0.9]}).to_csv(out("eval", "a_diagnostics.csv"), index=False)
        pd.DataFrame({"id": [1], "score": [0.4]}).to_csv(out("eval", "predictions.csv"), index=False)
    """
    failure = fails(
        evaluate=({}, ["eval"], write),
        calibrate=({"data": "evaluate.eval"}, ["out"], 'table("data")["score"]'),
    )
    assert failure.title == "KeyError"
    assert failure.recommendations[0] == (
        "Input 'data' holds 2 csv files, written by evaluate: the first by name is a_diagnostics.csv, which has no 'score'; "
        "predictions.csv has it. See which of them the script takes."
    )


def test_a_file_is_read_once_for_a_failure(tmp_path):
    """However many columns are asked for; the next failure reads it anew."""
    table = tmp_path / "t.tab"
    table.write_text("a\tb\n1\tx\n")
    files = Files()
    assert files.has_name(table, "a")
    assert [hit.shown for hit in files.with_text(tmp_path, "x")] == ["t.tab, under 'b'"]
    table.write_text("c\n")
    assert files.has_name(table, "b")
    assert files.with_text(tmp_path, "x")
    assert files.tables(tmp_path) == (table,)
    assert not Files().has_name(table, "b")


@pytest.mark.parametrize("kind", ["json", "parquet"])
def test_the_first_file_of_another_kind(fails, kind):
    """JSON files by their keys, parquet files by their footers."""
    if kind == "json":
        write = (
            'out("d", "checks.json").write_text(\'{"ok": 1}\'); out("d", "weights.json").write_text(\'{"bias": 0.1}\')'
        )
        read = 'json.loads(sorted(Path(input_paths["data"]).glob("*.json"))[0].read_text())["bias"]'
    else:
        write = """
            for name, column in [("checks", "ok"), ("weights", "bias")]:
                pd.DataFrame({column: [1]}).to_parquet(out("d", f"{name}.parquet"))
        """
        read = 'pd.read_parquet(sorted(Path(input_paths["data"]).glob("*.parquet"))[0])["bias"]'
    failure = fails(make=({}, ["d"], write), use=({"data": "make.d"}, ["o"], read))
    assert f"checks.{kind}, which has no 'bias'; weights.{kind} has it" in failure.recommendations[0]


def test_the_first_file_is_of_a_kind_that_is_not_taken(fails):
    """Diagnostics in JSON come before the table by their name, and the script takes no JSON."""
    write = """
        out("d", "train").mkdir()
        out("d", "train/sampling.json").write_text("{}")
        out("d", "train/table.csv").write_text("a")
    """
    read = """
    first = sorted(Path(input_paths["data"], "train").iterdir())[0]
    if first.suffix != ".csv":
        raise RuntimeError(f"Unsupported file format: {first.suffix}")
"""
    failure = fails(sample=({}, ["d"], write), train=({"data": "sample.d"}, ["o"], read))
    assert failure.recommendations[0] == (
        "Of the files side by side in input 'data', written by sample, sampling.json is the first by name, and table.csv "
        "is of another kind. See which of them the script takes."
    )


def test_an_input_without_rows(fails):
    """The table is there, with its header: who wrote it so is named."""
    failure = fails(
        make=({}, ["raw"], 'pd.DataFrame({"a": []}).to_csv(out("raw", "t.csv"), index=False)'),
        train=({"data": "make.raw"}, ["model"], 'table("data")["a"].tolist()[0]'),
    )
    assert failure.title == "IndexError"
    assert failure.recommendations[0] == "Input 'data' has no rows: make wrote none."


NO_SHARDS = """
    shards = sorted(Path(input_paths["data"], CHANNEL).glob("part-*.csv"))
    if not shards:
        raise RuntimeError(f"No shards found under {Path(input_paths['data'], CHANNEL)}")
"""


@pytest.mark.parametrize(
    ("channel", "says"),
    [
        ("", "In input 'data' make.raw brings t.csv: see which names the script looks for."),
        ("train", "Input 'data' has nothing at train: make.raw brings t.csv."),
    ],
)
@pytest.mark.parametrize("container", [False, True])
def test_a_folder_without_the_names_that_are_looked_for(fails, channel, says, container):
    """The exception names the folder only: what is in it is told, and who brought it."""
    keys = {"container": {"inputs": {"data": "/opt/ml/processing/input/data"}}} if container else {}
    failure = fails(
        make=({}, ["raw"], RAW),
        prepare=({"data": "make.raw"}, ["out"], NO_SHARDS.replace("CHANNEL", repr(channel)), keys),
    )
    assert failure.title == "RuntimeError"
    assert failure.recommendations[0] == says


def test_a_file_that_is_in_no_input(fails):
    """The script's own words name no file: what all its inputs brought is told."""
    failure = fails(
        make=({}, ["raw"], RAW),
        measure=({"data": "make.raw"}, ["out"], 'raise FileNotFoundError("No predictions in any known format")'),
    )
    assert failure.recommendations[0] == "In input 'data' make.raw brings t.csv: see which names the script looks for."


def test_a_step_that_brought_only_notes_about_its_data(fails):
    """It ended well and wrote no data: the next step, whose error names no file, leads there."""
    failure = fails(
        make=({}, ["raw"], 'out("raw", "metadata.json").write_text(json.dumps({"shapes": {}, "length": 51}))'),
        use=({"data": "make.raw"}, ["out"], "raise RuntimeError(\"Missing required data: ['numerical']\")"),
    )
    assert failure.recommendations[0] == (
        "In input 'data' make.raw brings only metadata.json: see in its log whether it had more to write."
    )


def test_a_file_of_an_optional_input_that_nothing_feeds(fails):
    """The script goes by its container's place: that nothing was given there is told, and how to give it."""
    keys = {"container": {"inputs": {"model": "/opt/ml/processing/input/model"}}}
    missing = """
    path = "/opt/ml/processing/input/model/model.tar.gz"
    raise FileNotFoundError(f"Model file not found at: {path}")
"""
    failure = fails(train=({}, ["out"], missing, keys))
    assert failure.recommendations[0] == (
        "Nothing feeds input 'model': pipeline.with_inputs({\"train.model\": PATH}), or wire an output to it."
    )


INT_AND_FLOATS = """
    frame = pd.DataFrame({"score": [0, 1]})
    frame.loc[[0, 1], "score"] = [0.25, 0.75]
"""


def test_an_error_inside_a_package_of_another_version(fails):
    """What the step asks for and what there is are named, with what makes an environment that has it."""
    failure = fails(evaluate=({}, ["out"], INT_AND_FLOATS, {"requirements": {"pandas": ">=1.2.0,<2.0.0"}}))
    installed = pytest.importorskip("pandas").__version__
    assert failure.title == "TypeError"
    assert failure.recommendations[0] == (
        f"The step asks for pandas >=1.2.0,<2.0.0, and {installed} is installed: "
        "make an environment that has them: crt.build_envs(pipeline)."
    )
    assert not [text for text in fails(other=({}, ["out"], INT_AND_FLOATS)).recommendations if "asks for" in text]


def test_an_error_inside_a_later_major_version(fails):
    """It fits what is asked for, and took other things once: the recommendation names both, and how to go back."""
    failure = fails(evaluate=({}, ["out"], INT_AND_FLOATS, {"requirements": {"pandas": ">=1.3.0"}}))
    installed = pytest.importorskip("pandas").__version__
    assert failure.recommendations[0] == (
        f"The step asks for pandas >=1.3.0, and {installed} is of a later major version: "
        'try crt.build_envs(pipeline, steps=["evaluate"], require={"pandas": "<3"}).'
    )


def test_a_version_is_not_blamed_for_a_missing_column(fails):
    """A KeyError comes through pandas, too: its version has nothing to do with it."""
    body = 'pd.DataFrame({"a": [1]})["b"]'
    failure = fails(evaluate=({}, ["out"], body, {"requirements": {"pandas": "<2"}}))
    assert not [text for text in failure.recommendations if "build_envs" in text]


def test_what_pip_was_asked_for_is_compared_with_what_is_there(project):
    """After the run, whatever the script made of the list; the versions that differ are a warning, the others are said."""
    call = '["python", "-m", "pip", "install", *"pandas<2 numpy>=1".split()]'
    project.script("one", f"import subprocess\nsubprocess.check_call({call})")
    session = project.session(project.pipeline({"one": {"outputs": ["out"]}}), ["one"])
    session.resume()
    found = {f.severity: f for f in session["one"].state.findings if "pip" in f.message}
    assert found["warning"].message.startswith("the script asks pip for pandas <2 (has ")
    assert "crt.build_envs" in found["warning"].fix
    assert found["info"].message == "pip was not run: numpy>=1"


def test_a_success_that_leaves_nothing(project):
    """A selection that keeps no feature ends well: a table without rows and an empty list are findings on the node."""
    project.script("make", RAW, HEAD)
    keep = """
        table("data").iloc[:0].to_csv(out("kept", "t.csv"), index=False)
        out("summary", "features.json").write_text("{}")
    """
    project.script("keep", keep, HEAD)
    steps = {"make": {"outputs": ["raw"]}, "keep": {"inputs": {"data": "make.raw"}, "outputs": ["kept", "summary"]}}
    session = project.session(project.pipeline(steps), ["keep"])
    session.resume()
    wait_until(lambda: session["keep"].state.tables, 60)
    said = {f.port: (f.severity, f.message) for f in session["keep"].state.findings if f.port in {"kept", "summary"}}
    assert said["kept"] == ("warning", "keep wrote a table without rows to kept")
    assert said["summary"] == ("info", "keep wrote nothing but brackets to features.json of summary")


def test_a_success_of_which_all_workers_failed(project):
    """Errors that are logged and an output that stays empty are on the node, whatever main returns."""
    pool = """
        import logging
        from multiprocessing import Pool

        logging.basicConfig()
        with Pool(2) as workers:
            for task in [workers.apply_async(int, ["x"]) for _ in range(2)]:
                try:
                    task.get()
                except ValueError as error:
                    logging.error("a worker failed: %s", error)
    """
    project.script("pool", pool, HEAD)
    session = project.session(project.pipeline({"pool": {"outputs": ["out"]}}), ["pool"])
    session.resume()
    messages = [f.message for f in session["pool"].state.findings]
    assert any(text.startswith("pool ended well but logged 2 errors: ") for text in messages)
    assert "pool wrote nothing to 'out'" in messages
