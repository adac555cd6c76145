"""The graph of the data: what each step read and wrote, and whether it is there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from cursus_rt_notebook.engine.pause import StepView
from cursus_rt_notebook.engine.state import SETTLED, RunState, StepState, StepStatus, Table
from cursus_rt_notebook.pipeline.model import FromPath, FromStep, Output, Pipeline, Step
from cursus_rt_notebook.render import dag, geometry
from cursus_rt_notebook.render.layered import layered
from cursus_rt_notebook.render.panel import lineage
from cursus_rt_notebook.render.panel.lineage_view import lineage_view
from tests.render import flights, hostile


def shown(state: RunState, pipeline: Pipeline | None = None, *, root: Path = Path(), opened: tuple[str, ...] = ()):
    """The graph of the data for a state; every settled step has written all its ports below `root`."""
    pipeline = pipeline or flights.pipeline()
    record = SimpleNamespace(key="kept", opened=dict.fromkeys(opened, "digest"))
    workspace = SimpleNamespace(
        journal=SimpleNamespace(artifacts=lambda key: [record] if key == "base" else []),
        artifact_dir=lambda key, port: root / port,
    )
    steps = {name: _written(step, pipeline.steps[name]) for name, step in state.steps.items()}
    run = replace(state, steps=steps)
    return lineage_view(pipeline, {name: StepView(name, run, pipeline, workspace) for name in pipeline.order})


def _written(step: StepState, model: Step) -> StepState:
    if step.status in SETTLED | {StepStatus.STALE}:
        return replace(step, outputs=dict.fromkeys(model.outputs, "digest"), artifact="kept", key="base")
    return step


def texts(node) -> list[str]:
    return [item["text"] for item in node["items"] if "text" in item]


def by_id(graph):
    return {node["id"]: node for node in graph["nodes"]}


def test_every_step_port_and_file_is_a_box():
    """Files at the top, ports between the step that wrote and the steps that read them."""
    graph = shown(flights.paused())
    kinds = [node["kind"] for node in graph["nodes"]]
    assert (kinds.count("step"), kinds.count("port"), kinds.count("file")) == (10, 13, 1)
    ends = {tuple(edge["ends"]) for edge in graph["edges"]}
    assert ("file /flights/flights.csv.zip", "step extract") in ends
    assert {("step extract", "port extract/flights"), ("port extract/flights", "step join_planes")} <= ends
    assert json.dumps(graph)


def test_a_port_says_its_shape_once_it_is_there():
    """What is there says rows and columns, channel by channel; what is not is hollow and says so."""
    nodes = by_id(shown(flights.paused()))
    assert texts(nodes["port extract/flights"]) == ["flights", "336,776 \N{MULTIPLICATION SIGN} 19"]
    data = nodes["port preprocess/processed_data"]
    assert texts(data) == [
        "processed_data",
        "train 229,153 \N{MULTIPLICATION SIGN} 19",
        "val 49,104 \N{MULTIPLICATION SIGN} 19",
        "test 49,089 \N{MULTIPLICATION SIGN} 19",
    ]
    assert data["look"] == "done"
    later = nodes["port train/model"]
    assert (later["look"], texts(later)) == ("waiting", ["model", "not there yet"])
    assert later["items"][0]["dashed"] is True
    assert "not there yet" in later["label"]


def test_stale_data_is_marked():
    """Data of a step that would run again is amber, says why, and claims no rows."""
    node = by_id(shown(flights.every_state()))["port join_planes/joined"]
    assert (node["look"], texts(node)) == ("stale", ["joined", "script changed"])
    assert node["items"][0]["stroke"] == "pause"


@pytest.mark.parametrize(
    ("step", "told", "look"),
    [
        (StepState("train", StepStatus.RUNNING), "being written", "waiting"),
        (StepState("train", StepStatus.FAILED), "not written", "skipped"),
        (StepState("train", StepStatus.SKIPPED, "needs encode"), "needs encode", "skipped"),
        (StepState("train", StepStatus.WAITING, "needs encode", lacks="encode"), "needs encode", "skipped"),
    ],
)
def test_what_is_not_there_says_why(step, told, look):
    """A port of a step that runs, failed or cannot run says which."""
    state = flights.paused()
    node = by_id(shown(replace(state, steps={**state.steps, "train": step})))["port train/model"]
    assert (texts(node)[1], node["look"]) == (told, look)


def test_unusual_rows_are_marked_here_too():
    """A table that has fewer rows than it ever had says by how much, bold and amber."""
    state = flights.paused()
    odd = Table("flights", None, 235_743, 19, 294_678, (290_000, 300_000))
    steps = {**state.steps, "extract": replace(state.steps["extract"], tables=(odd,))}
    node = by_id(shown(replace(state, steps=steps)))["port extract/flights"]
    [line] = [item for item in node["items"] if item.get("text", "").endswith("(-20 %)")]
    assert (line["bold"], line["colour"]) == (True, "pause")
    assert "unusual" in node["title"]


def test_a_port_of_files_says_what_they_are(tmp_path):
    """Where there is no table: the file's name and size, or how many there are; nothing at all is empty."""
    for folder, names in (("metrics", ["auc.json"]), ("model", ["a.bin", "b.bin"]), ("importance", [])):
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_bytes(b"x" * 600)
    done = {name: StepState(name, StepStatus.DONE) for name in ("evaluate", "train")}
    nodes = by_id(shown(replace(flights.paused(), steps={**flights.paused().steps, **done}), root=tmp_path))
    assert texts(nodes["port evaluate/metrics"])[1] == "auc.json · 600 B"
    assert texts(nodes["port train/model"])[1] == "2 files · 1.2 kB"
    assert texts(nodes["port train/importance"])[1] == "empty"


def test_a_file_of_the_users_is_there_or_not(tmp_path):
    """A file says its size; one that two steps read is one box."""
    there = tmp_path / "codes.csv"
    there.write_text("a,b\n")
    inputs = {"codes": FromPath(path=there), "none": FromPath(path=tmp_path / "none.csv")}
    steps = {n: Step(name=n, script=Path("s.py"), inputs=inputs, outputs={"out": Output()}) for n in ("one", "two")}
    pipeline = Pipeline(name="p", steps=steps, source_dir=Path(), base_dir=Path(), origin="dict")
    graph = shown(RunState("1", "p", {n: StepState(n) for n in steps}), pipeline)
    files = {node["name"]: node for node in graph["nodes"] if node["kind"] == "file"}
    assert texts(files["codes.csv"]) == ["codes.csv", "4 B"]
    assert texts(files["none.csv"]) == ["none.csv", "not there"]
    assert sum(edge["ends"][0] == files["codes.csv"]["id"] for edge in graph["edges"]) == 2


def test_files_that_a_script_opened_are_read_too(tmp_path):
    """What a step opened beside its script, as the workspace noted it, is a file that it read."""
    table = tmp_path / "risk.csv"
    table.write_text("x")
    ends = {tuple(edge["ends"]) for edge in shown(flights.paused(), opened=(str(table),))["edges"]}
    assert (f"file {table}", "step preprocess") in ends
    assert (f"file {table}", "step impute") not in ends


def test_many_channels_are_counted():
    """A port of many channels shows the first ones and how many more there are: boxes have a fixed size."""
    channels = tuple(f"part{i}" for i in range(9))
    one = Step(name="one", script=Path("s.py"), outputs={"out": Output(channels=channels)})
    pipeline = Pipeline(name="p", steps={"one": one}, source_dir=Path(), base_dir=Path(), origin="dict")
    node = by_id(shown(RunState("1", "p", {"one": StepState("one")}), pipeline))["port one/out"]
    assert texts(node) == ["out", "part0", "part1", "part2", "+ 6 channels"]


def test_the_layout_does_not_depend_on_the_states():
    """A change of state moves nothing."""
    places = [
        {node["id"]: node["box"] for node in shown(state)["nodes"]}
        for state in (flights.paused(), flights.failed(), flights.running())
    ]
    assert places[0] == places[1] == places[2]


@pytest.mark.parametrize("place", [dag.place, layered])
def test_boxes_of_several_sizes_do_not_overlap(place):
    """Both layouts keep boxes of different heights apart, inside the picture."""
    found, arrows = lineage.boxes(flights.pipeline(), {})
    index = {box.id: i for i, box in enumerate(found)}
    sizes = tuple((148.0, 28.0 + 13 * box.lines) for box in found)
    layout = place(geometry.Structure(len(found), tuple((index[a], index[b], False) for a, b in arrows), sizes))
    rects = [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for (x, y), (w, h) in zip(layout.centres, sizes, strict=True)]
    for i, a in enumerate(rects):
        assert a[0] > 0
        assert a[1] > 0
        assert a[2] < layout.width
        assert a[3] < layout.height + 0.1
        for b in rects[i + 1 :]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@pytest.mark.parametrize("name", ["x" * 1_000, "漢" * 300, "__proto__", *hostile.MARKUP[:3]])
def test_v1_hostile_names_stay_inside_their_boxes(name):
    """V1: names are text of a limited length, however long they are and whatever they say."""
    step = Step(
        name=name,
        script=Path("s.py"),
        inputs={"file": FromPath(path=Path("/") / name.replace("/", "")[:200])},
        outputs={name: Output(channels=(name,))},
    )
    after = Step(name="after", script=Path("s.py"), inputs={"in": FromStep(step=name, port=name)})
    pipeline = Pipeline(name="p", steps={name: step, "after": after}, source_dir=Path(), base_dir=Path(), origin="dict")
    graph = shown(RunState("1", "p", {n: StepState(n) for n in pipeline.order}), pipeline)
    assert len(graph["nodes"]) == 4
    assert max(len(text) for node in graph["nodes"] for text in texts(node)) < 60
