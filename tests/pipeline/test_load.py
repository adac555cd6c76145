"""The sources that a pipeline can be read from."""

from __future__ import annotations

import datetime as dt
import enum
import math
import time
from pathlib import Path

import networkx as nx
import pytest

from cursus_rt_notebook.pipeline.load import load_pipeline
from tests.pipeline.conftest import as_yaml, faults_of, small


def test_a_pipeline_is_returned_as_it_is(folder):
    """Loading twice is loading once."""
    pipeline = load_pipeline(small())
    assert load_pipeline(pipeline) is pipeline


@pytest.mark.parametrize("source", [None, 5, [], object(), {"a"}])
def test_other_things_are_no_pipelines(source):
    """What is no source is said to be none."""
    (fault,) = faults_of(source)
    assert "is not a pipeline" in fault.message


class TestMapping:
    """A plain dict."""

    def test_python_values(self, folder):
        """Tuples, paths, enumerations and numbers are what they stand for."""
        kind = enum.StrEnum("Kind", {"A": "a"})
        document = small(inputs={"x": Path("data.csv")}, outputs=("model",), args={"k": kind.A, "t": (1, 2)})
        document["steps"]["train"]["env"] = {"N": 1, "F": 0.5, "K": kind.A}
        step = load_pipeline(document).steps["train"]
        assert step.args == {"k": "a", "t": [1, 2]}
        assert type(step.args["k"]) is str
        assert step.env == {"N": "1", "F": "0.5", "K": "a"}
        assert tuple(step.outputs) == ("model",)

    def test_relative_to_the_working_directory(self, folder):
        """A dict has no file, so its paths start at the working directory, once and for all."""
        pipeline = load_pipeline(small())
        assert (pipeline.base_dir, pipeline.origin, pipeline.name) == (folder, "dict", "pipeline")
        assert pipeline.steps["extract"].inputs["raw"].path == folder / "data.csv"

    def test_later_changes_do_not_reach_the_pipeline(self, folder):
        """The pipeline holds copies."""
        document = small(args={"deep": {"a": [1]}})
        pipeline = load_pipeline(document)
        document["steps"]["train"]["args"]["deep"]["a"].append(2)
        assert pipeline.steps["train"].args == {"deep": {"a": [1]}}

    @pytest.mark.parametrize("value", [dt.date(2024, 1, 1), {1, 2}, b"x", object(), [object()], {"a": print}, "\ud800"])
    def test_arguments_have_to_be_json(self, value, folder):
        """What JSON cannot hold never reaches a step."""
        (fault,) = faults_of(small(args={"x": value}))
        assert fault.place.startswith("steps.train.args.x")

    def test_json_numbers(self, folder):
        """Not-a-number and infinity are numbers, as in Python's own JSON."""
        args = load_pipeline(small(args={"a": math.nan, "b": math.inf})).steps["train"].args
        assert math.isnan(args["a"])
        assert args["b"] == math.inf

    @pytest.mark.parametrize("value", [True, False, [], {}, object(), "a\0b"])
    def test_environment_is_text(self, value, folder):
        """A variable is text or a number; true and false have to say how they are spelt."""
        (fault,) = faults_of(small(env={"X": value}))
        assert fault.place == "steps.train.env.X"

    def test_keys_that_are_no_text(self, folder):
        """A number as key is asked to be quoted."""
        document = small()
        document["steps"][1] = {"script": "train.py"}
        (fault,) = faults_of(document)
        assert fault.fix == 'quote it: "1"'

    def test_A5_a_dict_that_holds_itself(self, folder):
        """A dict inside itself is a fault, not a hang."""
        document = small()
        document["steps"]["train"]["args"] = document
        (fault,) = faults_of(document)
        assert "does it hold itself?" in fault.fix

    def test_A5_a_number_without_end(self, folder):
        """A number that cannot be printed is a fault, not a crash."""
        assert faults_of(small(args={"n": 10**9_999}, env={"N": -(10**9_999)}, timeout=10**9_999))

    def test_a_deleted_working_directory(self, folder, monkeypatch):
        """Absolute paths are found also from a folder that is gone."""
        gone = folder / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        document = small()
        document["source_dir"] = str(folder / "scripts")
        document["steps"]["extract"]["inputs"] = {"raw": str(folder / "data.csv")}
        assert load_pipeline(document).order == ("extract", "train")


class TestGraph:
    """A networkx graph: attributes are keys, and edges agree with the references."""

    @staticmethod
    def graph(kind=nx.DiGraph):
        """Two steps, the second fed by the first, and no edge."""
        graph = kind(**small())
        for name, attributes in graph.graph.pop("steps").items():
            graph.add_node(name, **attributes)
        graph.nodes["train"]["inputs"] = {"data": "extract.flights"}
        return graph

    def test_attributes_are_keys(self, folder):
        """Nodes and graph carry the same keys as a dict."""
        graph = self.graph()
        graph.add_edge("extract", "train")
        document = small(inputs={"data": "extract.flights"})
        assert load_pipeline(graph).steps == load_pipeline(document).steps
        assert load_pipeline(graph).origin == "graph"

    def test_without_edges_the_references_are_enough(self, folder):
        """A graph of nodes only takes its order from the references."""
        assert load_pipeline(self.graph()).steps["train"].needs == ("extract",)

    def test_an_edge_without_a_reference_is_an_order(self, folder):
        """An edge that no input explains says `after`."""
        graph = self.graph()
        graph.add_node("audit", script="clean.py")
        graph.add_edges_from([("extract", "train"), ("audit", "extract")])
        assert load_pipeline(graph).steps["extract"].after == ("audit",)
        assert load_pipeline(graph).order == ("audit", "extract", "train")

    def test_a_reference_without_its_edge(self, folder):
        """A graph with edges has to have all of them."""
        graph = self.graph()
        graph.add_node("score", script="score.py")
        graph.add_edge("train", "score")
        (fault,) = faults_of(graph)
        assert fault.message == "uses step 'extract', but the graph has no edge from it"
        assert fault.fix == "add_edge('extract', 'train'), or mend the reference"

    def test_R5_a_cycle_of_edges(self, folder):
        """Edges that close a ring are named."""
        graph = self.graph()
        graph.add_edges_from([("extract", "train"), ("train", "extract")])
        (fault,) = faults_of(graph)
        assert fault.message == "steps wait for each other: extract -> train -> extract"
        assert "edges['train -> extract']" in fault.fix

    def test_R5_a_self_loop(self, folder):
        """An edge from a step to itself is named."""
        graph = self.graph()
        graph.add_edges_from([("extract", "train"), ("train", "train")])
        (fault,) = faults_of(graph)
        assert fault.message == "step 'train' waits for itself"

    def test_R5_a_typo_in_an_edge(self, folder):
        """A node that an edge made by mistake is answered with the one that was meant."""
        graph = self.graph()
        graph.add_edges_from([("extract", "train"), ("trian", "train")])
        (fault,) = faults_of(graph)
        assert "did you mean 'train'?" in fault.fix

    @pytest.mark.parametrize("kind", [nx.Graph, nx.MultiGraph])
    def test_edges_need_a_direction(self, kind, folder):
        """A graph without direction has no order."""
        (fault,) = faults_of(self.graph(kind))
        assert fault.fix == "make a networkx.DiGraph"

    def test_parallel_edges(self, folder):
        """Two edges between the same steps say no more than one."""
        graph = self.graph(nx.MultiDiGraph)
        graph.add_edges_from([("extract", "train"), ("extract", "train")])
        assert load_pipeline(graph).steps["train"].needs == ("extract",)

    def test_nodes_that_are_no_text(self, folder):
        """A number as node is asked to be quoted."""
        graph = self.graph()
        graph.add_node(1, script="train.py")
        (fault,) = faults_of(graph)
        assert fault.fix == 'quote it: "1"'


def test_three_hundred_steps_load_in_seconds(folder):
    """A big document costs what its parser costs; no check is quadratic."""
    steps = {"s0": {"script": "train.py", "outputs": ["o", "p"]}}
    for i in range(1, 300):
        inputs = {"a": f"s{i - 1}.o", "b": f"s{i // 2}.p"}
        steps[f"s{i}"] = {"script": "train.py", "inputs": inputs, "outputs": ["o", "p"], "memory": "2GB"}
    (folder / "p.yaml").write_text(as_yaml({"source_dir": "scripts", "steps": steps}))
    started = time.monotonic()
    assert len(load_pipeline("p.yaml").order) == 300
    assert time.monotonic() - started < 5


def test_a_thousand_faults_are_found_in_seconds(folder):
    """Suggestions are not searched for without end."""
    steps = {f"step{i}": {"script": "trian.py", "inputs": {"x": f"stpe{i}.o"}, "outputs": ["o"]} for i in range(1000)}
    started = time.monotonic()
    assert len(faults_of({"source_dir": "scripts", "steps": steps})) == 2000
    assert time.monotonic() - started < 10
