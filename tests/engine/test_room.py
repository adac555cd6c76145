"""Waiting for memory: a step that would not fit, going by its last run, starts when there is room."""

from __future__ import annotations

import os
from dataclasses import replace

from cursus_rt_notebook.engine import room
from cursus_rt_notebook.engine.events import Ended, Go, Halt, Noted
from cursus_rt_notebook.engine.state import RunStatus, StepStatus
from cursus_rt_notebook.worker import capacity, launch
from tests.conftest import wait_until
from tests.engine.test_transitions import Machine

GB = 10**9


def machine(needs: dict[str, float], free: float, steps: str = "abc", **options) -> Machine:
    """Independent steps that took so many GB last time, on a machine with so many free."""
    made = Machine({name: [] for name in steps}, max_workers=3, **options)
    known = {n: replace(s, need=int(needs[n] * GB) if n in needs else None) for n, s in made.state.steps.items()}
    made.state = replace(made.state, steps=known, free_memory=int(free * GB))
    return made


def test_a_step_that_does_not_fit_waits_until_something_has_ended():
    """It says what it needs and what there is; what runs and has not taken its memory yet counts as taken."""
    m = machine({"a": 2, "b": 3, "c": 0.1}, free=4).send(Go("continue"))
    assert m.running == ("a", "c")
    assert m.state.steps["b"].reason == "waits for memory: needs 3.0 GB as last time, 2.0 GB free"
    assert m.state.steps["b"].status is StepStatus.WAITING
    m.end("a")
    assert m.running == ("b", "c")
    assert m.state.steps["b"].reason == ""


def test_what_a_running_step_holds_already_is_not_counted_twice():
    """Of what it needed last time only the rest is still to come; not what it had and gave back, either."""
    m = machine({"a": 2, "b": 2}, free=3, steps="ab").send(Go("continue"))
    assert m.running == ("a",)
    m.state = replace(m.state, free_memory=int(1.5 * GB))
    m.send(Noted("a", {"memory": int(1.5 * GB), "memory_curve": ((0.2, int(1.5 * GB)),)}))
    assert m.state.steps["b"].reason == "waits for memory: needs 2.0 GB as last time, 1.0 GB free"
    m.state = replace(m.state, free_memory=int(2.5 * GB))
    m.send(Noted("a", {"memory": GB, "memory_curve": ((0.2, 2 * GB), (0.4, GB))}))
    assert m.running == ("a", "b")


def test_a_step_of_which_nothing_is_known_is_not_held():
    """Nor is any where nobody measured."""
    assert machine({"a": 9}, free=1).send(Go("continue")).running == ("a", "b", "c")
    m = machine({"a": 9, "b": 9}, free=1)
    m.state = replace(m.state, free_memory=None)
    assert m.send(Go("continue")).running == ("a", "b", "c")


def test_when_nothing_else_runs_it_starts_anyway_with_a_warning():
    """Waiting would be for ever; a finding says so."""
    m = machine({"a": 3, "b": 3}, free=1.2, steps="ab").send(Go("continue"))
    assert m.running == ("a",)
    (found,) = room.warning(m.state, "a")
    assert found.severity == "warning"
    assert found.message == "a runs with too little memory: needs 3.0 GB as last time, 1.2 GB free"
    m.end("a")
    assert m.running == ("b",)
    m.end("b")
    assert m.state.status is RunStatus.FINISHED
    assert room.warning(replace(m.state, free_memory=4 * GB), "a") == ()


def test_where_the_run_stops_nothing_is_said_of_memory():
    """A pause or an end shows each step as it was before it waited."""
    for last in (Halt(final=True), Halt(final=False)):
        m = machine({"a": 2, "b": 3}, free=3, steps="ab").send(Go("continue"))
        assert m.state.held == {"b": ""}
        m.send(last).end("a", StepStatus.WAITING)
        assert m.state.steps["b"].reason == ""
        assert m.state.held == {}


def test_a_stale_step_keeps_its_reason_while_it_waits():
    """It is there again at the next pause."""
    m = machine({"a": 2, "b": 3}, free=9, steps="ab").send(Go("continue")).run_all("ab")
    m.state = replace(m.state, status=RunStatus.PAUSED, free_memory=3 * GB)
    m.send(Go("continue", changed={"a": "a.py changed", "b": "b.py changed"}))
    assert m.state.steps["b"].reason.startswith("waits for memory")
    m.send(Halt(final=False)).send(Ended(replace(m.state.steps["a"], status=StepStatus.WAITING)))
    assert m.state.steps["b"].reason == "b.py changed"


def test_a_real_run_waits(project, monkeypatch):
    """Two steps that would fit one by one run one by one, and side by side when there is room."""
    for name in ("a", "b"):
        project.script(name, f"import time; block = bytearray(40_000_000); time.sleep(0.5)\nname = '{name}'")
    pipeline = project.pipeline({"a": {"cache": False}, "b": {"cache": False}})
    project.session(pipeline, max_workers=1).resume()
    session = project.session(pipeline, max_workers=2)
    monkeypatch.setattr(capacity, "free_memory", lambda: 60_000_000 - 45_000_000 * len(launch._live))
    assert session["a"].state.need > 40_000_000
    seen = []
    session.listen(lambda state: seen.append((len(launch._live), state.steps["b"].reason)))
    assert session.resume() is None
    assert max(processes for processes, _ in seen) == 1
    waited = [reason for _, reason in seen if reason]
    assert waited[0].startswith("waits for memory: needs 4")
    assert session["b"].state.reason == ""
    assert not session["b"].state.findings
    monkeypatch.setattr(capacity, "free_memory", lambda: 10**9)
    session = project.session(pipeline, max_workers=2)
    session.post("continue")
    wait_until(lambda: len(session.state.running) == 2)
    assert session.wait() is None


def test_a_real_run_warns(project, monkeypatch):
    """A step that does not fit and has nobody to wait for runs, and says so; the kept outputs do not."""
    project.script("a", 'block = bytearray(40_000_000)\nwrite("out", "t.csv", "n\\n")')
    pipeline = project.pipeline({"a": {"outputs": ["out"]}})
    project.session(pipeline).resume()
    monkeypatch.setattr(capacity, "free_memory", lambda: 10_000_000)
    project.script("a", 'block = bytearray(50_000_000)\nwrite("out", "t.csv", "n\\n")')
    session = project.session(pipeline)
    session.resume()
    assert [f.message for f in session["a"].state.findings if "memory" in f.message] == [
        f"a runs with too little memory: needs {room.shown_bytes(session._planner.earlier.memory['a'])} as last time, 10 MB free"
    ]
    session = project.session(pipeline)
    session.resume()
    assert session["a"].status == "cached"
    assert not [f for f in session["a"].state.findings if "memory" in f.message]


def write(folder, **files) -> None:
    """A control group's figures."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(f"{text}\n")


def test_free_memory_is_the_machines_where_no_group_limits_it(tmp_path):
    """Also where there are no control groups at all, or one without a limit."""
    nowhere = tmp_path / "nowhere"
    assert 0 < capacity.free_memory(nowhere, nowhere) <= capacity.all_memory(nowhere, nowhere)
    assert capacity.all_memory(nowhere, nowhere) == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    proc = tmp_path / "cgroup"
    proc.write_text("0::/a/b\n")
    write(tmp_path / "fs" / "a" / "b", memory__max="max", memory__current=5)
    assert capacity.all_memory(proc, tmp_path / "fs") == capacity.all_memory(nowhere, nowhere)


def test_free_memory_in_control_groups_of_version_2(tmp_path):
    """The narrowest group on the way up counts; its cache of files counts as free."""
    proc, fs = tmp_path / "cgroup", tmp_path / "fs"
    proc.write_text("0::/a/b\n")
    write(fs / "a" / "b", memory__max=100_000, memory__current=60_000, memory__stat="anon 7\ninactive_file 10000")
    assert capacity.free_memory(proc, fs) == 50_000
    write(fs / "a", memory__max=70_000, memory__current=69_000, memory__stat="anon 7")
    assert capacity.free_memory(proc, fs) == 1_000
    assert capacity.all_memory(proc, fs) == 70_000
    write(fs / "a", memory__current=80_000)
    assert capacity.free_memory(proc, fs) == 0


def test_free_memory_in_control_groups_of_version_1(tmp_path):
    """Inside a container the path may be the host's: then the root is the container's own group."""
    proc, fs = tmp_path / "cgroup", tmp_path / "fs"
    proc.write_text("9:name=systemd:/\n4:memory:/docker/abc\n0::/\n")
    limits = {"memory__limit_in_bytes": 90_000, "memory__usage_in_bytes": 50_000}
    write(fs / "memory", **limits, memory__stat="cache 1\ntotal_inactive_file 20000")
    assert capacity.free_memory(proc, fs) == 60_000
    write(fs / "memory", memory__limit_in_bytes=9223372036854771712)
    assert capacity.free_memory(proc, fs) > 60_000
