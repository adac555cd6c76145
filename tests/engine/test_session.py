"""The session as its user drives it, on small real pipelines."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
import time

import pandas as pd
import pytest

import cursus_rt_notebook as crt
from cursus_rt_notebook.errors import BreakpointInvalid, CommandRefused, InputMissing, PipelineError, SessionBusy
from tests.conftest import wait_until


def statuses(session):
    return {name: str(step.status) for name, step in session.state.steps.items()}


def diamond(project):
    """One step, two branches that meet, and a report."""
    project.script("a", 'write("out", "t.csv", "n\\n1\\n2\\n3\\n")')
    project.script("b", 'write("out", "t.csv", read("data"))')
    project.script("c", 'write("out", "t.csv", read("data").replace("3\\n", ""))')
    project.script("d", 'write("out", "t.csv", read("left") + read("right").removeprefix("n\\n"))')
    one = {"inputs": {"data": "a.out"}, "outputs": ["out"]}
    both = {"inputs": {"left": "b.out", "right": "c.out"}, "outputs": ["out"]}
    return project.pipeline({"a": {"outputs": ["out"]}, "b": one, "c": one, "d": both})


def test_nothing_runs_before_the_first_next(project):
    """Making a session starts nothing."""
    session = project.session(diamond(project))
    assert session.status == "ready"
    assert set(statuses(session).values()) == {"waiting"}


def test_a_for_loop_goes_from_breakpoint_to_breakpoint(project):
    """Each pause has its number, step, reason and tables."""
    session = project.session(diamond(project), ["a", "d:before"])
    seen = [(p.number, p.step, str(p.when)) for p in session]
    assert seen == [(1, "a", "after"), (2, "d", "before")]
    assert session.status == "finished"
    assert session["d"]["out"].df.shape == (5, 1)


def test_a_pause_gives_outputs_and_inputs_as_frames(project):
    """`pause["port"]` is an artifact; a wrong port lists the right ones."""
    pause = project.session(diamond(project), "c").resume()
    assert pause["out"].df.to_dict("list") == {"n": [1, 2]}
    assert pause.inputs["data"].df.shape == (3, 1)
    assert pause["out"].shape == (2, 1)
    with pytest.raises(KeyError, match="its ports are out, data"):
        pause["typo"]


def test_step_runs_one_step_at_a_time(project):
    """And returns the pause after it."""
    session = project.session(diamond(project))
    assert [session.step().step for _ in range(4)] == ["a", "b", "c", "d"]
    assert session.resume() is None
    assert session.status == "finished"


def test_run_to_stops_before_its_target(project):
    """Only what the target needs has run."""
    session = project.session(diamond(project))
    pause = session.run_to("c")
    assert (pause.step, pause.when) == ("c", "before")
    assert statuses(session) == {"a": "done", "b": "waiting", "c": "waiting", "d": "waiting"}


def test_rerun_runs_again_though_nothing_changed(project):
    """Its descendants stay what they were when it writes the same."""
    session = project.session(diamond(project), "d")
    session.resume()
    pause = session.rerun("b")
    assert (pause.step, pause.reason) == ("b", "run again")
    assert session["b"].state.attempt == 2
    assert session.resume() is None
    assert statuses(session) == {"a": "done", "b": "done", "c": "done", "d": "done"}
    assert session["d"].state.attempt == 1


def test_skip_leaves_out_a_step_and_what_needs_it(project):
    """The rest runs."""
    session = project.session(diamond(project), "a")
    session.resume()
    session.skip("b")
    assert session.resume() is None
    assert statuses(session) == {"a": "done", "b": "skipped", "c": "done", "d": "skipped"}


def test_replace_puts_a_frame_in_the_place_of_an_output(project):
    """What needs it runs on the new data; the step is marked as edited."""
    session = project.session(diamond(project), "a")
    session.resume()
    session.replace("a", "out", pd.DataFrame({"n": [7, 8]}))
    assert session["a"].state.edited
    assert session.resume() is None
    assert session["d"]["out"].df["n"].tolist() == [7, 8, 7, 8]
    assert session["a"]["out"].files[0].path == "t.csv"


def test_what_cannot_be_is_refused_and_the_session_goes_on(project):
    """Neither a value that is no data, nor one that cannot listen."""
    project.script("make", 'write("out", "t.csv", "n\\n1\\n")')
    session = project.session(project.pipeline({"make": {"outputs": ["out"]}}), ["make"])
    session.resume()
    with pytest.raises(CommandRefused, match="data of type int is neither a DataFrame nor a path"):
        session.replace("make", "out", 5)
    with pytest.raises(TypeError, match=r"listen\(\) takes what can be called"):
        session.listen(None)
    assert session.resume() is None
    assert session.status.value == "finished"


def test_replace_with_a_frame_where_tables_lie_in_folders(project):
    """One frame is not put in the place of several tables, and one folder's name says which is meant."""
    project.script("a", 'write("out", "train/t.csv", "n\\n1\\n"); write("out", "val/v.csv", "n\\n2\\n")')
    session = project.session(project.pipeline({"a": {"outputs": ["out"]}}), "a")
    session.resume()
    with pytest.raises(CommandRefused, match="tables in several folders") as refused:
        session.replace("a", "out", pd.DataFrame({"n": [7]}))
    assert '"out/train"' in refused.value.fix
    session.replace("a", "out/train", pd.DataFrame({"n": [7]}))
    assert sorted(file.path for file in session["a"]["out"].files) == ["train/t.csv", "val/v.csv"]


def test_replace_stands_in_for_running_a_step(project, tmp_path):
    """Also with a file, also before anything ran."""
    path = tmp_path / "mine.csv"
    path.write_text("n\n5\n")
    session = project.session(diamond(project))
    session.replace("a", "out", path)
    project.script("b", 'write("out", "t.csv", read("data", "mine.csv"))')
    project.script("c", 'write("out", "t.csv", read("data", "mine.csv"))')
    assert session.resume() is None
    assert session["a"].state.edited
    assert session["d"]["out"].df["n"].tolist() == [5, 5]


def test_reopening_takes_everything_from_the_cache(project):
    """The same call runs nothing, and still stops at its breakpoints."""
    pipeline = diamond(project)
    project.session(pipeline).resume()
    session = project.session(pipeline, "c")
    assert session.resume().step == "c"
    session.resume()
    assert set(statuses(session).values()) == {"cached"}
    runs = crt.runs(project.workspace)
    assert runs["status"].tolist() == ["finished", "finished"]


def test_a_mended_script_goes_on_where_it_failed(project):
    """Nothing upstream runs again."""
    pipeline = diamond(project)
    project.script("c", "raise ValueError('typo')")
    session = project.session(pipeline)
    pause = session.resume()
    assert (pause.step, pause.when) == ("c", "failed")
    assert pause.error.title == "ValueError"
    project.script("c", 'write("out", "t.csv", read("data"))')
    assert session.resume() is None
    assert session.status == "finished"
    assert {n: s.attempt for n, s in session.state.steps.items()} == {"a": 1, "b": 1, "c": 2, "d": 1}


def test_continuing_an_unchanged_failure_ends_the_run(project, capsys):
    """`raise_for_status` raises what happened, and a for loop says so on stderr."""
    pipeline = diamond(project)
    project.script("c", "raise ValueError('typo')")
    session = project.session(pipeline)
    assert [p.step for p in session] == ["c"]
    assert session.status == "failed"
    assert "typo" in capsys.readouterr().err
    with pytest.raises(crt.StepError, match="typo"):
        session.raise_for_status()


def test_S11_an_edit_while_paused_reruns_exactly_what_it_touches(project):
    """`explain` names the file and shows the line; an equal output stops the wave."""
    session = project.session(diamond(project), "d:before")
    session.resume()
    project.script("b", '# a new way to say the same\nwrite("out", "t.csv", str(read("data")))')
    said = session.explain("b")
    assert "b.py changed" in said.summary
    assert "+" in said.diffs["b.py"]
    assert session.resume() is None
    assert {n: s.attempt for n, s in session.state.steps.items()} == {"a": 1, "b": 2, "c": 1, "d": 1}


def test_a_step_that_proves_unchanged_keeps_its_times_and_memory(project):
    """It waited for a step above that wrote the same again, and tells of its run, not of when that was found."""
    session = project.session(diamond(project), "d")
    session.resume()
    ran = session["d"].state
    project.script("b", '# a new way to say the same\nwrite("out", "t.csv", str(read("data")))')
    assert session.resume() is None
    proved = session["d"].state
    assert (proved.seconds, proved.began, proved.attempt) == (ran.seconds, ran.began, 1)
    assert (proved.memory, proved.memory_curve) == (ran.memory, ran.memory_curve)
    assert None not in (proved.seconds, proved.memory)


def test_a_comment_reruns_nothing(project):
    """Source enters the key as its syntax tree."""
    pipeline = diamond(project)
    project.session(pipeline).resume()
    path = project.path / "a.py"
    path.write_text("# a comment\n" + path.read_text())
    session = project.session(pipeline)
    session.resume()
    assert set(statuses(session).values()) == {"cached"}


def test_equal_outputs_stop_the_wave(project):
    """A step that writes the same is the only one that runs."""
    pipeline = diamond(project)
    project.session(pipeline).resume()
    project.script("a", 'text = "n\\n1\\n2\\n3\\n"\nwrite("out", "t.csv", text)')
    session = project.session(pipeline)
    session.resume()
    assert statuses(session) == {"a": "done", "b": "cached", "c": "cached", "d": "cached"}


def test_conditions_pause(project):
    """A text over rows, columns, nulls, ports and numbers; a callable too."""
    pipeline = diamond(project)
    session = project.session(pipeline, ["c: rows < 3", "b: rows < 3", ("a", lambda step: step["out"].shape[0] == 3)])
    assert [(p.step, str(p.when)) for p in session] == [("a", "condition"), ("c", "condition")]
    session = project.session(pipeline, ['c: nulls("n") == 0 and "n" in columns and out.rows == 2 and seconds < 60'])
    assert [p.step for p in session] == ["c"]


def test_a_condition_sees_every_column(project):
    """Also one far to the right; a column or a table that is not there is told, not passed over."""
    project.script("a", 'write("out", "t.csv", ",".join(f"c{n}" for n in range(300)) + "\\n" + "1," * 299 + "\\n")')
    project.script("b", 'write("out", "t.bin", "x")')
    pipeline = project.pipeline({"a": {"outputs": ["out"]}, "b": {"outputs": ["out"]}})
    conditions = ['a: nulls("c299") == 1 and nulls("c0") == 0', 'a: nulls("c300")', 'b: nulls("c0")']
    session = project.session(pipeline, conditions, max_workers=1)
    reasons = [pause.reason for pause in session]
    assert reasons[0].endswith("holds")
    assert "no column 'c300'" in reasons[1]
    assert "no table" in reasons[2]


def test_R8_a_condition_that_raises_pauses_with_its_error(project):
    """Never silently false."""
    pause = project.session(diamond(project), "a: rows < threshold").resume()
    assert pause.when == "condition"
    assert "NameError" in pause.reason


def test_breakpoints_are_added_and_removed_while_paused(project):
    """By the text they were given with."""
    session = project.session(diamond(project), "a")
    session.resume()
    session.add_breakpoint("c")
    session.add_breakpoint("d:before")
    session.remove_breakpoint("d:before")
    assert session.resume().step == "c"
    assert session.resume() is None
    with pytest.raises(BreakpointInvalid, match=r"the steps are a, b, c, d"):
        project.session(diamond(project)).add_breakpoint("aa")


def test_R2_a_second_caller_is_told_so(project):
    """Two threads on `next`: one runs, the other gets SessionBusy, and nothing breaks."""
    project.script("slow", "import time; time.sleep(1)")
    session = project.session(project.pipeline({"slow": {}}))
    first = threading.Thread(target=session.resume)
    first.start()
    wait_until(lambda: session.status == "running")
    with pytest.raises(SessionBusy):
        session.resume()
    first.join()
    assert session.status == "finished"


def test_a_double_click_is_one_click(project):
    """The second command was meant for a pause that is over."""
    session = project.session(diamond(project), ["a", "b", "c"], max_workers=1)
    session.resume()
    session.post("continue", pause=1)
    with pytest.raises(CommandRefused, match="meant for pause 1"):
        session.post("continue", pause=1)
    assert session.wait().step == "b"


def test_R3_an_interrupt_ends_the_step_and_leaves_the_session_usable(project):
    """KeyboardInterrupt reaches the caller; the step runs again at the next command."""
    marker = project.path / "started"
    project.script(
        "slow", f"import time; Path({str(marker)!r}).write_text('x'); time.sleep(0 if job_args.quick else 60)"
    )
    pipeline = project.pipeline({"slow": {"args": {"quick": False}}})
    session = project.session(pipeline)

    def interrupt():
        wait_until(marker.exists)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        session.resume()
    assert time.monotonic() - began < 10
    assert session.status == "paused"
    assert session.pause.when == "interrupted"
    project.script("slow", "pass")
    assert session.resume() is None
    assert session.status == "finished"


def test_stop_ends_the_run(project):
    """Within a second, with what is finished kept."""
    marker = project.path / "started"
    project.script("slow", f"import time; Path({str(marker)!r}).write_text('x'); time.sleep(60)")
    session = project.session(project.pipeline({"slow": {}}))
    session.post("continue")
    wait_until(marker.exists)
    began = time.monotonic()
    session.stop()
    assert time.monotonic() - began < 1
    assert session.status == "stopped"
    with pytest.raises(CommandRefused, match="stopped"):
        session.resume()


def test_R4_a_dropped_session_frees_everything(project):
    """Its state is kept, its threads and locks are gone."""
    session = project.session(diamond(project), "a")
    session.resume()
    pause = session.pause
    del session
    gc.collect()
    assert pause["out"].df.shape == (3, 1)
    assert not [t for t in threading.enumerate() if t.name == "cursus-driver"]
    assert crt.runs(project.workspace)["status"].tolist() == ["stopped"]


def test_a_new_session_closes_the_old_one(project):
    """On the same pipeline and workspace in the same process."""
    pipeline = diamond(project)
    old = project.session(pipeline, "a")
    old.resume()
    new = project.session(pipeline)
    assert old.status == "stopped"
    assert new.resume() is None


def test_async_for_gives_the_same_pauses(project):
    """Without blocking the event loop."""
    session = project.session(diamond(project), ["a", "c"], max_workers=1)
    ticks = []

    async def tick():
        while True:
            ticks.append(1)
            await asyncio.sleep(0.01)

    async def drive():
        ticking = asyncio.create_task(tick())
        seen = [pause.step async for pause in session]
        ticking.cancel()
        return seen

    assert asyncio.run(drive()) == ["a", "c"]
    assert len(ticks) > 3


def test_send_and_throw_are_those_of_a_generator(project):
    """Commands as text; throw closes and raises."""
    session = project.session(diamond(project))
    assert session.send("step").step == "a"
    assert session.send("run_to d").step == "d"
    assert session.send("rerun b").step == "b"
    with pytest.raises(CommandRefused, match="run_to STEP"):
        session.send("dance")
    with pytest.raises(ZeroDivisionError):
        session.throw(ZeroDivisionError)
    assert session.status == "stopped"


def test_independent_steps_run_side_by_side(project):
    """Two steps of 0.5 s take less than twice that."""
    project.script("one", "import time; time.sleep(0.5)")
    project.script("two", "import time; time.sleep(0.5)")
    session = project.session(project.pipeline({"one": {}, "two": {}}), max_workers=2)
    session.resume()
    assert session.state.elapsed < 1.0


def test_a_step_waits_for_its_environment(project):
    """A required variable without a value is said before the run, and again by the step."""
    project.script("a", "pass")
    pipeline = project.pipeline({"a": {"env": {"API_TOKEN": None}}})
    session = project.session(pipeline)
    assert session.resume().when == "preflight"
    session = project.session(pipeline, env={"API_TOKEN": "x"})
    assert session.resume() is None


def test_missing_and_empty_inputs_name_their_producer(project):
    """A step whose required input is empty does not start."""
    project.script("a", "pass")
    project.script("b", "pass")
    pipeline = project.pipeline({"a": {"outputs": ["out"]}, "b": {"inputs": {"data": "a.out"}}})
    pause = project.session(pipeline).resume()
    assert pause.step == "b"
    assert pause.error.kind == "InputMissing"
    assert "a wrote nothing to 'out'" in pause.error.summary


def test_a_failure_looks_upstream_for_a_lost_column(project):
    """Not here is where it went wrong, but in the step that did not pass the column on."""
    head = "from pathlib import Path\nimport pandas as pd\n\n\ndef main(input_paths, output_paths, environ_vars, job_args):\n"
    project.script(
        "a", 'pd.DataFrame({"id": [1], "fare": [2.0]}).to_csv(Path(output_paths["out"]) / "t.csv", index=False)', head
    )
    passes = (
        'pd.read_csv(Path(input_paths["data"]) / "t.csv")[{0}].to_csv(Path(output_paths["out"]) / "t.csv", index=False)'
    )
    project.script("b", passes.format('["id"]'), head)
    project.script("c", passes.format('["fare"]'), head)
    one = {"inputs": {"data": "a.out"}, "outputs": ["out"]}
    two = {"inputs": {"data": "b.out"}, "outputs": ["out"]}
    session = project.session(project.pipeline({"a": {"outputs": ["out"]}, "b": one, "c": two}), ["b"])
    session.resume()
    failure = session.resume().error
    assert failure.title == "KeyError"
    assert failure.recommendations[0] == "Look at b: it read 'fare' from a.out and did not pass it on."


def test_a_step_without_its_input_is_raised_as_that(project):
    """The error of the session is the step's, with what to do."""
    project.script("make", "pass")
    project.script("read", 'read("data")')
    steps = {"make": {"outputs": ["out"]}, "read": {"inputs": {"data": "make.out"}, "outputs": ["out"]}}
    session = project.session(project.pipeline(steps))
    assert session.resume().error.kind == "InputMissing"
    assert session.resume() is None
    with pytest.raises(InputMissing, match="make wrote nothing to 'out'") as caught:
        session.raise_for_status()
    assert (caught.value.step, caught.value.category) == ("read", "data flow")
    assert "make's log" in caught.value.fix


@pytest.mark.parametrize("workers", [0, -1, 1.5, "2", True])
def test_a_number_of_workers_that_is_none_is_refused(project, workers):
    """Before anything runs."""
    with pytest.raises(PipelineError, match="give a whole number, 1 or more"):
        project.session(project.chain("a"), max_workers=workers)
