"""Seconds and bytes as people write them."""

from __future__ import annotations

import math

import pytest

from cursus_rt_notebook.pipeline.units import UnitError, parse_bytes, parse_seconds


@pytest.mark.parametrize(
    ("written", "amount"),
    [("2GB", 2 * 10**9), ("1.5 GiB", 3 * 2**29), ("512mib", 2**29), (" 3 TB ", 3 * 10**12), (2**30, 2**30), (2.5e9, 2_500_000_000)],
)  # fmt: skip
def test_bytes(written, amount):
    """GB is a thousand million bytes, GiB is 2**30, and a plain number is bytes."""
    assert parse_bytes(written) == amount


@pytest.mark.parametrize(
    "written", ["2G", "2", "2 cats", "GB", "-2GB", "1e3GB", "", "0GB", 2, -1, True, None, [], math.nan, math.inf]
)
def test_what_is_no_memory(written):
    """What is no amount of memory, or too little to start in, is refused with an example."""
    with pytest.raises(UnitError) as caught:
        parse_bytes(written)
    assert caught.value.fix.startswith("write ")


@pytest.mark.parametrize(("written", "seconds"), [(60, 60.0), (0.5, 0.5)])
def test_seconds(written, seconds):
    """Times are numbers of seconds."""
    assert parse_seconds(written) == seconds


@pytest.mark.parametrize(
    ("written", "fix"),
    [("5m", "300"), ("1.5 hours", "5400"), ("90", "90"), ("2 min", "120"), ("10 secs", "10"), ("soon", "60")],
)
def test_durations_are_converted_in_the_remedy(written, fix):
    """A duration with a unit is answered with its seconds."""
    with pytest.raises(UnitError) as caught:
        parse_seconds(written)
    assert caught.value.fix == f"write the seconds as a number: {fix}"


@pytest.mark.parametrize("written", [0, -1, True, math.nan, math.inf, 10**400, None, [60]])
def test_what_is_no_time(written):
    """A limit is positive and finite."""
    with pytest.raises(UnitError):
        parse_seconds(written)
