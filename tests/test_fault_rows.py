"""Every row of the fault table has a test that is called after it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# Process, store, run, leak, view, artefact, name, key, use: how many rows each letter has.
ROWS = {"P": 17, "S": 17, "R": 8, "L": 6, "V": 8, "A": 7, "N": 6, "K": 6, "U": 5}
# Nothing there is to be tested yet: a folder is never cleared, nothing speaks to a store elsewhere.
LATER = {"N5", "K4"}


@pytest.fixture(scope="module")
def called() -> str:
    """The names of all tests and of the scripts in the table, a line each."""
    names = [path.stem for path in (TESTS / "faults" / "scripts").glob("*.py")]
    for path in TESTS.rglob("test_*.py"):
        names += re.findall(r"^ *(?:async )?def test_(\w+)", path.read_text(), re.MULTILINE)
    return "\n".join(names)


@pytest.mark.parametrize("row", [f"{letter}{n + 1}" for letter, count in ROWS.items() for n in range(count)])
def test_every_row_has_a_test(row: str, called: str):
    """One whose name carries the row's id."""
    if row not in LATER:
        assert re.search(rf"(^|_){row}(_|$)", called, re.MULTILINE | re.IGNORECASE)
