"""Step keys: the same where a script could not tell the difference, different where it could."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cursus_rt_notebook.workspace.keys import Change, changes, digest_of_value, step_key

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


def written(value: Any) -> Any:
    """A value so that two are equal exactly where a script could not tell them apart."""
    if isinstance(value, dict):
        return {"dict": sorted((repr(k), written(v)) for k, v in value.items()).__repr__()}
    if isinstance(value, list):
        return [written(v) for v in value]
    return type(value).__name__, repr(value)


@given(VALUES, VALUES)
def test_S12_keys_are_equal_exactly_where_values_are(one: Any, other: Any) -> None:
    """Two values share a digest if and only if they are written the same."""
    assert (digest_of_value(one) == digest_of_value(other)) == (written(one) == written(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": "1"}),
        ({"a": 1}, {"a": True}),
        ({"a": "1"}, {"a": True}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": None}, {"a": "None"}),
        ({"a": None}, {}),
        (["ab", "c"], ["a", "bc"]),
        ([["a"], "b"], ["a", ["b"]]),
        ({"a": {"b": "c"}}, {"a": "b", "c": ""}),
        (0.0, -0.0),
        (b"a", "a"),
        ("é", "e\u0301"),
    ],
)
def test_S12_different_values_have_different_keys(one: Any, other: Any) -> None:
    """What a script could tell apart has two digests."""
    assert digest_of_value(one) != digest_of_value(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (math.nan, float("-nan")),
        ((1, 2), [1, 2]),
        ({"x": {"b": [1], "a": 2}}, {"x": {"a": 2, "b": [1]}}),
        ({3, 1, 2}, {2, 3, 1}),
        (Path("/a/b"), Path("/a//b")),
    ],
)
def test_S12_equal_values_have_equal_keys(one: Any, other: Any) -> None:
    """The order of keys, the kind of NaN and the kind of sequence make no difference."""
    assert digest_of_value(one) == digest_of_value(other)


def test_a_numpy_scalar_counts_as_the_number_it_holds() -> None:
    """A config value that went through numpy is no change."""
    import numpy as np

    assert digest_of_value({"a": np.float64(0.5), "b": np.int64(3)}) == digest_of_value({"a": 0.5, "b": 3})


def test_what_is_no_plain_data_is_refused() -> None:
    """An object whose text holds its address would give a new key each time."""
    with pytest.raises(TypeError, match="object is not plain data"):
        digest_of_value({"a": object()})


def test_the_key_is_the_same_in_every_process() -> None:
    """A key found today is found again after a restart, whatever the hash seed."""
    code = "from cursus_rt_notebook.workspace.keys import step_key; print(step_key({'env': {'b': '1', 'a': '2'}}))"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            cwd=Path(__file__).parents[2],
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {step_key({"env": {"a": "2", "b": "1"}})}


def test_changes_names_what_differs() -> None:
    """Each change says section, name, before and after; what came or went has None on one side."""
    old = {"source": {"a.py": "1", "b.py": "2"}, "env": {"TZ": "UTC"}}
    new = {"source": {"a.py": "1", "b.py": "3"}, "args": {"n": "5"}}
    assert changes(old, new) == (
        Change("source", "b.py", "2", "3"),
        Change("args", "n", None, "5"),
        Change("env", "TZ", "UTC", None),
    )
    assert changes(new, new) == ()
