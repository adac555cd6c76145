"""How things find their way of showing themselves, and what that costs."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from cursus_rt_notebook.render import flow, show
from tests.render import fakes, flights

RUN = type(
    "RunRecord", (), {"run_id": "r7", "pipeline": "flights", "started": 0.0, "ended": 250.0, "status": "finished"}
)


def test_showing_text_loads_nothing_heavy():
    """A text of a run needs neither pandas nor polars, pyarrow, matplotlib, numpy, networkx or IPython."""
    code = (
        "import sys\n"
        "from tests.render import fakes, flights\n"
        "from cursus_rt_notebook.render import show\n"
        "thing = fakes.InteractiveExecutionResult(flights.running(), flights.pipeline())\n"
        "assert show.as_text(thing) and show.as_html(thing)\n"
        "heavy = {'pandas', 'polars', 'pyarrow', 'matplotlib', 'numpy', 'networkx', 'IPython', 'ipywidgets', 'PIL'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_subclass_shows_as_what_it_is_one_of():
    """Classes are known by name, their subclasses by inheritance."""
    session = type("MySession", (fakes.InteractiveExecutionResult,), {})(flights.paused(), flights.pipeline())
    assert "Paused after preprocess" in show.as_text(session)


def test_what_is_none_of_ours_shows_as_python_does():
    """An unknown thing has its plain representation."""
    thing = SimpleNamespace(a="<b>")
    assert show.as_text(thing).startswith("<types.SimpleNamespace object")
    assert "&lt;types.SimpleNamespace object" in show.as_html(thing)
    assert show.graph_png(thing) is None


def test_only_what_has_a_graph_has_a_picture():
    """A session, a pause and a pipeline do; a failure and a step do not."""
    assert show.graph_png(fakes.InteractiveExecutionResult(flights.paused(), flights.pipeline())) is not None
    assert show.graph_png(flights.pipeline()) is not None
    assert show.graph_png(flights.key_error()) is None
    assert show.graph_png(fakes.StepView("train", flights.paused(), flights.pipeline())) is None


def test_runs_are_a_table():
    """A list of runs tells which, when, how long and how it ended."""
    for shown in (show.as_text([RUN(), RUN()]), show.as_html([RUN()])):
        for part in ("r7", "flights", "4 min 10 s", "finished"):
            assert part in shown
    assert "and 10 earlier runs" in show.as_text([RUN()] * 60)


def test_an_explanation_says_what_changed():
    """The sentence, the changes with before and after, and the lines of a script."""
    change = SimpleNamespace(section="env", name="LABEL", before="", after="arr_delay")
    thing = fakes.Explanation("train", "ran: 1 change", "its last attempt", (change,), {"train.py": "-a = 1\n+a = 2"})
    for shown in (show.as_text(thing), show.as_html(thing)):
        for part in (["train", "ran: 1 change"][1], "LABEL", "nothing", "arr_delay", "train.py", "+a = 2"):
            assert part in shown


def test_a_digest_is_told_by_its_beginning():
    """Twelve of its 64 digits tell two digests apart, and fit on a line."""
    change = SimpleNamespace(section="source", name="train.py", before="a" * 64, after="b" * 64)
    shown = show.as_text(fakes.Explanation("train", "ran: 1 change", "its last attempt", (change,), {}))
    assert f"train.py: {'a' * 12} → {'b' * 12}" in shown


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ((), ""),
        (("train", "val", "test"), "train · val · test"),
        (("train", "val", "test", "learned"), "train · val + 2"),
    ],
)
def test_an_arrow_names_as_much_as_it_has_room_for(names, told):
    """Whole names, and how many more there are."""
    assert flow._some(names) == told


@pytest.mark.parametrize("columns", [1, 10_000])
def test_odd_terminals_get_a_sane_width(columns):
    """A terminal that claims one column, or ten thousand, gets between 60 and 140."""
    pause = fakes.Pause(flights.paused(), flights.pipeline(), outputs=fakes.flights_outputs())
    assert 50 < max(map(len, show.as_text(pause, columns).splitlines())) <= 140
