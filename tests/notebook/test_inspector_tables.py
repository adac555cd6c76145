"""What the panel asks about a table, answered by a real session and the reader."""

from __future__ import annotations

import json

import pytest

from cursus_rt_notebook.errors import CommandRefused, QueryInvalid
from cursus_rt_notebook.notebook import inspector

ABOUT = {"step": "make", "at": None, "side": "outputs", "port": "out", "channel": None, "file": None}
WINDOW = {"start": 0, "rows": 64, "first_column": 0, "columns": 16, "sort": [], "where": None}


@pytest.fixture
def session(project):
    """A step that writes two channels, one of a thousand rows, paused after it; and one that reads them."""
    project.script(
        "make",
        """
        rows = [f"{i},{'UA' if i % 3 else 'AA'},{'' if i % 10 == 0 else i / 2}" for i in range(1000)]
        write("out", "train/t.csv", "n,carrier,delay\\n" + "\\n".join(rows) + "\\n")
        write("out", "odd/a.csv", "x\\n" + "y" * 5000 + "\\n")
        write("out", "odd/b.csv", "z\\n1\\n2\\n")
        """,
    )
    project.script("use", 'write("out", "t.csv", "a\\n1\\n")')
    steps = {"make": {"outputs": ["out"]}, "use": {"inputs": {"given": "make.out"}, "outputs": ["out"]}}
    made = project.session(project.pipeline(steps), ["make"])
    made.resume()
    return made


def ask(session, what, **told):
    """An answer, as it goes over the wire."""
    return json.loads(json.dumps(inspector.answer(session, what, {**ABOUT, **told})))


def test_a_window_anywhere_in_the_table(session):
    """Rows by number, columns by number, as text."""
    page = ask(session, "table_page", channel="train", **{**WINDOW, "start": 990, "first_column": 1})
    assert (page["total"], page["matched"], page["column_count"], page["first_column"]) == (1000, 1000, 3, 1)
    assert page["positions"] == list(range(990, 1000))
    assert [column["name"] for column in page["columns"]] == ["carrier", "delay"]
    assert page["cells"][0] == ["AA", None]
    assert page["python"] == 'session["make"]["out/train"].df'


def test_the_line_of_python_gives_what_is_shown(session):
    """Sorted and filtered, row for row."""
    view = {"sort": [["carrier", False], ["n", True]], "where": "n > 900 and carrier = 'UA'"}
    page = ask(session, "table_page", channel="train", **{**WINDOW, **view})
    frame = eval(page["python"], {"session": session})
    assert page["matched"] == len(frame) == 66
    assert page["positions"] == list(frame.index[:64])
    assert [row[0] for row in page["cells"]] == [str(n) for n in frame["n"][:64]]
    plain = ask(session, "table_page", channel="train", **WINDOW)
    assert len(eval(plain["python"], {"session": session})) == 1000


def test_a_wrong_filter_says_what_is_wrong(session):
    """In the reader's words; the next question is answered."""
    with pytest.raises(QueryInvalid, match="delai"):
        ask(session, "table_page", channel="train", **{**WINDOW, "where": "delai > 1"})
    assert ask(session, "table_page", channel="train", **WINDOW)["matched"] == 1000


def test_heads_of_some_columns(session):
    """What is missing, how values are distributed, and which are the most frequent."""
    delay, carrier = ask(session, "table_profile", channel="train", names=["delay", "carrier"])
    assert (delay["name"], delay["share"], delay["hot"], len(delay["bars"]) > 1) == ("delay", "10.0%", True, True)
    assert [(one["value"], one["count"]) for one in carrier["top"]] == [("UA", "666"), ("AA", "334")]


def test_a_long_text_is_cut_in_the_page_and_whole_when_asked_for(session):
    """The page says how long it is."""
    page = ask(session, "table_page", channel="odd", file="a.csv", **WINDOW)
    assert page["cut"] == [[0, 0, 5000]]
    assert len(page["cells"][0][0]) < 300
    assert ask(session, "table_cell", channel="odd", file="a.csv", position=0, column="x") == "y" * 5000


def test_the_same_table_as_the_next_steps_input(session):
    """The input is read where the step before wrote it, and called by its own name."""
    page = ask(session, "table_page", step="use", side="inputs", port="given", channel="train", **WINDOW)
    assert page["matched"] == 1000
    assert len(eval(page["python"], {"session": session})) == 1000


def test_an_earlier_pause_shows_what_it_showed(session):
    """A step that has run since has no outputs there."""
    session.resume()
    assert ask(session, "table_page", step="use", port="out", **WINDOW)["matched"] == 1
    with pytest.raises(CommandRefused, match="no data"):
        ask(session, "table_page", step="use", port="out", at=1, **WINDOW)


def test_a_columns_test_is_added_to_the_filter(session):
    """There is one filter, typed or chosen."""
    told = {"column": "n", "type_name": "int", "label": "<", "value": "3", "where": "carrier = 'UA'"}
    assert inspector.answer(session, "table_condition", told) == "carrier = 'UA' and n < 3"
