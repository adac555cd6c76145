"""Where the time of a step's `main` went, as its process wrote it down."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.worker.conftest import Steps
from tests.worker.test_interpreters import other

SLOW = """
import time

def main(input_paths, output_paths, environ_vars, job_args):
    slow()
    quick()
    if job_args.fails:
        raise ValueError("in the end")

def slow():
    until = time.perf_counter() + 0.3
    while time.perf_counter() < until:
        sum(range(1000))

def quick():
    until = time.perf_counter() + 0.05
    while time.perf_counter() < until:
        sum(range(1000))
"""


def profile(steps: Steps, text: str, **options: Any) -> tuple[Any, dict[str, Any]]:
    path = steps.folder / "profile.json"
    options.setdefault("job_args", {"fails": False})
    outcome = steps.run_text(text, profile=str(path), **options)
    return outcome, json.loads(path.read_text()) if path.exists() else {}


def function(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in found["functions"] if each["function"] == name)


def nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(below for child in node["children"] for below in nodes(child))]


@pytest.mark.parametrize("fails", [False, True])
def test_a_step_is_sampled_where_its_interpreter_has_pyinstrument(steps: Steps, *, fails: bool):
    """A tree from main downwards, the functions and the lines that took the time; also of a main that raised."""
    pytest.importorskip("pyinstrument")
    outcome, found = profile(steps, SLOW, job_args={"fails": fails})
    assert outcome.ended == ("raised" if fails else "succeeded"), outcome.error
    script = str(steps.folder / "scripts" / "script.py")
    tree = found["tree"]
    assert found["profiler"] == "pyinstrument"
    assert (tree["function"], tree["file"], tree["line"], tree["library"]) == ("main", script, 4, False)
    assert 0.3 < tree["seconds"] <= found["seconds"] * 1.01
    assert [child["function"] for child in tree["children"]] == ["slow", "quick"]
    assert all(child["seconds"] >= tree["seconds"] * 0.005 for child in nodes(tree))
    assert function(found, "slow")["seconds"] > function(found, "quick")["seconds"] > 0
    first = found["lines"][0]
    assert (first["file"], first["line"] in {12, 13}) == (script, True)
    assert all(line["file"] == script for line in found["lines"])
    if fails:
        assert [frame["function"] for frame in outcome.error["frames"]] == ["main"]


def test_a_step_is_counted_where_its_interpreter_has_none(steps: Steps):
    """Under an old Python with nothing installed: the functions by cProfile, with their calls."""
    steps.python = other("3.8")
    outcome, found = profile(steps, SLOW)
    assert outcome.ended == "succeeded", outcome.error
    assert found["profiler"] == "cProfile"
    assert (found["tree"], found["lines"]) == (None, [])
    slow = function(found, "slow")
    assert (slow["calls"], slow["line"], slow["library"]) == (1, 10, False)
    assert slow["seconds"] >= 0.3
    assert slow["own"] < slow["seconds"]
    assert function(found, "<built-in method builtins.sum>")["calls"] > 10


def test_the_main_block_is_profiled_too(steps: Steps):
    """A script that is run as production runs it."""
    text = SLOW + "\nif __name__ == '__main__':\n    slow()\n"
    outcome, found = profile(steps, text, entry="script", job_args={})
    assert outcome.ended == "succeeded", outcome.error
    assert function(found, "slow")["seconds"] > 0.2


def test_the_tree_is_not_deeper_than_json_goes(steps: Steps):
    """A deep recursion is cut, and counts once."""
    pytest.importorskip("pyinstrument")
    text = (
        "import sys, time\n"
        "def main(input_paths, output_paths, environ_vars, job_args):\n"
        "    sys.setrecursionlimit(20000)\n"
        "    deeper(3000)\n"
        "def deeper(n):\n"
        "    return deeper(n - 1) if n else time.sleep(0.1)\n"
    )
    outcome, found = profile(steps, text)
    assert outcome.ended == "succeeded", outcome.error
    assert function(found, "deeper")["seconds"] < found["seconds"] * 1.01
    assert len(nodes(found["tree"])) <= 200


@pytest.mark.parametrize(
    "hostile",
    [
        "import sys\nsys.setprofile(None)",
        "import builtins, json, time\nbuiltins.open = json.dumps = time.perf_counter = None",
        "import cProfile\ncProfile.run('1 + 1')",
        "import os\nif os.fork() == 0:\n    raise SystemExit(0)\nos.wait()",
    ],
    ids=["its own profiler", "builtins replaced", "cProfile", "fork"],
)
def test_a_script_that_disturbs_the_profiler_runs_all_the_same(steps: Steps, hostile: str):
    """The profile may be poor; the step's end is its own."""
    outcome, found = profile(steps, hostile)
    assert outcome.ended == "succeeded", outcome.error
    assert found["seconds"] > 0


def test_a_local_file_of_the_profilers_name_is_not_taken_for_it(steps: Steps):
    """Nothing of the user's is imported to profile with."""
    steps.write("scripts/pyinstrument.py", "raise SystemExit('imported')")
    steps.write("scripts/profile.py", "raise SystemExit('imported')")
    outcome, found = profile(steps, SLOW)
    assert outcome.ended == "succeeded", outcome.error
    assert found["profiler"] == "cProfile"


def test_a_profile_that_cannot_be_written_is_no_failure(steps: Steps):
    """The log says that it was lost."""
    outcome = steps.run_text("return 1", profile=str(steps.folder / "nowhere" / "profile.json"))
    assert outcome.ended == "succeeded"
    assert "the profile could not be written" in steps.log
