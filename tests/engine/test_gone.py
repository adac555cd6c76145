"""The rows that a step's table lost: what it is compared with, and the DataFrame of them."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.engine.gone import compared
from cursus_rt_notebook.errors import DataError

STEP = """\
rows = [f"{i},n{i % 7}" for i in range(40)]
kept = [row for row in rows if int(row.split(",")[0]) % __KEEP__]
for name, part in (("train", kept[::2]), ("val", kept[1::2])):
    write("parts", name + "/t.csv", "\\n".join(["id,name", *part, ""]))
write("rest", "t.csv", "\\n".join(["id,name", *rows[:4], ""]))
"""


@pytest.fixture
def split(project):
    """A step that drops each row whose number can be divided, but keeps the first four elsewhere."""
    alive = []

    def run(keep: int):
        project.script("split", STEP.replace("__KEEP__", str(keep)))
        outputs = {"parts": {"channels": ["train", "val"]}, "rest": {}}
        session = project.session(project.pipeline({"split": {"outputs": outputs}}))
        session.resume()
        assert session.status == "finished"
        alive.append(session)
        return session["split"]

    return run


def test_the_last_good_run_is_compared_with(split):
    """All channels of a split together; what is in another table of the step is not gone."""
    first = split(1000)
    assert compared(first, "parts", "train") is None
    view = split(5)
    found = compared(view, "parts", "train")
    assert found.run.run_id == first.run.run_id
    assert ([part.channel for part in found.earlier], [part.channel for part in found.present]) == (
        ["train", "val"],
    ) * 2
    rows = view.gone("parts")
    assert sorted(rows.id) == list(range(5, 40, 5))
    assert list(rows.columns) == ["id", "name"]
    assert view.gone("parts/val").equals(rows)


def test_without_an_earlier_run_the_input_it_is_most_like_is(project):
    """The user's own file, or what another step wrote."""
    (project.path / "in.csv").write_text("id,name\n" + "".join(f"{i},n{i}\n" for i in range(20)))
    (project.path / "other.csv").write_text("code\n1\n")
    project.script(
        "filter", 'rows = open(input_paths["raw"]).readlines()\nwrite("out", "t.csv", "".join(rows[:1] + rows[6:]))'
    )
    inputs = {"codes": {"path": str(project.path / "other.csv")}, "raw": {"path": str(project.path / "in.csv")}}
    session = project.session(project.pipeline({"filter": {"inputs": inputs, "outputs": ["out"]}}))
    session.resume()
    found = compared(session["filter"], "out")
    assert (found.run, found.input) == (None, "raw")
    assert list(session["filter"].gone("out").id) == [0, 1, 2, 3, 4]


def test_the_same_artifact_lost_nothing(split):
    """What came from the cache is the very table of the last run."""
    split(5)
    view = split(5)
    assert compared(view, "parts").same
    assert view.gone("parts").empty


def test_what_cannot_be_compared_says_so(project, split):
    """No such table; nothing to compare it with; nothing that tells its rows apart."""
    view = split(1000)
    with pytest.raises(KeyError, match="nowhere"):
        view.gone("nowhere")
    with pytest.raises(DataError, match="nothing is known of parts"):
        view.gone("parts")
    project.script("same", 'write("out", "t.csv", "a,b\\n" + "1,2\\n" * 9)')
    for _ in range(2):
        session = project.session(project.pipeline({"same": {"outputs": ["out"]}}))
        session.resume()
    with pytest.raises(DataError, match="no columns tell the rows of out apart"):
        session["same"].gone("out")
