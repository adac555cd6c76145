"""Lost rows, found without being told what to expect: what is marked, what is not, and what becomes the usual."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.engine.earlier import good_runs

SPLIT = """\
rows = read("data").splitlines()[1:]
kept = rows[: {kept} * len(rows) // 100]
for name, part in (("train", kept[: len(kept) {at}]), ("val", kept[len(kept) {at} :])):
    write("parts", name + "/t.csv", "\\n".join(["id,name", *part, ""]))
"""


def make(project, *, rows=100, kept=100, at="* 3 // 4", after=100):
    """One step makes a table, one splits it into channels, one passes it on; each may lose some."""
    project.script("make", f'write("out", "t.csv", "id,name\\n" + "".join(f"{{i}},n{{i}}\\n" for i in range({rows})))')
    project.script("split", SPLIT.format(kept=kept, at=at))
    project.script(
        "after",
        f"""\
        lines = (read("data", "train/t.csv") + read("data", "val/t.csv").split("\\n", 1)[1]).splitlines()
        write("out", "t.csv", "\\n".join(lines[: 1 + (len(lines) - 1) * {after} // 100]) + "\\n")
        """,
    )
    return project.pipeline(
        {
            "make": {"outputs": ["out"]},
            "split": {"inputs": {"data": "make.out"}, "outputs": {"parts": {"channels": ["train", "val"]}}},
            "after": {"inputs": {"data": "split.parts"}, "outputs": ["out"]},
        }
    )


def run(project, pipeline):
    """Run it to its end; what is marked: step, port, rows, expected rows."""
    session = project.session(pipeline)
    session.resume()
    assert session.status == "finished", session.state
    return session, [
        (step.name, loss.port, loss.rows, loss.expected)
        for step in session.state.steps.values()
        for loss in step.losses
    ]


def test_a_fifth_lost_is_marked_with_numbers_and_since_when(project):
    """In the step that lost it and nowhere else: what comes after it only has less to work with."""
    first, marked = run(project, make(project))
    assert marked == []
    session, marked = run(project, make(project, kept=80))
    assert marked == [("split", "parts", 80, 100)]
    [loss] = session["split"].state.losses
    assert (loss.input, loss.came, loss.kept, loss.run, loss.fewer) == ("data", 100, 1.0, first.run_id, 20)
    [finding] = [f for f in session["split"].state.findings if f.severity == "warning"]
    assert finding.message.startswith("20 rows fewer than before in parts: 80 of the 100 that came in by data")
    assert "100.0% or more up to the last good run (2" in finding.message
    assert (finding.step, finding.port) == ("split", "parts")


@pytest.mark.parametrize(("kept", "marked"), [(95, False), (91, False), (90, True), (50, True), (0, True)])
def test_about_a_tenth_is_where_it_begins(project, kept, marked):
    """A little less is no news."""
    run(project, make(project))
    assert bool(run(project, make(project, kept=kept))[1]) is marked


@pytest.mark.parametrize("rows", [10, 60, 150])
def test_another_input_is_no_fault_of_the_step(project, rows):
    """The share is compared, not the number; who lost rows of another input is found all the same."""
    run(project, make(project))
    pipeline = make(project, rows=rows)
    marked = run(project, pipeline)[1]
    # The first step has no input to blame: it reads the same as before, which is nothing.
    assert [name for name, *_ in marked] == (["make"] if rows < 100 else [])
    if rows > 100:
        assert run(project, make(project, rows=rows, kept=70))[1] == [("split", "parts", rows * 7 // 10, rows)]


def test_rows_that_moved_between_the_channels_of_a_split_are_not_lost(project):
    """The channels count together."""
    run(project, make(project))
    assert run(project, make(project, at="// 10"))[1] == []


def test_a_marked_run_is_not_the_new_usual(project):
    """Run after run the mark stays, until the rows are back."""
    run(project, make(project))
    for _ in range(2):
        assert run(project, make(project, kept=80))[1] == [("split", "parts", 80, 100)]
    assert run(project, make(project, kept=100))[1] == []


def test_what_was_made_by_hand_is_not_the_new_usual(project):
    """A table put in the place of an output says nothing of what the step does."""
    pipeline = make(project)
    session = project.session(pipeline, "split")
    session.resume()
    session.replace("split", "parts/train", session["split"]["parts/train"].df.head(10))
    session.resume()
    assert session.status == "finished"
    assert good_runs(project.session(pipeline)._planner.workspace.journal, "small") == ()


def test_fewer_rows_that_were_meant_become_the_usual_when_one_says_so(project):
    """Then the mark is gone, here and in later runs."""
    run(project, make(project))
    pipeline = make(project, kept=80)
    session = project.session(pipeline, "split")
    session.resume()
    assert session["split"].state.losses
    session.take_as_usual("split")
    assert session["split"].state.losses == ()
    assert [f for f in session["split"].state.findings if f.severity == "warning"] == []
    session.resume()
    assert session.status == "finished"
    assert run(project, make(project, kept=79))[1] == []
    assert [name for name, *_ in run(project, make(project, kept=60))[1]] == ["split"]


def test_a_table_made_in_another_way_is_judged_by_the_same_inputs_only(project):
    """Metrics of one row each stay as they are when the input grows; fewer of the same input are marked."""
    pipeline = make(project)
    pipeline["steps"]["sums"] = {"script": "sums.py", "inputs": {"data": "make.out"}, "outputs": ["sums"]}

    def sums(count):
        project.script("sums", f'write("sums", "t.csv", "metric,value\\n" + "auc,1\\n" * {count})')

    sums(10)
    run(project, pipeline)
    make(project, rows=1000)
    assert run(project, pipeline)[1] == []
    sums(7)
    assert run(project, pipeline)[1] == [("sums", "sums", 7, 10)]


def test_the_first_step_is_judged_by_the_same_files(project):
    """What reads the user's own file is compared where that is what it was."""
    source = project.path / "in.csv"
    project.script("load", 'write("out", "t.csv", "".join(open(input_paths["raw"]).readlines()[:100]))')
    pipeline = project.pipeline({"load": {"inputs": {"raw": {"path": str(source)}}, "outputs": ["out"]}})
    source.write_text("id\n" + "1\n" * 50)
    run(project, pipeline)
    source.write_text("id\n" + "1\n" * 20)
    assert run(project, pipeline)[1] == []
    project.script("load", 'write("out", "t.csv", "".join(open(input_paths["raw"]).readlines()[:11]))')
    session, marked = run(project, pipeline)
    assert marked == [("load", "out", 10, 20)]
    assert "it has 10, and had 20 in the last good run" in session["load"].state.findings[-1].message
