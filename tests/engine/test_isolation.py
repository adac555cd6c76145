"""Two steps that change everything around them, side by side, see nothing of each other, nor does the kernel."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SELFISH = """
import json, logging, sys, time
import numpy as np

me = job_args.name
before = {
    "X": os.environ.get("X"),
    "cwd": Path.cwd().name,
    "path": [p for p in sys.path if p.startswith("/added")],
    "handlers": len(logging.root.handlers),
    "draw": float(np.random.random()),
}
os.environ["X"] = me
os.chdir(job_args.folder)
sys.path.insert(0, f"/added/{me}")
np.random.seed(job_args.seed)
logging.basicConfig(level=logging.DEBUG, format=f"{me} %(message)s", force=True)

Path(job_args.meet, me).write_text("here")
deadline = time.monotonic() + 20
while len(list(Path(job_args.meet).iterdir())) < job_args.others and time.monotonic() < deadline:
    time.sleep(0.01)

after = {
    "met": len(list(Path(job_args.meet).iterdir())),
    "X": os.environ["X"],
    "cwd": str(Path.cwd()),
    "path": [p for p in sys.path if p.startswith("/added")],
    "format": logging.root.handlers[0].formatter._fmt,
    "draw": float(np.random.random()),
}
write("out", "t.json", json.dumps({"before": before, "after": after}))
"""


@pytest.fixture
def told(project) -> dict[str, Any]:
    """What two steps side by side saw before and after their changes, and what a third saw after both."""
    import json

    project.script("selfish", SELFISH)
    (project.path / "meet").mkdir()
    steps = {}
    for seed, name in enumerate(("one", "two", "third")):
        folder = project.path / f"cwd_{name}"
        folder.mkdir()
        args = {"name": name, "folder": str(folder), "seed": seed, "meet": str(project.path / "meet"), "others": 2}
        after = {"a": "one.out", "b": "two.out"} if name == "third" else {}
        steps[name] = {"script": "selfish.py", "inputs": after, "outputs": ["out"], "args": args}
    session = project.session(project.pipeline(steps), max_workers=2)
    assert session.resume() is None, session.pause
    return {name: json.loads((session[name]["out"].path / "t.json").read_text()) for name in steps}


def test_two_steps_side_by_side_do_not_see_each_other(told, project):
    """Each keeps its variable, folder, path, random numbers and logging while the other sets its own."""
    for seed, name in enumerate(("one", "two")):
        assert told[name]["after"] == {
            "met": 2,
            "X": name,
            "cwd": str(project.path / f"cwd_{name}"),
            "path": [f"/added/{name}"],
            "format": f"{name} %(message)s",
            "draw": float(np.random.RandomState(seed).random_sample()),
        }


def test_a_step_begins_clean(told):
    """Also one that runs after the others; and no two draw the same numbers before they seed."""
    for name in told:
        before = told[name]["before"]
        assert before["X"] is None
        assert before["path"] == []
        assert before["handlers"] == 0
        assert not before["cwd"].startswith("cwd_")
    assert len({told[name]["before"]["draw"] for name in told}) == 3


def test_the_kernel_sees_nothing_of_them(request):
    """Its environment, folder, path, random state and logging are what they were."""
    before = kernel()
    request.getfixturevalue("told")
    assert kernel() == before


def kernel() -> tuple[Any, ...]:
    numbers = [part.tolist() if isinstance(part, np.ndarray) else part for part in np.random.get_state()]  # noqa: NPY002  # what a step seeds
    path = [p for p in sys.path if p.startswith("/added")]
    return os.environ.get("X"), Path.cwd(), path, numbers, logging.root.level, list(logging.root.handlers)
