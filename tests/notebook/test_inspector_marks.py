"""What the panel asks about lost rows and failed checks, answered by real sessions."""

from __future__ import annotations

from cursus_rt_notebook.notebook import controls
from cursus_rt_notebook.render.panel import view
from tests.notebook.test_inspector_step import ask, said


def lossy(project, *keeps):
    """Run a step that splits forty rows into channels and keeps so many; a run for each number, the last one at hand."""
    for keep in keeps:
        project.script(
            "split",
            f"""\
            rows = [f"{{i}},{{'ab'[i % 2]}}" for i in range({keep})]
            write("parts", "train/t.csv", "\\n".join(["id,kind", *rows[::2], ""]))
            write("parts", "val/t.csv", "\\n".join(["id,kind", *rows[1::2], ""]))
            """,
        )
        outputs = {"parts": {"channels": ["train", "val"]}}
        session = project.session(project.pipeline({"split": {"outputs": outputs}}), "split")
        session.resume()
        if keep != keeps[-1]:
            session.resume()
            assert session.status == "finished"
    return session


def test_a_table_that_lost_rows_is_told_with_the_rows(project):
    """Marked, with how many and since when; the rows by their key, and one line of Python that gives them."""
    session = lossy(project, 40, 28)
    told = ask(session, "changed", step="split", port="parts", channel=None)["chosen"]
    assert (told["channel"], told["gone"], told["marked"]) == ("train", "now", True)
    assert said(told["sentences"][0]).startswith("12 rows fewer than before: 28 now, 40 in the last good run (2")
    gone = ask(session, "gone", step="split", port="parts", channel="val")
    assert said(gone["sentences"][0]).startswith("12 rows gone of the 40 that parts had in the last good run (2")
    assert said(gone["sentences"][0]).endswith("told apart by id.")
    assert said(gone["sentences"][1]) == "id is 28 to 39 in all of them, and 0 to 27 in the others."
    assert [(column["name"], column["key"]) for column in gone["table"]["columns"]] == [("id", True), ("kind", False)]
    assert sorted(int(row[0]) for row in gone["table"]["cells"]) == list(range(28, 40))
    assert gone["rest"] == "first 12 of 12 rows"
    rows = eval(gone["python"], {"session": session})
    assert sorted(rows.id) == list(range(28, 40))
    [note] = ask(session, "step", step="split")["banner"]["notes"]
    assert next(piece["port"] for piece in note["sentence"] if "tab" in piece) == "parts"


def test_fewer_rows_that_were_meant_are_taken_as_usual(project):
    """By one press: then no arrow is marked any more."""
    session = lossy(project, 40, 28)
    controls.COMMANDS["take_as_usual"](session, "split")
    assert session["split"].state.losses == ()
    told = ask(session, "changed", step="split")["chosen"]
    assert (told["gone"], told["marked"]) == ("asked", False)


def test_where_nothing_is_fewer_nothing_is_looked_for(project):
    """Neither at once nor on demand; who asks all the same hears that no row is gone."""
    session = lossy(project, 28, 40)
    assert ask(session, "changed", step="split")["chosen"]["gone"] == ""
    gone = ask(session, "gone", step="split", port="parts", channel="train")
    assert said(gone["sentences"][0]).startswith("No row is gone of the 28 that parts had")
    assert gone["table"] is None


def test_without_anything_to_compare_it_says_so(project):
    """The first run of a step without inputs."""
    session = lossy(project, 40)
    [sentence] = ask(session, "gone", step="split", port="parts")["sentences"]
    assert "nothing to compare" in said(sentence)


def test_checks_are_told_with_the_way_to_their_rows(project):
    """What failed first, what was found and expected, the condition on its rows; the tab is there only with checks."""
    project.script(
        "one", 'write("out", "t.csv", "n,k\\n" + "".join(f"{-i if i == 3 else i},k{i}\\n" for i in range(9)))'
    )
    project.script("two", 'write("out", "t.csv", read("data"))')
    checks = {"range": {"n": [0, None]}, "missing": {"k": 0.5}, "on_failure": "pause"}
    steps = {
        "one": {"outputs": {"out": {"checks": checks}}},
        "two": {"inputs": {"data": "one.out"}, "outputs": ["out"]},
    }
    session = project.session(project.pipeline(steps))
    pause = session.resume()
    assert pause.when == "check"
    told = ask(session, "checks", step="one")
    assert said(told["told"]) == "1 check failed; 1 passed."
    failed, passed = told["checks"]
    assert (failed["word"], failed["table"], failed["columns"], failed["failing"]) == ("failed", "out", "n", "1 row")
    assert (failed["expected"], failed["found"]) == ("at most 0%", "11.1% of the rows")
    assert session["one"]["out"].query(failed["where"]).n.tolist() == [-3]
    assert (passed["word"], passed["where"]) == ("passed", None)
    step = ask(session, "step", step="one")
    assert step["opens"] == "checks"
    assert [tab["badge"] for tab in step["tabs"] if tab["name"] == "checks"] == [{"text": "1 failed", "tone": "paused"}]
    assert step["banner"]["notes"] == []
    assert "check failed" in said(step["banner"]["lead"])
    assert "checks" not in [tab["name"] for tab in ask(session, "step", step="two")["tabs"]]
    assert "1 check failed" in view.graph_view(session.state, session.pipeline)["nodes"]["one"]["label"]


def test_the_timeline_has_every_attempt_and_begins_with_the_process(project):
    """An attempt that failed lies before the newest, in the same row; a bar is as long as its process ran."""
    project.script("one", 'write("out", "t.csv", "n\\n1\\n")\nif environ_vars["FAIL"] == "1": raise ValueError')
    step = {"outputs": ["out"], "env": {"FAIL": None}}
    session = project.session(project.pipeline({"one": step}), env={"FAIL": "1"})
    session.resume()
    project.script("one", 'write("out", "t.csv", "n\\n1\\n")')
    session.resume()
    [row] = ask(session, "timeline")["rows"]
    [tried] = row["tried"]
    assert tried["look"] == "failed"
    assert tried["end"] <= row["start"]
    state = session["one"].state
    assert abs(row["end"] - row["start"] - state.seconds) < 0.01
    assert "of processor time" in row["title"]
    assert "peak" in row["title"]
