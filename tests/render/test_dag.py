"""Where the boxes lie, and what happens when dot does not answer."""

from __future__ import annotations

import json
import stat
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cursus_rt_notebook import settings
from cursus_rt_notebook.engine.state import RunState, StepState, StepStatus
from cursus_rt_notebook.pipeline.model import FromStep, Output, Pipeline, Step
from cursus_rt_notebook.render import dag, geometry
from cursus_rt_notebook.render.layered import layered
from tests.conftest import alive, wait_until
from tests.render import flights


@pytest.fixture(autouse=True)
def _fresh_layouts():
    """Every test begins without layouts of an earlier one."""
    dag.place.cache_clear()
    yield
    dag.place.cache_clear()


def test_dot_places_every_step_and_arrow():
    """The flights graph has ten boxes and an arrow for each pair of steps, none of them overlapping."""
    layout = dag.layout(flights.pipeline())
    assert layout.drawn_by == "dot"
    assert len(layout.centres) == 10
    assert len(layout.arrows) == len(geometry.wires(flights.pipeline())) == 13
    assert_no_overlap(layout)


def test_the_simple_layout_places_them_too():
    """Without dot the same graph has the same boxes and arrows, from top to bottom, inside the picture."""
    pipeline = flights.pipeline()
    layout = layered(geometry.structure(pipeline))
    assert_no_overlap(layout)
    height = dict(zip(pipeline.order, layout.centres, strict=True))
    for wire in geometry.wires(pipeline):
        assert height[wire.tail][1] < height[wire.head][1]
    assert all(0 < x < layout.width and 0 < y < layout.height for x, y in layout.centres)


def test_a_change_of_state_needs_no_new_layout(monkeypatch):
    """The layout is made once for a structure, whatever the steps are called and however they stand."""
    runs = []
    real = dag._run
    monkeypatch.setattr(dag, "_run", lambda source: runs.append(source) or real(source))
    for state in (flights.paused(), flights.failed(), flights.running()):
        dag.svg(flights.pipeline(), state)
    assert len(runs) == 1


def test_V4_no_text_of_the_users_reaches_dot():
    """V4: dot sees n0, n1, ...; n steps are n nodes, also when names are markup, ports or escapes for dot."""
    names = [
        "<b>x</b>",
        "a:training",
        "back\\",
        'qu"ote',
        "<<TABLE HREF='javascript:x'>>",
        "&amp;",
        "\\N",
        "n0",
        "漢字",
    ]
    pipeline, state = chain(names)
    source = dag._source(geometry.structure(pipeline))
    assert not [name for name in names if name != "n0" and name in source]
    assert "URL" not in source
    assert "tooltip" not in source
    assert len(dag.layout(pipeline).centres) == len(names)
    assert dag.layout(pipeline).drawn_by == "dot"
    assert dag.svg(pipeline, state).count("data-step=") == len(names)


def test_V5_a_dense_graph_is_drawn_within_the_limit():
    """V5: 300 steps and 3,000 arrows do not even ask dot; the list of steps stands for the picture."""
    steps = {f"s{i}": Step(name=f"s{i}", script=Path("s.py"), after=_ten_before(i)) for i in range(300)}
    pipeline = Pipeline(name="dense", steps=steps, source_dir=Path(), base_dir=Path(), origin="dict")
    assert len(geometry.wires(pipeline)) > 2_900
    began = time.monotonic()
    layout = dag.layout(pipeline)
    state = RunState("1", "dense", {name: StepState(name) for name in pipeline.order})
    assert layout.drawn_by == "layers"
    assert dag.svg(pipeline, state).count("data-step=") == 300
    assert dag.png(pipeline, state) is None
    assert time.monotonic() - began < settings.DOT_TIMEOUT


def test_V5_a_missing_dot_is_replaced(monkeypatch):
    """V5: where there is neither the wheel nor a dot on PATH, the simple layout stands in."""
    monkeypatch.setattr(dag.metadata, "distribution", _no_distribution)
    monkeypatch.setenv("PATH", "")
    assert dag.layout(flights.pipeline()).drawn_by == "layers"


def test_a_dot_of_the_system_is_used_where_no_wheel_exists(monkeypatch, tmp_path):
    """Where the wheel is missing, the dot on PATH is asked."""
    fake = script(tmp_path / "dot", "print('{}')")
    monkeypatch.setattr(dag.metadata, "distribution", _no_distribution)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert dag._dot() == str(fake)


@pytest.mark.parametrize("answer", ["", "not json", "{}", json.dumps({"bb": "0,0,1,1", "objects": [], "edges": []})])
def test_V5_a_dot_that_answers_nonsense_is_replaced(monkeypatch, tmp_path, answer):
    """V5: whatever dot says, there is a picture."""
    fake = script(tmp_path / "dot", f"print({answer!r})")
    monkeypatch.setattr(dag, "_dot", lambda: str(fake))
    assert dag.layout(flights.pipeline()).drawn_by == "layers"


def test_V5_a_dot_that_hangs_is_killed_with_its_children(monkeypatch, tmp_path):
    """V5: at the time limit dot and what it started are ended; the simple layout stands in."""
    mark = tmp_path / "pid"
    body = (
        "import subprocess, sys, time, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(mark)!r}).write_text(str(child.pid))\n"
        "time.sleep(600)"
    )
    fake = script(tmp_path / "dot", body)
    monkeypatch.setattr(dag, "_dot", lambda: str(fake))
    monkeypatch.setattr(settings, "DOT_TIMEOUT", 1.0)
    began = time.monotonic()
    assert dag.layout(flights.pipeline()).drawn_by == "layers"
    assert time.monotonic() - began < 3
    wait_until(lambda: not mark.exists() or not alive([int(mark.read_text())]), 5)


def test_one_step_alone_is_a_picture():
    """A graph without arrows is laid out, too; an empty one does not fail."""
    pipeline, state = chain(["alone"])
    assert len(dag.layout(pipeline).centres) == 1
    assert dag.svg(pipeline, state)
    assert layered(geometry.Structure(0, ())).centres == ()


def test_ports_between_the_same_two_steps_are_one_arrow():
    """Two inputs from one step are one arrow with both ports."""
    fed = {"a": FromStep(step="one", port="x"), "b": FromStep(step="one", port="y")}
    steps = {
        "one": Step(name="one", script=Path("s.py"), outputs={"x": Output(), "y": Output()}),
        "two": Step(name="two", script=Path("s.py"), inputs=fed, after=("one",)),
    }
    pipeline = Pipeline(name="p", steps=steps, source_dir=Path(), base_dir=Path(), origin="dict")
    assert geometry.wires(pipeline) == (geometry.Wire("one", "two", ("x", "y")),)


def test_rows_stand_on_the_arrows():
    """An arrow says the rows of the one table that went along it, else the channels, else the port that tells."""
    drawn = dag.svg(flights.pipeline(), flights.paused())
    assert drawn.count(">336,776<") == 4
    assert ">train · val · test<" in drawn
    assert ">12,000<" in drawn
    assert drawn.count(">model<") == 2


def test_a_stale_step_claims_no_rows():
    """What may be different now is not told as if it were known."""
    state = flights.paused()
    stale = replace(state.steps["extract"], status=StepStatus.STALE)
    drawn = dag.svg(flights.pipeline(), replace(state, steps={**state.steps, "extract": stale}))
    assert drawn.count(">336,776<") == 2


def chain(names: list[str]) -> tuple[Pipeline, RunState]:
    """A pipeline of steps that follow one another, and its state before any run."""
    steps = {}
    for before, name in zip((None, *names), names, strict=False):
        steps[name] = Step(name=name, script=Path("s.py"), after=(before,) if before else ())
    pipeline = Pipeline(name="chain", steps=steps, source_dir=Path(), base_dir=Path(), origin="dict")
    return pipeline, RunState("1", "chain", {name: StepState(name) for name in pipeline.order})


def script(path: Path, body: str) -> Path:
    """An executable Python script."""
    path.write_text(f"#!{sys.executable}\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def assert_no_overlap(layout: geometry.Layout) -> None:
    """No box lies on another."""
    for i, (ax, ay) in enumerate(layout.centres):
        for bx, by in layout.centres[i + 1 :]:
            assert abs(ax - bx) >= geometry.BOX_WIDTH or abs(ay - by) >= geometry.BOX_HEIGHT


def _ten_before(i: int) -> tuple[str, ...]:
    return tuple(f"s{j}" for j in range(max(i - 10, 0), i))


def _no_distribution(name: str):
    raise dag.metadata.PackageNotFoundError(name)
