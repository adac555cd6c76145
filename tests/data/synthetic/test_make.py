"""Inputs for a step and for a pipeline: the best source for each, files where the script looks, keys that join."""

from __future__ import annotations

import gzip
import json
import zipfile

import pandas as pd
import pandera.pandas as pa
import psutil
import pytest

from cursus_rt_notebook.data.synthetic.make import make_inputs, make_sources
from cursus_rt_notebook.data.synthetic.plan import Making
from cursus_rt_notebook.errors import CursusError, DataError, NothingKnown
from cursus_rt_notebook.pipeline.load import load_pipeline
from cursus_rt_notebook.pipeline.parts import on_data


@pytest.fixture
def pipeline(project):
    """Makes a pipeline of scripts whose main has the body given: `step: (inputs, outputs, body)`."""

    def placed(inputs):
        """With paths of the project's files as they are."""
        files = {port: project.path / source for port, source in inputs.items() if isinstance(source, str)}
        return {**inputs, **{port: str(path) for port, path in files.items() if path.is_file()}}

    def pipeline(**steps):
        for name, (_, _, body) in steps.items():
            project.script(name, body)
        written = {name: {"inputs": placed(inputs), "outputs": out} for name, (inputs, out, _) in steps.items()}
        return load_pipeline(project.pipeline(written))

    return pipeline


def orders(folder, rows=400):
    """Orders with a customer each, and the customers."""
    names = [f"K{n:04}-{'ABCD'[n % 4]}" for n in range(rows // 4)]
    customers = pd.DataFrame({"customer": names, "city": ["Rome", "Oslo", "Bern", "Wien"] * (len(names) // 4)})
    made = pd.DataFrame(
        {"order_id": range(1, rows + 1), "customer": names * 4, "amount": [n * 0.25 for n in range(rows)]}
    )
    for name, frame in {"orders": made, "customers": customers}.items():
        frame.to_csv(folder / f"{name}.csv", index=False)


def test_the_users_own_file_is_the_sample(pipeline, project, tmp_path, reader):
    """It keeps its name, its format and its packing; none of its rows is there."""
    orders(project.path)
    with zipfile.ZipFile(project.path / "orders.csv.zip", "w") as archive:
        archive.write(project.path / "orders.csv", "orders.csv")
    loaded = pipeline(one=({"data": "orders.csv.zip"}, ["out"], "pass"))
    made = make_inputs("one", loaded, tmp_path / "made", Making(rows=50), reader=reader)
    assert made.sources == {"data": "sample"}
    assert made["data"].name == "orders.csv.zip"
    new, real = pd.read_csv(made["data"]), pd.read_csv(project.path / "orders.csv")
    assert len(new) == 50
    assert new.dtypes.equals(real.dtypes)
    assert new.merge(real).empty
    again = make_inputs("one", loaded, tmp_path / "again", Making(rows=50), reader=reader)
    assert again["data"].read_bytes() == made["data"].read_bytes()


def test_a_folder_keeps_its_channels_parts_and_formats(pipeline, tmp_path, reader):
    """What is no table is copied as it is; hidden files and settings too."""
    sample = tmp_path / "sample"
    for channel in ("train", "val"):
        (sample / channel).mkdir(parents=True)
    frame = pd.DataFrame({"id": range(300), "x": [i / 7 for i in range(300)]})
    for part in range(3):
        frame.to_parquet(sample / "train" / f"part-{part}.parquet", index=False)
    frame.to_csv(sample / "val" / "val.csv.gz", index=False)
    frame.to_json(sample / "rows.jsonl", orient="records", lines=True)
    frame.to_json(sample / "list.json", orient="records")
    frame.to_json(sample / "columns.json")
    (sample / "settings.json").write_text('{"depth": 3, "names": ["id", "x"]}')
    (sample / "model.pkl").write_bytes(b"\x80\x04N.")
    (sample / "_SUCCESS").write_text("")
    loaded = pipeline(a=({}, ["out"], "pass"), b=({"data": "a.out"}, ["out"], "pass"))
    made = make_inputs("b", loaded, tmp_path / "made", Making(rows=100), samples={"data": sample}, reader=reader)
    root = made["data"]
    assert sorted(p.relative_to(root) for p in root.rglob("*")) == sorted(
        p.relative_to(sample) for p in sample.rglob("*")
    )
    parts = [pd.read_parquet(root / "train" / f"part-{part}.parquet") for part in range(3)]
    assert [len(part) for part in parts] == [34, 33, 33]
    assert pd.concat(parts)["x"].between(0, 43).all()
    assert gzip.decompress((root / "val" / "val.csv.gz").read_bytes()).count(b"\n") == 101
    assert len(pd.read_json(root / "rows.jsonl", lines=True)) == 100
    assert len(json.loads((root / "list.json").read_text())) == 100
    assert list(json.loads((root / "columns.json").read_text())["x"])[:2] == ["0", "1"]
    for name in ("settings.json", "model.pkl"):
        assert (root / name).read_bytes() == (sample / name).read_bytes()
    assert made.sources == {"data": "sample"}


def test_a_model_is_passed_on_and_said_to_be(pipeline, tmp_path, reader):
    """There is no other way to have one."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.joblib").write_bytes(b"\x80\x04N.")
    loaded = pipeline(a=({}, ["model"], "pass"), b=({"model": "a.model"}, ["out"], "pass"))
    made = make_inputs("b", loaded, tmp_path / "made", samples={"model": tmp_path / "model"}, reader=reader)
    assert made.sources == {"model": "copied"}
    assert (made["model"] / "model.joblib").read_bytes() == b"\x80\x04N."


JOIN = """
    import pandas as pd
    orders = pd.read_csv(Path(input_paths["orders"]) / "orders.csv")
    customers = pd.read_csv(Path(input_paths["customers"]) / "customers.csv")
    joined = orders[["order_id", "customer", "amount"]].merge(customers[["customer", "city"]], on="customer", validate="many_to_one")
    Path(output_paths["out"]).mkdir(exist_ok=True)
    joined.to_csv(Path(output_paths["out"]) / "joined.csv", index=False)
"""


def test_tables_join_by_the_keys_they_share(pipeline, project, tmp_path, reader):
    """Made anew in both, unique where they were, and found in the other."""
    orders(project.path)
    loaded = pipeline(join=({"orders": "orders.csv", "customers": "customers.csv"}, ["out"], "pass"))
    made = make_inputs("join", loaded, tmp_path / "made", Making(rows=200), reader=reader)
    left, right = pd.read_csv(made["orders"]), pd.read_csv(made["customers"])
    assert right["customer"].is_unique
    assert len(left.merge(right, on="customer", validate="many_to_one")) == 200
    real = set(pd.read_csv(project.path / "customers.csv")["customer"])
    assert len(real & set(left["customer"])) < 10, "chance alone finds as many"


def test_keys_of_few_values_are_used_again_and_still_join(pipeline, project, tmp_path, reader):
    """Sixteen codes and what they stand for: each row of the one table finds one in the other, however few there are."""
    codes = [f"{a}{b}" for a in "ABCD" for b in "WXYZ"]
    flights = pd.DataFrame({"code": codes * 20, "delay": range(320)})
    airlines = pd.DataFrame({"code": codes, "name": [f"{code} Airways" for code in codes]})
    flights.to_csv(project.path / "flights.csv", index=False)
    airlines.to_csv(project.path / "airlines.csv", index=False)
    loaded = pipeline(join=({"flights": "flights.csv", "airlines": "airlines.csv"}, ["out"], "pass"))
    for rows in (10, 200):
        made = make_inputs("join", loaded, tmp_path / "made", Making(rows=rows), reader=reader)
        left, right = pd.read_csv(made["flights"]), pd.read_csv(made["airlines"])
        assert len(left.merge(right, on="code", validate="many_to_one")) == rows
        assert set(left["code"]) <= set(codes)
        assert right.merge(airlines).empty


def test_what_a_script_reads_is_enough_to_run_it(pipeline, project, tmp_path, reader):
    """Columns by their names, files where it looks for them; the step runs on them to its end."""
    loaded = pipeline(
        a=({}, ["orders", "customers"], "pass"),
        join=({"orders": "a.orders", "customers": "a.customers"}, ["out"], JOIN),
    )
    made = make_inputs("join", loaded, tmp_path / "made", Making(rows=100), reader=reader)
    assert made.sources == {"orders": "script", "customers": "script"}
    inputs = {port: {"path": str(path)} for port, path in made.items()}
    session = project.session(project.pipeline({"join": {"inputs": inputs, "outputs": ["out"]}}))
    assert session.resume() is None, session.pause
    assert len(session["join"]["out"].df) == 100


def test_a_schema_of_the_port_comes_first(project, tmp_path, reader):
    """Its columns as it says; the others of the sample as they were, unless it forbids them."""
    orders(project.path)
    schema = pa.DataFrameSchema({"amount": pa.Column(float, pa.Check.in_range(5000, 6000))})
    project.script("a", "pass")
    project.script("b", "pass")
    for strict, columns in ((False, ["amount", "order_id", "customer"]), (True, ["amount"])):
        schema.strict = strict
        (project.path / "orders.yaml").write_text(schema.to_yaml())
        steps = {
            "a": {"outputs": {"out": {"schema": "orders.yaml"}}},
            "b": {"inputs": {"data": "a.out"}, "outputs": ["out"]},
        }
        document = project.pipeline(steps)
        document["steps"]["a"]["outputs"]["out"]["schema"] = str(project.path / "orders.yaml")
        made = make_inputs(
            "b",
            load_pipeline(document),
            tmp_path / "made",
            samples={"data": project.path / "orders.csv"},
            reader=reader,
        )
        assert made.sources == {"data": "schema"}
        new = pd.read_csv(made["data"])
        assert list(new.columns) == columns
        assert new["amount"].between(5000, 6000).all()


def test_what_nobody_knows_is_an_error_that_says_what_to_give(pipeline, tmp_path):
    """With step and port, and what the script would read; optional inputs are left out."""
    loaded = pipeline(
        a=({}, ["model", "other"], "pass"),
        b=({"model": "a.model"}, ["out"], 'import joblib\njoblib.load(Path(input_paths["model"]) / "model.joblib")'),
        c=({"other": "a.other"}, ["out"], "pass"),
        d=({"other": {"step": "a", "port": "other", "optional": True}}, ["out"], "pass"),
    )
    with pytest.raises(NothingKnown, match=r"'model' of step 'b'.*model\.joblib") as told:
        make_inputs("b", loaded, tmp_path)
    assert "give some, {'model': DataFrame or path}" in told.value.fix
    with pytest.raises(NothingKnown, match="'other' of step 'c'") as told:
        make_inputs("c", loaded, tmp_path)
    assert (told.value.step, told.value.port) == ("c", "other")
    assert make_inputs("d", loaded, tmp_path) == {}


def test_sources_of_a_pipeline_are_made_once_and_fed_to_it(pipeline, project, tmp_path, reader):
    """Two steps that read one file read one made-up file; steps are fed by steps as before."""
    orders(project.path)
    loaded = pipeline(
        a=({"orders": "orders.csv"}, ["out"], 'write("out", "t.csv", Path(input_paths["orders"]).read_text())'),
        b=({"orders": "orders.csv", "customers": "customers.csv", "more": "a.out"}, ["out"], "pass"),
    )
    made = make_sources(loaded, tmp_path / "made", Making(rows=80), reader=reader)
    assert set(made) == set(made.sources) == {("a", "orders"), ("b", "orders"), ("b", "customers")}
    assert made["a", "orders"] == made["b", "orders"]
    assert set(pd.read_csv(made["a", "orders"])["customer"]) <= set(pd.read_csv(made["b", "customers"])["customer"])
    fed = on_data(loaded, made)
    assert fed.steps["b"].inputs["more"] == loaded.steps["b"].inputs["more"]
    session = project.session(fed)
    session.resume()
    assert len(session["a"]["out"].df) == 80


def test_the_kernel_stays_small(pipeline, flights, project, tmp_path, reader):
    """A sample of 31 MB is not loaded, and of half a million rows only some are there at a time."""
    loaded = pipeline(one=({"data": str(flights)}, ["out"], "pass"))
    make_inputs("one", loaded, tmp_path / "few", Making(rows=100_000), reader=reader)  # whatever is loaded once
    before = psutil.Process().memory_info().rss
    made = make_inputs("one", loaded, tmp_path / "made", Making(rows=500_000), reader=reader)
    assert reader.size(made["data"]) == (500_000, 19)
    assert psutil.Process().memory_info().rss - before < 200 << 20


def test_unknown_steps_and_missing_samples_are_errors(pipeline, tmp_path, reader):
    """Neither is a bare KeyError or traceback."""
    loaded = pipeline(a=({}, ["out"], "pass"), b=({"data": "a.out"}, ["out"], "pass"))
    with pytest.raises(CursusError, match=r"'x'.*a, b"):
        make_inputs("x", loaded, tmp_path)
    with pytest.raises(DataError, match="not there"):
        make_inputs("b", loaded, tmp_path, samples={"data": tmp_path / "gone"}, reader=reader)
    with pytest.raises(DataError, match="no input 'y'"):
        make_inputs("b", loaded, tmp_path, samples={"y": tmp_path}, reader=reader)
