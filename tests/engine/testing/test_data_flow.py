"""What flows between steps, mapped, captured, compared and traced without a run."""

from __future__ import annotations

import pandas as pd
import pytest

from cursus_rt_notebook import errors
from cursus_rt_notebook.data.checks.compatibility import Level
from cursus_rt_notebook.engine.testing.data_flow import DataFlowManager
from cursus_rt_notebook.engine.testing.results import ExecutionResult, PortData
from cursus_rt_notebook.pipeline.contract import PortContract, ScriptContract

FLIGHTS = pd.DataFrame({"carrier": ["UA", "AA", "UA"], "dep_delay": [3.0, None, 40.0]})
SCHEMA = """
schema_type: dataframe
columns:
  carrier: {dtype: str, nullable: false}
  dep_delay: {dtype: float64, nullable: true}
"""


@pytest.fixture
def manager(tmp_path):
    """A manager whose relative paths lie in the test's folder."""
    return DataFlowManager(str(tmp_path))


@pytest.fixture
def written(tmp_path):
    """Two ports as a step left them: a table in two channels, and a text."""
    for channel in ("train", "test"):
        folder = tmp_path / "data" / channel
        folder.mkdir(parents=True)
        FLIGHTS.to_csv(folder / "part.csv", index=False)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.txt").write_text("all is well")
    return {"data": tmp_path / "data", "notes": tmp_path / "notes"}


def contract(**inputs):
    return ScriptContract(
        entry_point="train.py", inputs={port: said or PortContract() for port, said in inputs.items()}
    )


def test_inputs_take_the_outputs_of_their_names(manager, written):
    """By port, by step and port, or nested; what is left over goes to the only input that is left."""
    by_name = manager.setup_step_inputs("train", written, contract(data=None))
    assert by_name == {"data": str(written["data"])}
    dotted = manager.setup_step_inputs("train", {"prepare.data": written["data"]}, contract(data=None))
    nested = manager.setup_step_inputs("train", {"prepare": {"data": "data"}}, contract(data=None))
    assert by_name == dotted == nested
    other = manager.setup_step_inputs("train", {"prepare.processed": written["data"]}, contract(data=None))
    assert other == by_name


def test_mapping_is_kept_as_lineage(manager, written):
    """Who wrote what is read."""
    manager.setup_step_inputs("train", {"prepare": {"data": written["data"]}}, contract(data=None))
    (edge,) = manager.data_lineage
    assert (edge.producer, edge.producer_port, edge.consumer, edge.consumer_port) == (
        "prepare",
        "data",
        "train",
        "data",
    )
    assert edge.digest


def test_an_input_without_data_is_named(manager, written, tmp_path):
    """With what there is instead; an optional one is left out."""
    with pytest.raises(errors.InputMissing, match="'date' of train has no data") as raised:
        manager.setup_step_inputs("train", written, contract(date=None, notes=None, more=None))
    assert raised.value.fix == "did you mean data?"
    assert raised.value.category == "data flow"
    (tmp_path / "empty").mkdir()
    with pytest.raises(errors.InputMissing, match="is empty"):
        manager.setup_step_inputs("train", {"data": tmp_path / "empty"}, contract(data=None))
    optional = contract(data=None, more=PortContract(required=False), most=PortContract(required=False))
    assert set(manager.setup_step_inputs("train", written, optional)) == {"data"}


def test_outputs_are_captured_as_plain_data(manager, written):
    """Files by kind and size; tables by channel with their schema and what is missing."""
    captured = manager.capture_step_outputs("prepare", written)
    data = captured["data"]
    assert [file["kind"] for file in data["files"]] == ["csv", "csv"]
    assert set(data["tables"]) == {"train", "test"}
    train = data["tables"]["train"]
    assert (train["rows"], train["columns"]) == (3, 2)
    assert train["schema"] == {"carrier": "text", "dep_delay": "float"}
    assert train["missing"]["dep_delay"] == pytest.approx(1 / 3)
    assert captured["notes"]["tables"] == {}
    assert captured["notes"]["bytes"] == 11
    assert len(captured["data"]["digest"]) == 64


def test_an_empty_output_is_an_error_that_names_it(manager, written, tmp_path):
    """All of them at once."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(errors.OutputsMissing, match="'model', 'plot'") as raised:
        manager.capture_step_outputs("train", {**written, "model": tmp_path / "empty", "plot": tmp_path / "nowhere"})
    assert raised.value.ports == ("model", "plot")


@pytest.mark.parametrize(
    ("name", "write", "says"),
    [
        ("t.parquet", FLIGHTS.to_csv, "it is a csv (though named .parquet)"),
        ("t.csv", FLIGHTS.to_parquet, "it is a parquet (though named .csv)"),
        ("t.csv", lambda path: FLIGHTS.to_csv(path, compression="gzip"), "it is a csv (gzip)"),
        ("t.csv.gz", lambda path: FLIGHTS.to_csv(path, compression=None), "it is a csv, not packed"),
        ("t.csv", FLIGHTS.to_json, "it is a json (though named .csv)"),
        (
            "t.csv",
            lambda path: path.write_bytes(bytes(range(256))),
            "it is of an unknown kind (binary, though named .csv)",
        ),
        ("p.png", lambda path: path.write_text("no picture"), "it is a text (though named .png)"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_an_error(manager, tmp_path, name, write, says):
    """It names file and port, and says what the file is instead; below a channel, too."""
    (tmp_path / "out" / "train").mkdir(parents=True)
    write(tmp_path / "out" / "train" / name)
    with pytest.raises(errors.FormatMismatch) as raised:
        manager.capture_step_outputs("train", {"model": tmp_path / "out"})
    error = raised.value
    assert error.message == f"train wrote train/{name} to 'model', which is not what its name says: {says}"
    assert (error.step, error.ports, error.category) == ("train", ("model",), "data flow")
    assert error.path == str(tmp_path / "out" / "train" / name)
    assert error.recommendations


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("t.parquet", b"PAR1 and no end", "cannot be read as parquet"),
        ("t.csv", b"", "is empty: 0 bytes"),
        ("t.csv", "a,b\n1,é\n".encode("latin-1"), "is not UTF-8"),
        ("t.csv", b"a,b\n1,2\n1,2,3\n", "Expected 2 fields in line 3"),
        ("t.jsonl", b'{"a": 1}\nnope\n', "cannot be read as jsonl"),
    ],
)
def test_a_table_that_cannot_be_read_is_an_error(manager, tmp_path, name, content, says):
    """Beside another table that can be, too: the error names the one that cannot."""
    folder = tmp_path / "out"
    folder.mkdir()
    FLIGHTS.to_csv(folder / "good.csv", index=False)
    (folder / name).write_bytes(content)
    with pytest.raises(errors.FormatMismatch, match=f"train wrote {name} to 'model', which cannot be read: .*{says}"):
        manager.capture_step_outputs("train", {"model": folder})


def test_what_promises_no_one_table_is_a_word_on_it(manager, tmp_path):
    """Several tables, parts that differ, and JSON that is no table are no faults of a file."""
    for name in ("several", "parts", "number"):
        (tmp_path / name).mkdir()
    FLIGHTS.to_csv(tmp_path / "several" / "a.csv")
    FLIGHTS.to_parquet(tmp_path / "several" / "b.parquet")
    FLIGHTS.to_csv(tmp_path / "parts" / "part-0.csv")
    FLIGHTS[["carrier"]].to_csv(tmp_path / "parts" / "part-1.csv")
    (tmp_path / "number" / "rmse.json").write_text("0.5")
    ports = {name: tmp_path / name for name in ("several", "parts", "number")}
    captured = manager.capture_step_outputs("train", ports)
    assert "several tables" in captured["several"]["tables"][""]["problem"]
    assert "different columns" in captured["parts"]["tables"][""]["problem"]
    assert "no table" in captured["number"]["tables"][""]["problem"]


def test_data_is_compared_with_the_schema_of_the_contract(manager, tmp_path):
    """A path, an artifact or a DataFrame; the level says how well it fits."""
    schema = tmp_path / "flights.schema.yaml"
    schema.write_text(SCHEMA)
    expects = contract(flights=PortContract(schema_file=schema))
    path = tmp_path / "flights.parquet"
    FLIGHTS.to_parquet(path)
    assert manager.validate_data_compatibility(path, expects).ok
    assert manager.validate_data_compatibility({"flights": FLIGHTS}, expects).ok
    lacking = manager.validate_data_compatibility(FLIGHTS[["dep_delay"]], expects)
    assert lacking.level is Level.INCOMPATIBLE
    assert "carrier" in lacking.headline
    assert lacking.recommendations
    with pytest.raises(errors.SchemaMismatch, match="flights does not agree with its schema") as raised:
        lacking.raise_for_status()
    assert "carrier" in raised.value.message
    assert raised.value.recommendations == lacking.recommendations
    assert (raised.value.ports, raised.value.category) == (("flights",), "data flow")
    more = manager.validate_data_compatibility(FLIGHTS.assign(tailnum="N1"), expects)
    assert more.level is Level.COMPATIBLE
    more.raise_for_status()


def test_what_is_compared_has_to_be_an_input(manager):
    """Several inputs want a mapping; a wrong name is told with the right ones."""
    with pytest.raises(errors.InputMissing, match="2 inputs"):
        manager.validate_data_compatibility(FLIGHTS, contract(a=None, b=None))
    with pytest.raises(errors.InputMissing, match="declares no input 'fligths'") as raised:
        manager.validate_data_compatibility({"fligths": FLIGHTS}, contract(flights=None))
    assert raised.value.fix == "did you mean flights?"


def test_lineage_follows_digests_through_executions(manager):
    """A file of the user's is named by its path; `upstream` and `downstream` go as far as the data does."""
    raw = PortData(path="/data/raw.csv", digest="0")
    one, two = PortData(path="/1", digest="1"), PortData(path="/2", digest="2")
    ran = [
        ExecutionResult(step_name=name, script_path="", status="done", success=True, inputs=i, outputs=o)
        for name, i, o in (
            ("extract", {"raw": raw}, {"flights": one}),
            ("encode", {"flights": one}, {"encoded": two}),
            ("report", {"encoded": two}, {}),
        )
    ]
    lineage = manager.create_data_lineage(ran)
    assert lineage.upstream("report") == ("encode", "extract", "/data/raw.csv")
    assert lineage.downstream("extract") == ("encode", "report")
    assert lineage.to_dataframe()["producer"].tolist() == ["/data/raw.csv", "extract", "encode"]
