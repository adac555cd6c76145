"""What the panel asks about a step, answered by real sessions: ports, files, changes, source, log, resources."""

from __future__ import annotations

import base64
import json
import textwrap

import pytest

from cursus_rt_notebook.errors import CommandRefused
from cursus_rt_notebook.notebook import inspector
from tests.conftest import wait_until


def ask(session, what, **args):
    """One question; what comes back is what JSON can say."""
    return json.loads(json.dumps(inspector.answer(session, what, args)))


def said(sentence):
    return "".join(piece["text"] for piece in sentence)


def chips(told, port):
    return [
        (chip["label"], chip["kind"], chip["size"]) for p in told["ports"] if p["port"] == port for chip in p["chips"]
    ]


@pytest.fixture
def split(project, tmp_path):
    """A step that reads a file of the user's and an upstream table, and writes channels, files and nothing."""
    project.script("load", 'write("raw", "t.csv", "id,a,b\\n" + "".join(f"{i},{i},{i}\\n" for i in range(10)))')
    project.script(
        "split",
        """
        rows = read("data").splitlines()
        print("reading")
        print("WARNING odd")
        for channel, part in (("train", rows[1:7]), ("val", rows[7:10])):
            write("out", f"{channel}/t.csv", "\\n".join(["id,a,c", *part]) + "\\n")
        write("papers", "notes.txt", "hello")
        write("papers", "picture.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
        write("mixed", "a.csv", "x\\n1\\n")
        write("mixed", "other.csv", "y\\n1\\n2\\n")
        write("mixed", "z.bin", "\\x00\\x01")
        """,
    )
    extra = tmp_path / "extra.csv"
    extra.write_text("u,v\n1,2\n")
    steps = {
        "load": {"outputs": ["raw"]},
        "split": {
            "inputs": {
                "data": "load.raw",
                "extra": {"path": str(extra)},
                "maybe": {"path": str(tmp_path / "no.csv"), "optional": True},
            },
            "outputs": {"out": {"channels": ["train", "val"]}, "papers": {}, "mixed": {}, "never": {}},
            "env": {"API_TOKEN": "hunter2hunter2", "MODE": "fast"},
            "args": {"rate": 0.1, "password": "opensesame", "deep": {"token": "xyzzyxyzzy"}},
        },
    }
    session = project.session(project.pipeline(steps))
    session.resume()
    wait_until(lambda: len(session.state.steps["split"].tables) == 2)
    return session


def test_the_chips_of_outputs_say_channel_and_shape(split):
    """Tables by their counted size, other files by how many and how large, tables of one folder by their names."""
    told = ask(split, "ports", step="split", side="outputs")
    assert chips(told, "out") == [("train", "table", "6 × 3"), ("val", "table", "3 × 3")]  # noqa: RUF001
    assert chips(told, "papers") == [("", "files", "2 files, 76 B")]
    assert chips(told, "mixed") == [
        ("a.csv", "table", "4 B"),
        ("other.csv", "table", "6 B"),
        ("other files", "files", "1 file, 2 B"),
    ]
    assert chips(told, "never") == [("", "files", "empty")]
    expressions = [chip["expression"] for port in told["ports"] for chip in port["chips"]]
    assert expressions[0] == 'session["split"]["out/train"]'
    assert 'session["split"]["mixed/a.csv"]' in expressions


def test_inputs_say_where_they_come_from_and_what_is_not_there(split):
    """A step upstream is led to, a path is named; one that is missing says whether it may be."""
    told = ask(split, "ports", step="split", side="inputs")
    ports = {port["port"]: port for port in told["ports"]}
    assert {"text": "load", "step": "load", "tab": "outputs", "port": "raw"} in ports["data"]["from"]
    assert said(ports["extra"]["from"]) == "from extra.csv"
    assert chips(told, "data") == [("", "table", "10 × 3")]  # noqa: RUF001
    assert chips(told, "extra") == [("", "table", "8 B")]
    assert "It is optional" in ports["maybe"]["trouble"]


def test_a_folder_of_the_users_shows_its_table_and_what_lies_beside_it(project, tmp_path):
    """Nobody counts it: the table by its bytes, the papers as files."""
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "t.csv").write_text("a\n1\n")
    (folder / "read.me").write_text("about the table")
    project.script("one", 'write("out", "t.csv", "a\\n1\\n")')
    session = project.session(
        project.pipeline({"one": {"inputs": {"data": {"path": str(folder)}}, "outputs": ["out"]}})
    )
    told = ask(session, "ports", step="one", side="inputs")
    assert chips(told, "data") == [("", "table", "4 B"), ("other files", "files", "1 file, 15 B")]


def test_secrets_of_environment_and_arguments_are_masked(split):
    """By their names, also deep inside an argument."""
    settings = ask(split, "ports", step="split", side="inputs")["settings"]
    assert dict(settings["env"]) == {"API_TOKEN": "***", "MODE": "fast"}
    assert dict(settings["args"]) == {"rate": "0.1", "password": "***", "deep": "{'token': '***'}"}


def test_a_step_that_has_not_run_says_what_to_do(project):
    """Outputs, changes and figures each say why there is nothing."""
    session = project.session(project.chain("one", "two"))
    told = [
        ask(session, "ports", step="two", side="outputs")["nothing"],
        ask(session, "changed", step="two")["nothing"],
        ask(session, "resources", step="two")["nothing"],
    ]
    assert all("it has not run" in said(sentence) for sentence in told)


def test_files_are_listed_and_shown_as_what_they_are(split):
    """Text as text, a picture as its bytes with their type; nothing of another port can be asked for."""
    where = {"step": "split", "side": "outputs", "port": "papers"}
    files = ask(split, "port_files", **where)["files"]
    assert [(file["path"], file["kind"], file["preview"]) for file in files] == [
        ("notes.txt", "text", True),
        ("picture.svg", "svg", True),
    ]
    assert ask(split, "preview", **where, file="notes.txt")["text"] == "hello"
    picture = ask(split, "preview", **where, file="picture.svg")
    assert picture["media"] == "image/svg+xml"
    assert b"<script>" in base64.b64decode(picture["image"])
    assert "no preview" in ask(split, "preview", **{**where, "port": "mixed"}, file="z.bin")["note"]
    for file in ("../mixed/a.csv", "/etc/passwd", "gone.txt"):
        with pytest.raises(CommandRefused):
            ask(split, "preview", **where, file=file)


def test_a_table_is_compared_with_the_input_it_resembles(split):
    """Rows and columns beside the upstream table, and all parts of it together."""
    told = ask(split, "changed", step="split", port="out", channel="val")
    assert [table["label"] for table in told["tables"]] == ["train", "val"]
    chosen = told["chosen"]
    assert [(row["name"], row["what"]) for row in chosen["columns"]] == [("c", "added"), ("b", "removed")]
    assert [said(sentence) for sentence in chosen["sentences"]] == [
        "Rows 10 → 3 (7 fewer, -70.0%), against data from load.",
        "1 column added: c.",
        "1 column removed: b.",
        "Together, train and val have 9 rows, 1 fewer than data.",
    ]


def test_an_input_that_one_table_still_holds_whole_was_not_split(project):
    """What was learned from it beside that is no part of it: the rows are not counted together."""
    project.script("one", 'write("out", "t.csv", "a,b\\n1,2\\n3,4\\n")')
    project.script("two", 'write("out", "t.csv", "a,b\\n1,2\\n3,4\\n"); write("learned", "m.csv", "a,b\\n1,2\\n")')
    steps = {"one": {"outputs": ["out"]}, "two": {"inputs": {"data": "one.out"}, "outputs": ["out", "learned"]}}
    session = project.session(project.pipeline(steps))
    session.resume()
    wait_until(lambda: len(session.state.steps["two"].tables) == 2)
    told = [said(sentence) for sentence in ask(session, "changed", step="two", port="out")["chosen"]["sentences"]]
    assert told == ["Rows 2 → 2 (as many), against data from one."]


def test_a_table_is_compared_with_the_last_good_run(project):
    """How many rows it had, where that differs."""
    session = project.session(project.chain("one"))
    session.resume()
    wait_until(lambda: session.state.steps["one"].tables)
    session.close()
    project.script("one", 'write("out", "t.csv", "step\\na\\nb\\nc\\n")')
    again = project.session(project.pipeline({"one": {"outputs": ["out"]}}))
    again.resume()
    wait_until(lambda: again.state.steps["one"].tables)
    told = [said(sentence) for sentence in ask(again, "changed", step="one")["chosen"]["sentences"]]
    assert told[-1].startswith("Last good run: 1 → 3 (2 more")
    (chip,) = ask(again, "ports", step="one", side="outputs")["ports"][0]["chips"]
    assert chip["former"] == "was 1"


def test_the_source_is_the_text_that_ran_and_says_when_it_changed(project):
    """With what changed since; a comment changes nothing."""
    session = project.session(project.chain("one"))
    session.resume()
    assert ask(session, "source", step="one")["diff"] == []
    script = project.path / "one.py"
    before = script.read_text()
    script.write_text("# only a comment\n" + before)
    told = ask(session, "source", step="one")
    assert (told["note"], told["lines"][0]) == ([], [["comment", "# only a comment"]])
    script.write_text(before.replace('"one', '"ONE'))
    told = ask(session, "source", step="one")
    assert "Changed since it ran" in said(told["note"])
    assert [sign for sign, _ in told["diff"] if sign in "+-"] == ["-", "+"]
    assert told["files"] == [{"name": "one.py", "changed": True}]
    shown = "\n".join("".join(text for _, text in line) for line in told["lines"])
    assert shown == before


def test_helpers_can_be_looked_at_and_nothing_else(project):
    """Files that the script imports, by name or path; no other file of the machine."""
    (project.path / "helper.py").write_text("def double(x):\n    return 2 * x\n")
    project.script("one", 'from helper import double\nwrite("out", "t.csv", str(double(2)))')
    session = project.session(project.pipeline({"one": {"outputs": ["out"]}}))
    told = ask(session, "source", step="one")
    assert [file["name"] for file in told["files"]] == ["one.py", "helper.py"]
    for name in ("helper.py", str(project.path / "helper.py")):
        assert ask(session, "source", step="one", file=name)["file"] == "helper.py"
    (project.path / "secret.py").write_text("x = 1\n")
    for name in ("secret.py", "../secret.py", "/etc/passwd"):
        with pytest.raises(CommandRefused):
            ask(session, "source", step="one", file=name)


def test_the_line_of_the_error_is_marked_also_where_it_has_moved(project):
    """A comment above it moves the line; the mark goes with it."""
    project.script("one", "table = {}\ntable['carier']")
    session = project.session(project.pipeline({"one": {"outputs": ["out"]}}))
    session.resume()
    script = project.path / "one.py"
    lines = script.read_text().splitlines()
    at = next(i for i, line in enumerate(lines, 1) if "carier" in line)

    def marked():
        """What is marked, but for what preflight found."""
        marks = ask(session, "source", step="one")["marks"]
        return [(mark["line"], mark["kind"], mark["text"]) for mark in marks if mark["kind"] != "finding"]

    assert marked() == [(at, "error", "KeyError")]
    script.write_text("# one more line\n" + script.read_text())
    assert marked() == [(at + 1, "error", "KeyError")]


def test_a_failed_step_has_a_card_and_a_text_for_a_colleague(project):
    """With the versions it ran under."""
    project.script(
        "one",
        "environ_vars['TOKEN'] + 1",
        head="import pandas\n\n\ndef main(input_paths, output_paths, environ_vars, job_args):\n",
    )
    session = project.session(project.pipeline({"one": {"outputs": ["out"], "env": {"TOKEN": "hunter2hunter2"}}}))
    session.resume()
    told = ask(session, "failure", step="one")
    assert told["title"] == "TypeError"
    assert "pandas " in told["copy"]
    assert "Python 3" in told["copy"]
    assert "hunter2" not in json.dumps(told)
    assert ask(session, "step", step="one")["opens"] == "variables"


def test_the_log_is_told_piece_by_piece(split):
    """What is known already does not come again."""
    first = ask(split, "log", step="split")
    assert [(kind, text) for _, kind, text in first["lines"]] == [("", "reading"), ("warning", "WARNING odd")]
    assert ask(split, "log", step="split", offset=first["next"], known=first["id"])["lines"] == []


def test_an_explanation_names_every_ingredient(project):
    """What changed first; a script's changed lines beside it."""
    session = project.session(project.chain("one"))
    session.resume()
    script = project.path / "one.py"
    script.write_text(script.read_text().replace('"one', '"ONE'))
    told = ask(session, "explain", step="one")
    assert said(told["summary"]).startswith("Would run again: one.py changed")
    assert {section["title"] for section in told["sections"]} >= {"Script and the modules it imports", "Interpreter"}
    assert told["diffs"][0]["file"] == "one.py"


def test_what_feeds_the_inputs_is_told_of_any_step(project):
    """Also where no rule was asked: then it is written in the pipeline's document."""
    session = project.session(project.chain("one", "two"))
    (told,) = ask(session, "wiring", step="two")["inputs"]
    assert (said(told["fed"]), told["score"], told["why"]) == ("one.out", "", "written in the dict")
    assert ask(session, "wiring", step="one")["inputs"] == []


def test_resources_tell_figures_curve_and_attempts(project):
    """This run's attempts and those of the runs before."""
    project.script(
        "one",
        textwrap.dedent("""
        import time
        end = time.monotonic() + 0.7
        while time.monotonic() < end:
            pass
        write("out", "t.csv", "a\\n1\\n")
    """),
    )
    pipeline = project.pipeline({"one": {"outputs": ["out"]}})
    first = project.session(pipeline)
    first.resume()
    first.close()
    session = project.session(pipeline)
    session.rerun("one")
    told = ask(session, "resources", step="one")
    names = ["time", "processor time", "peak memory", "read and written", "outputs", "ran under", "with"]
    assert [name for name, _ in told["figures"]] == names
    assert all(0 <= share <= 1 for point in told["curve"]["points"] for share in point)
    assert [bar["here"] for bar in told["timeline"]["bars"]] == [True]
    assert [(a["here"], a["ended"]) for a in told["attempts"]] == [(True, "succeeded"), (False, "succeeded")]


def test_an_earlier_pause_is_told_as_it_was(project):
    """Chips and title of a step as it stood then."""
    session = project.session(project.chain("one", "two"), ["one"])
    session.resume()
    session.step()
    assert ask(session, "ports", step="two", side="outputs", at=1)["nothing"]
    assert ask(session, "step", step="two", at=1)["look"] == "waiting"
    (port,) = ask(session, "ports", step="one", side="outputs", at=1)["ports"]
    assert port["chips"][0]["expression"] == 'session.pauses[0]["out"]'
    with pytest.raises(CommandRefused):
        ask(session, "step", step="one", at=99)
