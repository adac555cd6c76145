"""What a failed script tells: frames, variables, chain."""

from __future__ import annotations

from typing import Any

import pytest

from cursus_rt_notebook import settings
from tests.worker.conftest import Steps


def error_of(steps: Steps, text: str, **options: Any) -> dict[str, Any]:
    outcome = steps.run_text(text, **options)
    assert outcome.ended == "raised"
    assert outcome.error is not None
    return dict(outcome.error)


def variables(frame: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {v["name"]: v for v in frame["variables"]}


def test_frames_tell_function_file_line_and_source(steps: Steps):
    """The user's own frames first to last, with the lines around; none of ours among them."""
    steps.write("scripts/helper.py", "# one\n# two\ndef divide(a, b):\n    # four\n    return a / b\n# six\n")
    error = error_of(steps, "import helper\nx = 1\nhelper.divide(x, 0)")
    first, second = error["frames"]
    assert [f["function"] for f in error["frames"]] == ["main", "divide"]
    assert (first["own"], second["own"]) == (True, True)
    assert second["file"].endswith("helper.py")
    assert second["line"] == 5
    assert second["source"] == [
        [n + 1, t]
        for n, t in enumerate(["# one", "# two", "def divide(a, b):", "    # four", "    return a / b", "# six"])
    ]
    assert variables(second)["a"] == {"name": "a", "type": "int", "value": "1", "columns": [], "rows": None}
    assert error["traceback"].startswith("Traceback")
    assert "_cursus_inside" not in error["traceback"]
    assert "inside/child.py" not in error["traceback"] + steps.log
    assert "ZeroDivisionError" in steps.log


def test_a_comprehension_is_part_of_its_function(steps: Steps):
    """One frame with the variables of both, as from 3.12 on, where a comprehension has none of its own."""
    text = "table = {}\nreturn {\n    x: [\n        table[y]\n        for y in 'k']\n    for x in range(3)}"
    (frame,) = error_of(steps, text)["frames"]
    assert (frame["function"], frame["line"]) == ("main", 5)
    assert {"x", "y", "table", "job_args"} <= set(variables(frame))
    assert not [name for name in variables(frame) if name.startswith(".")]


def test_library_frames_are_marked(steps: Steps):
    """A reader wants the own frame, not json's."""
    error = error_of(steps, "import json\njson.loads('{')")
    assert [f["own"] for f in error["frames"]] == [True, *[False] * (len(error["frames"]) - 1)]
    assert len(error["frames"]) > 1
    assert error["bases"][:2] == ["JSONDecodeError", "ValueError"]


def test_frames_of_compiled_libraries_are_theirs(steps: Steps):
    """Cython names its sources by a path that is nowhere on this machine."""
    pytest.importorskip("pandas")
    error = error_of(steps, "import io\nimport pandas as pd\npd.read_csv(io.BytesIO(bytes([255, 0])))")
    assert any(f["file"].endswith((".pyx", ".pxi")) for f in error["frames"])
    assert [f["own"] for f in error["frames"]] == [True, *[False] * (len(error["frames"]) - 1)]


def test_tables_are_told_by_columns_and_rows(steps: Steps):
    """pandas, polars and pyarrow: never their text, which may be long and slow."""
    steps.modules = ("pandas", "polars", "pyarrow")
    error = error_of(
        steps,
        "import pandas as pd, polars as pl, pyarrow as pa\n"
        "a = pd.DataFrame({'dep_delay': [1, 2], 'arr': [3, 4]})\nb = pl.DataFrame({'x': [1]})\nc = pa.table({'y': [1, 2, 3]})\n"
        "wide = pd.DataFrame([range(3000)])\nseries = a['arr']\n"
        "a['dep_dealy']",
    )
    found = variables(error["frames"][0])
    assert (found["a"]["columns"], found["a"]["rows"]) == (["dep_delay", "arr"], 2)
    assert found["a"]["type"].endswith("DataFrame")
    assert (found["b"]["columns"], found["b"]["rows"]) == (["x"], 1)
    assert (found["c"]["columns"], found["c"]["rows"]) == (["y"], 3)
    assert len(found["wide"]["columns"]) == 2000
    assert "2 int64" in found["series"]["value"]
    assert (error["type"], error["key"]) == ("KeyError", "'dep_dealy'")


def test_a_chain_is_told_once_each(steps: Steps):
    """Cause, context, notes, groups; a circle ends."""
    error = error_of(
        steps,
        "try:\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        int('x')\n"
        "except ValueError as error:\n    problem = RuntimeError('outer')\n    problem.add_note('look here')\n    raise problem from error",
    )
    assert (error["type"], error["notes"]) == ("RuntimeError", ["look here"])
    assert (error["cause"]["type"], error["cause"]["how"]) == ("ValueError", "cause")
    assert (error["cause"]["cause"]["type"], error["cause"]["cause"]["how"]) == ("ZeroDivisionError", "context")
    error = error_of(steps, "raise ExceptionGroup('both', [ValueError('a'), TypeError('b')])")
    assert [e["type"] for e in error["exceptions"]] == ["ValueError", "TypeError"]
    error = error_of(steps, "a, b = ValueError('a'), ValueError('b')\na.__cause__, b.__cause__ = b, a\nraise a")
    assert error["cause"]["cause"] is None


def test_a_deep_recursion_shows_its_beginning_and_its_end(steps: Steps):
    """A thousand frames are thirty."""
    error = error_of(steps, "def down(n):\n    return down(n + 1)\ndown(0)")
    assert error["type"] == "RecursionError"
    assert len(error["frames"]) == settings.FRAMES
    assert error["frames"][0]["function"] == "main"
    assert len(error["traceback"]) < 70_000


def test_many_and_long_variables_are_bounded(steps: Steps):
    """At most so many, each so long."""
    error = error_of(steps, "\n".join(f"x{i} = 'y' * 10_000" for i in range(100)) + "\n1 / 0")
    found = error["frames"][0]["variables"]
    assert len(found) == settings.LOCALS_PER_FRAME
    assert all(len(v["value"]) <= settings.VALUE_TEXT for v in found)


def test_slow_texts_are_given_up(steps: Steps):
    """A hundred variables that each take for ever hold up the end for a few seconds, no more."""
    outcome = steps.run_text(
        "class Slow:\n    def __repr__(self):\n        import time\n        time.sleep(100)\n"
        "slow = [Slow() for _ in range(6)]\na = b = c = d = e = Slow()\n"
        + "\n".join(f"s{i} = Slow()" for i in range(30))
        + "\n1 / 0"
    )
    assert outcome.error is not None
    assert outcome.error["type"] == "ZeroDivisionError"
    assert outcome.error["frames"][-1]["variables"]
    assert outcome.seconds < settings.EXIT_GRACE


def test_a_text_that_kills_the_process_leaves_the_least(steps: Steps):
    """What was sent first stays: the type and the place."""
    outcome = steps.run_text(
        "import os\nclass Deadly:\n    def __repr__(self):\n        os._exit(9)\nx = Deadly()\n1 / 0"
    )
    assert outcome.ended == "raised"
    assert outcome.error is not None
    assert outcome.error["type"] == "ZeroDivisionError"
    assert outcome.error["frames"][-1]["line"] == 7


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("import nothing_here", {"type": "ModuleNotFoundError", "name": "nothing_here"}),
        ("from os import nothing_here", {"type": "ImportError", "name": "os"}),
        ("open('/no/such/file')", {"type": "FileNotFoundError", "filename": "/no/such/file", "errno": 2}),
        ("nothing_here", {"type": "NameError", "name": "nothing_here"}),
        ("compile('x = (', 'text.py', 'exec')", {"type": "SyntaxError", "filename": "text.py", "lineno": 1}),
        ("raise ConnectionResetError(1, 'x')", {"type": "ConnectionResetError"}),
    ],
)
def test_what_an_exception_carries_is_told(steps: Steps, text: str, facts: dict[str, Any]):
    """Names, files, lines: what advice is made of."""
    error = error_of(steps, text)
    assert {key: error.get(key) for key in facts} == facts
    if facts["type"] == "ConnectionResetError":
        assert "ConnectionError" in error["bases"]


def test_the_lines_shown_are_those_that_ran(steps: Steps):
    """A script that is edited while it runs shows what it was when it began."""
    error = error_of(steps, "from pathlib import Path\nPath(__file__).write_text('nothing\\n' * 9)\n1 / 0")
    assert [n, "    1 / 0"] in error["frames"][0]["source"] if (n := error["frames"][0]["line"]) else False


def test_the_scripts_own_excepthook_is_heard(steps: Steps):
    """As in production."""
    outcome = steps.run_text("import sys\nsys.excepthook = lambda *_: print('hooked')\n1 / 0")
    assert outcome.ended == "raised"
    assert "hooked" in steps.log
