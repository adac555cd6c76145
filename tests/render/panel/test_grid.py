"""A table as the grid shows it: pages, heads, conditions and the line of Python, as plain data."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from cursus_rt_notebook.data.artifact import Artifact
from cursus_rt_notebook.data.query import Bin, Category, ColumnProfile, PageColumn, Sort, TablePage
from cursus_rt_notebook.data.reader import Reader
from cursus_rt_notebook.errors import CommandRefused
from cursus_rt_notebook.render.panel import conditions, grid

PAGE = TablePage(
    total=300,
    matched=20,
    start=0,
    positions=(3, 9),
    column_count=3,
    first_column=0,
    columns=(PageColumn("delay", "float"), PageColumn("carrier", "text"), PageColumn("when", "date")),
    cells=(("nan", None, "2013-01-01"), ("2.5", "O'Hare", None)),
    cut=((1, 1, 4000),),
    note="only its beginning",
)
WINDOW = {"start": 0, "rows": 2, "first_column": 0, "columns": 3}
# Each is a word of SQL somewhere, and a column's name somewhere else.
WORDS = (
    "all and any as asc between by case cast current_date date day default desc distinct else end escape except exists"
    " explain false fetch from group having id if in index interval into is join left like limit localtime minus month"
    " name natural not null offset on or order select self session_user set some struct table then time timestamp to"
    " top trim true union unnest user using value values view when where window with year Name LIMIT"
)


@pytest.fixture(scope="module")
def reader():
    """A reader of our own."""
    made = Reader()
    yield made
    made.close()


class Fake:
    """An artifact that answers from memory, and remembers what it was asked."""

    expression = 'session["a"]["out"]'

    def __init__(self, *profiles):
        self.asked = []
        self.profiles = profiles

    def page(self, **told):
        """The one page."""
        self.asked.append(told)
        return PAGE

    def profile(self, names):
        """The profiles, whatever was asked."""
        return self.profiles


def test_a_page_is_plain_data():
    """What the reader answers reaches the browser as JSON, with the types' tests and the line of Python."""
    artifact = Fake()
    page = grid.page_view(artifact, **WINDOW, sort=[["delay", True]], where="delay > 1")
    assert artifact.asked == [{**WINDOW, "sort": [Sort("delay", descending=True)], "where": "delay > 1"}]
    told = json.loads(json.dumps(page))
    assert told["columns"][0] == {"name": "delay", "type": "float", "numeric": True}
    assert told["cells"] == [["nan", None, "2013-01-01"], ["2.5", "O'Hare", None]]
    assert (told["positions"], told["cut"], told["note"]) == ([3, 9], [[1, 1, 4000]], "only its beginning")
    assert {"label": "≥", "value": True} in told["choices"]["float"]
    assert {"label": "is missing", "value": False} in told["choices"]["text"]
    assert told["python"] == "session[\"a\"][\"out\"].query('delay > 1', sort='-delay')"


def test_the_example_is_a_condition_on_this_table():
    """A hint with columns that the table has and values that they hold; none where nothing fits."""
    assert conditions.example(PAGE) == "delay > 2.5 and carrier = 'O''Hare'"
    empty = TablePage(0, 0, 0, (), 1, 0, (PageColumn("x" * 500, "int"),), ())
    assert conditions.example(empty) == ""


@pytest.mark.parametrize(
    ("where", "sort", "line"),
    [
        (None, [], "t.df"),
        ("a > 1", [], "t.query('a > 1')"),
        (None, [("a", False)], "t.query(sort='a')"),
        ("c = 'x'", [("a", True), ("b", False)], "t.query(\"c = 'x'\", sort=['-a', 'b'])"),
        (None, [("-a", False)], "t.query().sort_values(['-a'], ascending=[True], kind=\"stable\")"),
    ],
)
def test_one_line_of_python_gives_the_same_table(where, sort, line):
    """A name that begins with a dash is no order to sort downwards."""
    assert grid.python_line("t", where, sort) == line


def test_a_column_of_numbers_has_bars_and_a_range():
    """The highest bar is one, what is there at all is to be seen, what is not there is nothing."""
    bins = (Bin("0", "1", 1000), Bin("1", "2", 1), Bin("2", "3", 0))
    column = grid.profile_view(Fake(ColumnProfile("x", "float", 0.021, "0", "3", bins)), ["x"])[0]
    assert column["bars"] == [1.0, 0.06, 0]
    assert (column["share"], column["hot"], column["wide"]) == ("2.1%", True, False)
    assert column["facts"] == ["2.1% missing", "0 to 3", "most between 0 and 1 (1,000)"]


def test_a_column_of_texts_has_its_most_frequent_values():
    """They can be pressed, so that they are there as they are; what is read is made visible."""
    top = (Category("UA", 10), Category("", 5), Category("\u202eevil", 1))
    profile = ColumnProfile("c", "text", 0.02, distinct=10_000, distinct_more=True, top=top)
    column = grid.profile_view(Fake(profile), ["c"])[0]
    assert [one["value"] for one in column["top"]] == ["UA", "", "\u202eevil"]
    assert [one["text"] for one in column["top"]] == ["UA", '""', "\\u202eevil"]
    assert column["facts"][1] == "more than 10,000 different values"
    assert (column["wide"], column["hot"], column["bars"]) == (True, False, [1.0, 0.5, 0.1])


def test_a_column_of_nothing_has_no_bars():
    """No value, no division by the highest bar."""
    column = grid.profile_view(Fake(ColumnProfile("c", "empty", 1.0)), ["c"])[0]
    assert (column["bars"], column["share"], column["facts"]) == ([], "100%", ["100% missing"])


@pytest.mark.parametrize(
    ("column", "type_name", "label", "value", "condition"),
    [
        ("a", "int", ">", " 60 ", "a > 60"),
        ("a", "float", "≠", "-1.5e3", "a <> -1.5e3"),
        ("c", "text", "=", "O'Hare", "c = 'O''Hare'"),
        ("c", "text", "=", "", "c = ''"),
        ("c", "category", "contains", "N7", "c like '%N7%'"),
        ("c", "text", "contains", "50.5%", r"regexp_like(c, '50\.5%')"),
        ("b", "bool", "is false", "", "b = false"),
        ("d", "date", "≥", "2013-01-31", "d >= '2013-01-31'"),
        ("l", "list", "is missing", "", "l is null"),
        ('q"1 {0}', "int", "is not missing", "", '"q""1 {0}" is not null'),
        ("", "int", "=", "1", '"" = 1'),
        ("user", "int", "=", "1", '"user" = 1'),
    ],
)
def test_a_test_of_a_column_becomes_sql(column, type_name, label, value, condition):
    """Values and odd names are quoted; what is plain stays readable."""
    assert conditions.condition(column, type_name, label, value) == condition


def test_a_further_test_narrows_what_is_there():
    """An alternative that is there already is kept together."""
    add = conditions.condition
    assert add("a", "int", "=", "1", "b = 2") == "b = 2 and a = 1"
    assert add("a", "int", "=", "1", "b = 2 OR c = 3") == "(b = 2 OR c = 3) and a = 1"


@pytest.mark.parametrize(
    ("type_name", "label", "value", "why"),
    [
        ("int", "=", "abc", "no number"),
        ("int", "=", "1; drop table self", "no number"),
        ("float", ">", "", "no number"),
        ("date", "<", "' or 1 = 1", "no date"),
        ("list", "=", "1", "no test"),
    ],
)
def test_a_value_of_another_kind_is_refused_in_words(type_name, label, value, why):
    """Nothing gets into a condition unquoted that is not what it is said to be."""
    with pytest.raises(CommandRefused, match=why):
        conditions.condition("a", type_name, label, value)


def test_every_name_can_be_asked_about(tmp_path, reader):
    """Whatever SQL takes a name for, the condition made for it means the column."""
    import pandas as pd

    names = [*WORDS.split(), "", 'q"uote', "a.b", "a b", "1", "é", "<b>", "__proto__", "x" * 1000, "it's", "{0}"]
    pd.DataFrame({name: [1, 2, 3] for name in names}).to_parquet(tmp_path / "t.parquet")
    artifact = Artifact(tmp_path, reader=reader)
    for name in names:
        where = conditions.condition(name, "int", "≥", "2")
        assert artifact.page(where=where).positions == (1, 2), where


@pytest.mark.parametrize("label", ["contains", "starts with", "ends with", "="])
def test_texts_are_tested_as_they_are(tmp_path, reader, label):
    """Wildcards, quotes and backslashes in a value are only themselves."""
    import pandas as pd

    odd = ["50.5%", "a_b", "it's", 'q"q', "back\\slash", "*", "(", "[x]", "é", "{0}", " "]
    pd.DataFrame({"c": [*odd, "zzz", "aXb", "50x5", None]}).to_parquet(tmp_path / "t.parquet")
    artifact = Artifact(tmp_path, reader=reader)
    for i, text in enumerate(odd):
        assert artifact.page(where=conditions.condition("c", "text", label, text)).positions == (i,), text


def test_a_file_that_is_gone_is_refused_in_words(tmp_path):
    """Looked for in what the port holds now; a port that is a file itself has no others."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.csv").write_text("x\n1\n")
    artifact = Artifact(tmp_path / "out", port="out")
    view = SimpleNamespace(name="make", outputs={"out": artifact}, inputs={"given": Artifact(tmp_path / "out/a.csv")})
    assert grid.table_at(view, "outputs", "out", None, "a.csv").path.name == "a.csv"
    assert grid.table_at(view, "inputs", "given", None, "a.csv").path.name == "a.csv"
    for port, file in (("out", "b.csv"), ("elsewhere", None)):
        with pytest.raises(CommandRefused, match="now"):
            grid.table_at(view, "outputs", port, None, file)
