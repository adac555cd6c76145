"""The tables in README.md here lead from each line of the seed, each habit of scripts, and each part of a project, to code and tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import cursus_rt_notebook as crt

HERE = Path(__file__).parent
PACKAGE = Path(crt.__file__).parent
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (HERE / "README.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith(("| Seed", "| Habit", "| Project |", "| ---"))
]


def test_no_row_is_empty():
    """Each says where its line lives, and what shows it."""
    assert len(ROWS) > 60
    assert all(len(row) == 3 and all(row) for row in ROWS)


def test_every_module_is_there():
    """The files and folders that the second column names."""
    named = {name for row in ROWS for name in re.findall(r"`([a-z_/]+(?:\.py|/))`", row[1])}
    assert len(named) > 40
    assert sorted(name for name in named if not (PACKAGE / name).exists()) == []


def test_every_test_is_there():
    """The files that the third column names, and the functions in them; `::name` means the file before it."""
    missing = []
    for row in ROWS:
        file = ""
        for given, function in re.findall(r"`([a-z_/]+\.py|[a-z_]+/|)(?:::([a-z_]+))?`", row[2]):
            file = given or file
            path = HERE / file
            if not path.exists() or (function and f"def {function}(" not in path.read_text()):
                missing.append((row[0], file, function))
    assert missing == []
